"""Reading a table once from end to end into a state, with the digest of its bytes taken beside it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import msgspec

from lineproof.data.digest import stamp, unchanged
from lineproof.data.kernel import ContentState, Workspace
from lineproof.data.sources import Source, TypesWidened, open_source
from lineproof.errors import DataError

__all__ = ["FileFingerprint", "Reading", "fingerprint", "read", "read_part"]

S = TypeVar("S")


class Reading(Generic[S]):
    """What came of reading a table.

    Attributes:
        digest: Of the bytes; None where there are none, or they changed.
        state: Of the rows that were read.
        rows: How many these are.
        problem: Why that is not all; None when it is.
    """

    def __init__(self, digest: str | None, state: S, rows: int, problem: DataError | None) -> None:
        self.digest = digest
        self.state = state
        self.rows = rows
        self.problem = problem


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
        data: File, folder of Parquet files, URL, source, or table in memory.

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
        data: File, folder of Parquet files, URL, source, or table in memory.
        begin: Makes an empty state; called again when a text file has to be read from its start again.
        add: Adds a record batch to a state.

    Returns:
        Digest of the bytes, None for a table in memory; and the state.

    Raises:
        DataError: It cannot be read as a table, or changed meanwhile; the message says how far it was read.
    """
    found = read_part(data, begin, add)
    if found.problem is not None:
        raise found.problem
    return found.digest, found.state


def read_part(data: Any, begin: Callable[[], S], add: Callable[[S, Any], None]) -> Reading[S]:
    """Read a table into a state, as far as it can be read; the arguments are those of `read`.

    Raises:
        DataError: Nothing of it can be read.
    """
    source = open_source(data)
    before = [(path, stamp(path)) for path in source.files]
    with ThreadPoolExecutor(1) as pool:
        digest = pool.submit(source.digest)
        state, rows, problem = _read(source, begin, add)
        try:
            for path, old in before:
                unchanged(path, old)
            return Reading(digest.result(), state, rows, problem)
        except DataError as error:
            return Reading(None, state, rows, problem or error)


def _read(
    source: Source, begin: Callable[[], S], add: Callable[[S, Any], None]
) -> tuple[S, int, DataError | None]:
    while True:
        state, rows = begin(), 0
        batches = source.batches()
        while True:
            try:
                batch = next(batches)
            except StopIteration:
                return state, rows, None
            except TypesWidened:  # each time at least one column's type becomes wider, so this ends
                break
            except DataError as error:
                if not rows:
                    raise
                before = "the row before was" if rows == 1 else f"the {rows:,} rows before were"
                told = f"{error.message}; {before} read"
                return state, rows, type(error)(told, error.remedy)
            add(state, batch)
            rows += batch.num_rows
