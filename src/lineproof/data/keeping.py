"""What is kept of a table once it has been read: its state, what its columns hold, and its summary for drift.

Nothing here holds an extreme, a frequent value or a sample of a column with personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import msgspec

from lineproof.data.classification import Classification
from lineproof.data.drift import open_table, summarise
from lineproof.data.drift.kept import without_values
from lineproof.data.drift.summary import TableSummary
from lineproof.data.kernel import TableState, Workspace
from lineproof.data.reading import read
from lineproof.data.scanning import Scan, Word, classified
from lineproof.errors import DataError, DataLimitError, DriftError

__all__ = ["Kept", "keep", "never"]


def never() -> bool:
    """Tell that there is no end of time."""
    return False


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a table.

    Attributes:
        scan: Identity, state and classes.
        found: Classes as the values show them, before anybody's word about them.
        summary: What drift is measured from; None where there is nothing to compare.
    """

    scan: Scan
    found: dict[str, Classification]
    summary: TableSummary | None


def keep(
    path: Path,
    *,
    said: Word | None = None,
    also: Collection[str] = (),
    spent: Callable[[], bool] = never,
) -> Kept:
    """Read a file for what is to be kept of it.

    Args:
        path: The file.
        said: Gives the classes in people's word for those that the values show.
        also: Further columns to treat as personal, such as those that personal data flows into.
        spent: Tells whether reading has taken as long as it may.

    Raises:
        DataError: It cannot be read as a table, or changed meanwhile.
        DataLimitError: It takes longer than it may.
    """
    # 1. One pass for state and digest, which stops when time is up.
    # 2. Classify, and forget the values of personal columns in the state.
    # 3. Summarise for drift, and forget the values of the same columns there.
    space = Workspace()

    def add(state: TableState, batch: Any) -> None:
        if spent():
            raise DataLimitError(f"{path} takes longer to read than it may")
        state.update(batch, space)

    digest, state = read(path, TableState, add)
    scan, found = classified(state, path.stem, digest, said=said, also=also)
    summary = None
    if not spent():
        personal = [name for name, one in scan.classes.items() if one.personal] + [*also]
        try:
            summary = without_values(summarise(open_table(path)), state, personal)
        except (DriftError, DataError):  # no rows, or a type that cannot be compared: the state stays
            summary = None
    return Kept(scan, found, summary)
