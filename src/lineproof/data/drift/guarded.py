"""What a comparison may tell and draw of columns that hold personal data: figures, no values."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from lineproof.data.drift.alignment import Categories
from lineproof.data.drift.compare import Comparison
from lineproof.data.drift.kinds import CATEGORY, CLOCK, TIME
from lineproof.data.drift.summary import ColumnSummary, Numbers, TableSummary

__all__ = ["without_personal"]

_SAMPLE = 600  # values that a column is classified by
_WHOLE = 2.0**53  # numbers beyond are left out: as whole numbers they would not be exact
_EXTREMES = ("minimum", "maximum")


def without_personal(found: Comparison) -> Comparison:
    """Give a comparison that names no value of a column with personal data.

    Whose values these are is judged by the values themselves, and of recorded versions it is known.
    """
    # 1. Classify the columns by the values that the summaries hold.
    # 2. Take the values of personal ones out of the report and out of what pictures are drawn from.
    personal = _personal(found.reference) | _personal(found.current)
    if not personal:
        return found
    for name in personal & found.report.columns.keys():
        verdict = found.report.columns[name]
        verdict.new_categories, verdict.vanished_categories = {}, {}
        for side in (verdict.reference, verdict.current):
            for extreme in _EXTREMES:
                side.pop(extreme, None)
    return Comparison(found.report, *(_emptied(one, personal) for one in (found.reference, found.current)))


def _emptied(summary: TableSummary, personal: set[str]) -> TableSummary:
    columns = {
        name: msgspec.structs.replace(one, cells=None, withheld=True) if name in personal else one
        for name, one in summary.columns.items()
    }
    return msgspec.structs.replace(summary, columns=columns)


def _personal(summary: TableSummary) -> set[str]:
    from lineproof.data.classification import Column, classify_table  # noqa: PLC0415 - its word lists are read

    known = {name for name, one in summary.columns.items() if one.withheld}
    columns = {}
    for name, one in summary.columns.items():
        values = None if one.withheld else _values(one)
        if values is not None:
            distinct = 0 if one.cells is None else one.cells.distinct
            columns[name] = Column(values, one.rows, one.missing, distinct)
    return known | {name for name, held in classify_table(columns, "").items() if held.personal}


def _values(column: ColumnSummary) -> Any:
    """Give some values of a column as an Arrow array; None where the summary holds none."""
    cells = column.cells
    if isinstance(cells, Categories) and column.kind == CATEGORY:
        step = max(1, len(cells.values) // _SAMPLE)
        return pa.array(cells.values[::step][:_SAMPLE], pa.string())
    if not isinstance(cells, Numbers) or column.kind == CLOCK:
        return None
    edges = [one for one in cells.edges[1:] if abs(one) < _WHOLE]
    if column.kind == TIME:
        return pa.array([int(one * 1e6) for one in edges], pa.timestamp("us"))
    whole = all(one == int(one) for one in edges)
    return (
        pa.array([int(one) for one in edges], pa.int64())
        if whole and edges
        else pa.array(edges, pa.float64())
    )
