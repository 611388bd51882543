"""Reading a table once from end to end into a state, with the digest of its bytes taken beside it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lineproof.data.digest import file_digest, folder_digest, stamp, unchanged
from lineproof.data.kernel import ContentState, Workspace
from lineproof.data.sources import Source, TypesWidened, open_source

__all__ = ["FileFingerprint", "fingerprint", "read"]

S = TypeVar("S")


class FileFingerprint(msgspec.Struct, frozen=True):
    """Identity of a table: of its bytes, and of its content.

    Attributes:
        digest: Of the bytes of the file or folder; None for a table in memory.
        fingerprint: Of the content.
        rows: Number of rows.
        columns: Fingerprint of each column.
    """

    digest: str | None
    fingerprint: str
    rows: int
    columns: dict[str, str]


def fingerprint(data: Any) -> FileFingerprint:
    """Give the identity of a table.

    Args:
        data: File, folder of Parquet files, or table in memory.

    Raises:
        DataError: It cannot be read as a table, or changed meanwhile.
    """
    digest, state = read(data, lambda: ContentState(columns={}), _add_to_content())
    content = state.content()
    return FileFingerprint(digest, content.fingerprint, content.rows, content.columns)


def _add_to_content() -> Callable[[ContentState, Any], None]:
    space = Workspace()
    return lambda state, batch: state.update(batch, space)


def read(data: Any, begin: Callable[[], S], add: Callable[[S, Any], None]) -> tuple[str | None, S]:
    """Read a table into a state.

    Args:
        data: File, folder of Parquet files, or table in memory.
        begin: Makes an empty state; called again when a text file has to be read from its start again.
        add: Adds a record batch to a state.

    Returns:
        Digest of the bytes, None for a table in memory; and the state.

    Raises:
        DataError: It cannot be read as a table, or changed meanwhile.
    """
    source = open_source(data)
    before = [(path, stamp(path)) for path in source.files]
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(_digest, data, source)
        state = _read(source, begin, add)
        for path, old in before:
            unchanged(path, old)
        return digest.result(), state


def _digest(data: Any, source: Source) -> str | None:
    if not source.files:
        return None
    root = Path(data)
    return folder_digest(root, source.files) if root.is_dir() else file_digest(root)


def _read(source: Source, begin: Callable[[], S], add: Callable[[S, Any], None]) -> S:
    while True:
        state = begin()
        try:
            for batch in source.batches():
                add(state, batch)
        except TypesWidened:  # each time at least one column's type becomes wider, so this ends
            continue
        return state
