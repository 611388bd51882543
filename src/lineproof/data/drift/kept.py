"""Summaries that were kept: made fit to be stored, and compared with each other without the data.

A summary made on its own has cells of its own. To compare it, its rows are counted again in the cells of
the reference: exactly where cells hold one value each, else by a straight line between two edges, which
are at most one row in five hundred apart.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from lineproof.data.drift.compare import ALPHA, Comparison, compare
from lineproof.data.drift.kinds import CATEGORY, NUMBER
from lineproof.data.drift.source import Table, open_table
from lineproof.data.drift.summary import ColumnSummary, Numbers, TableSummary, load_summary
from lineproof.data.kernel import TableState
from lineproof.data.kernel.column import ColumnState
from lineproof.data.kernel.histogram import number_edges
from lineproof.errors import StateError

__all__ = ["categories_of", "compare_kept", "from_bytes", "like", "open_file", "to_bytes", "without_values"]

FORMAT = "lineproof-drift-1"
_TICK_S = 1e-6


class _Packed(msgspec.Struct, array_like=True):
    format: str
    summary: TableSummary


class _Head(msgspec.Struct, array_like=True):
    format: str


def open_file(path: Path) -> Table | TableSummary:
    """Open a summary that `--keep` wrote, or a table.

    Raises:
        DataError: There is no such file, or it cannot be read as a table.
        DriftInputError: It is a damaged summary.
        EmptyTableError: It has no columns or no rows.
    """
    summary = load_summary(path) if path.suffix == ".json" and path.is_file() else None
    return summary or open_table(path)


def to_bytes(summary: TableSummary) -> bytes:
    """Write a summary to be stored."""
    return msgspec.msgpack.encode(_Packed(FORMAT, summary))


def from_bytes(data: bytes) -> TableSummary:
    """Read a stored summary.

    Raises:
        StateError: It is of another version, or damaged.
    """
    try:
        format_ = msgspec.msgpack.decode(data, type=_Head).format
        if format_ != FORMAT:
            raise StateError(f"a summary of format {format_[:40]}, this version reads {FORMAT}")
        return msgspec.msgpack.decode(data, type=_Packed).summary
    except (msgspec.MsgspecError, ValueError) as error:
        raise StateError("the bytes are not the summary of a table") from error


def without_values(summary: TableSummary, state: TableState, personal: Collection[str]) -> TableSummary:
    """Give a summary without the values of columns that hold personal data.

    Text and categories keep nothing but how many are missing. Numbers and times keep the cells of the
    state's histogram, whose ends are blurred: none of their edges is a value that somebody has.

    Args:
        summary: Of all columns.
        state: Of the same table, those columns redacted.
        personal: Names of the columns.
    """
    columns = {
        name: _withheld(one, state.columns[name]) if name in personal and name in state.columns else one
        for name, one in summary.columns.items()
    }
    return msgspec.structs.replace(summary, columns=columns)


def _withheld(column: ColumnSummary, state: ColumnState) -> ColumnSummary:
    cells = column.cells
    if not isinstance(cells, Numbers) or not state.numbers.counts:
        return msgspec.structs.replace(column, cells=None, withheld=True)
    bins = sorted(state.numbers.counts)
    end = _upper if column.kind == NUMBER else _end_of_year
    edges = [end(one) for one in bins]
    coarse = Numbers(
        edges=edges[:-1],
        counts=[state.numbers.counts[one] for one in bins],
        distinct=state.distinct.count(),
        minimum=None,
        maximum=None,
        mean=cells.mean if column.kind == NUMBER else None,
        deviation=cells.deviation if column.kind == NUMBER else None,
        inertia=cells.inertia,
    )
    return msgspec.structs.replace(column, cells=coarse, withheld=True)


def _upper(number: int) -> float:
    """Give the largest number in a bin: bins of positive numbers end before their limit."""
    high = number_edges(number)[1]
    return float(np.nextafter(high, -np.inf)) if number > 0 else high


def _end_of_year(day: int) -> float:
    """Give the last moment of the year that a bin of a redacted histogram of times stands for, in seconds."""
    years = np.array([day], "datetime64[D]").astype("datetime64[Y]") + 1
    return float(years.astype("datetime64[s]").astype(np.int64)[0]) - _TICK_S


def categories_of(summary: TableSummary) -> set[str]:
    """Give the columns that are compared as text: files without types of their own are read to match."""
    return {name for name, one in summary.columns.items() if one.kind == CATEGORY}


def compare_kept(reference: TableSummary, current: TableSummary, *, alpha: float = ALPHA) -> Comparison:
    """Compare two summaries, neither of which was made like the other.

    Raises:
        NothingToCompareError: They have no column in common.
    """
    fitted = like(current, reference)
    added = [name for name in current.columns if name not in reference.columns]
    return Comparison(compare(reference, fitted, added=added, alpha=alpha), reference, fitted)


def like(current: TableSummary, reference: TableSummary) -> TableSummary:
    """Give a summary as if it had been made like the reference: its rows in the reference's cells."""
    columns = {
        name: _column_like(one, reference.columns[name])
        for name, one in current.columns.items()
        if name in reference.columns
    }
    return msgspec.structs.replace(current, columns=columns, order=reference.order)


def _column_like(current: ColumnSummary, reference: ColumnSummary) -> ColumnSummary:
    near, far = reference.cells, current.cells
    if not (isinstance(near, Numbers) and isinstance(far, Numbers)):
        return current
    if near.season is not None or far.season is not None:  # each took out its own: the rows are needed
        return msgspec.structs.replace(current, cells=None)
    return msgspec.structs.replace(current, cells=_cells_like(far, near))


def _cells_like(current: Numbers, reference: Numbers) -> Numbers:
    counts, total = np.asarray(current.counts), sum(current.counts)
    below = _rows_up_to(np.asarray(reference.edges), current, np.cumsum(counts)[:-1])
    ends = np.rint(np.concatenate([[0.0], below, [float(total)]])).astype(int)
    return msgspec.structs.replace(
        current, edges=reference.edges, counts=np.diff(ends).tolist(), season=None, worth=0.0
    )


def _rows_up_to(wanted: Any, cells: Numbers, sums: Any) -> Any:
    """Give how many rows are not above each of the wanted values; `sums` are those up to each edge."""
    edges = np.asarray(cells.edges)
    if not len(edges):
        return np.zeros(len(wanted))
    one_value_each = cells.minimum is not None and len(edges) == cells.distinct + 1
    if one_value_each or not np.isfinite(edges).all():
        places = np.searchsorted(edges, wanted, side="right")
        return np.concatenate([[0], sums])[places].astype(float)
    return np.interp(wanted, edges, sums, left=0.0, right=float(sum(cells.counts)))
