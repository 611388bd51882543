"""What a source of data is: a place from which Arrow record batches come, more than once if need be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

__all__ = ["BATCH_ROWS", "Source", "TypesWidened", "unique_names"]

BATCH_ROWS = 1 << 16


class TypesWidened(Exception):  # noqa: N818 - a signal between a source and its reader, not an error
    """A later part of a text file is other than the earlier parts let expect: read it again, it knows now."""


class Source(Protocol):
    """A table somewhere.

    Attributes:
        files: Files that it reads, whose bytes are its evidence; none for what is in memory.
    """

    files: tuple[Path, ...]

    def batches(self) -> Iterator[Any]:
        """Give the rows as Arrow record batches with unique column names; at least one batch.

        Raises:
            TypesWidened: Begin again; what was read so far is void.
            DataError: The data cannot be read as a table; the message says where.
        """


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
