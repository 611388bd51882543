"""What a source of data is: a place from which Arrow record batches come, more than once if need be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from lineproof.data.digest import file_digest

__all__ = ["BATCH_ROWS", "FileSource", "Source", "TypesWidened", "unique_names"]

BATCH_ROWS = 1 << 16


class TypesWidened(Exception):  # noqa: N818 - a signal between a source and its reader, not an error
    """A later part of the data is other than the earlier parts let expect: read it again, it knows now."""


class Source(Protocol):
    """A table somewhere.

    Attributes:
        name: Of the table, a hint for what its columns hold; empty where there is none.
        files: Local files that it reads; none for what is in memory, in a database or elsewhere.
    """

    name: str
    files: tuple[Path, ...]

    def batches(self) -> Iterator[Any]:
        """Give the rows as Arrow record batches with unique column names; at least one batch.

        Raises:
            TypesWidened: Begin again; what was read so far is void.
            DataError: The data cannot be read as a table; the message says where.
        """

    def digest(self) -> str | None:
        """Give the digest of the bytes, None where there are none to speak of: in memory, in a database.

        Raises:
            DataError: They cannot be read, or changed meanwhile.
        """


class FileSource:
    """What sources that read one local file have in common."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is opened by `batches`."""
        self.name = path.name.partition(".")[0]
        self.files: tuple[Path, ...] = (path,)
        self._path = path

    def digest(self) -> str | None:
        """Give the digest of the file; see `Source.digest`."""
        return file_digest(self._path)


def unique_names(names: list[str]) -> list[str]:
    """Give column names without repetition: the second `a` is `a.1`, the third `a.2`."""
    taken, given = set(names), []
    counts: dict[str, int] = {}
    for name in names:
        new = name
        while name in counts and new in taken:
            new = f"{name}.{counts[name]}"
            counts[name] += 1
        counts.setdefault(name, 1)
        taken.add(new)
        given.append(new)
    return given
