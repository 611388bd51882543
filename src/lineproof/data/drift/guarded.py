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

_SAMPLE = 300  # values of each side that a column is classified by
_WHOLE = 2.0**53  # numbers beyond are left out: as whole numbers they would not be exact
_EXTREMES = ("minimum", "maximum")


def without_personal(found: Comparison) -> Comparison:
    """Give a comparison that names no value of a column with personal data.

    Whose values these are is judged by the values themselves, and of recorded versions it is known.
    """
    # 1. Classify the columns by the values that the summaries hold.
    # 2. Take the values of personal ones out of the report and out of what pictures are drawn from.
    personal = _personal(found.reference, found.current)
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


def _personal(reference: TableSummary, current: TableSummary) -> set[str]:
    """Give the columns of persons, by the values of both sides together."""
    from lineproof.data.classification import Column, classify_table  # noqa: PLC0415 - its word lists are read

    known, columns = set(), {}
    for name, near in reference.columns.items():
        far = current.columns.get(name, near)
        if near.withheld or far.withheld:
            known.add(name)
        elif (values := _values(near, far)) is not None:
            columns[name] = Column(values, near.rows, near.missing, near.cells.distinct if near.cells else 0)
    return known | {name for name, held in classify_table(columns, "").items() if held.personal}


def _values(near: ColumnSummary, far: ColumnSummary) -> Any:
    """Give some values of a column as an Arrow array; None where the summaries hold none."""
    cells = near.cells
    if isinstance(cells, Categories) and near.kind == CATEGORY:
        others = far.cells.values if isinstance(far.cells, Categories) else []
        return pa.array(list(dict.fromkeys((*_some(cells.values), *_some(others)))), pa.string())
    if not isinstance(cells, Numbers) or near.kind == CLOCK:
        return None
    edges = [one for one in cells.edges[1:] if abs(one) < _WHOLE]  # the current side has the same
    if near.kind == TIME:
        return pa.array([int(one * 1e6) for one in edges], pa.timestamp("us"))
    whole = bool(edges) and all(one == int(one) for one in edges)
    return pa.array([int(one) for one in edges], pa.int64()) if whole else pa.array(edges, pa.float64())


def _some(values: list[str]) -> list[str]:
    return values[:: max(1, len(values) // _SAMPLE)][:_SAMPLE]
