"""Windows over rows: `rolling`, `expanding`, `ewm`, also inside groups."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.group import first_level, selected
from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of

__all__ = ["WINDOW", "WINDOWED"]


def _window(op: Operation) -> Table:
    """`rolling`, `expanding`, `ewm`: neighbours in row order, or in time with `on` and offsets."""
    on = op.call.kwargs.get("on")
    table = op.table
    window = op.given(0, "window") if op.name == "rolling" else op.call.kwargs.get("times")
    keys: dict[Any, ColumnOrigin] = {}
    if on is not None:
        keys[on] = table.get(on) or table.keys
    elif window is not None and not isinstance(window, int):
        keys[None] = table.keys
    condition = combined(keys.values(), op.name).as_condition()
    # Windows keep the rows: the index stays what it is.
    rows = combined((table.rows, condition), op.name).as_condition()
    return table.but(rows=rows, elements=None, base=table)


def _windowed(op: Operation) -> Table:
    """`rolling(...).mean()`: each column from itself; `cov` and `corr` also from their argument."""
    table = op.table
    extra = combined([origin_of(value) for value in op.arguments()], op.name)
    condition = table.rows
    own = op.table.base
    pairs = op.name in ("corr", "cov") and _in_pairs(op, own)

    def value(label: Any) -> ColumnOrigin:
        if table.vector or pairs:
            origin = table.flat
        else:
            kept = None if own is None or isinstance(label, tuple) else own.get(label)  # `on`, say
            origin = table.get(label) or kept or first_level(table, label)
        return combined((origin, extra), op.name).under(condition)

    if table.elements:  # windows inside groups: keys come before the original index
        index = (*table.index, *(own.index if own is not None else (CONSTANT,)))
        return op.shaped(value, index=index, rows=condition)
    return op.shaped(value, index=table.index, rows=own.rows if own is not None else condition)


def _in_pairs(op: Operation, own: Table | None) -> bool:
    """Whether `corr` or `cov` gave one row for each column: every column with every other."""
    if shape_of(op.result) is not Shape.FRAME or own is None:
        return False
    return bool(op.result.index.nlevels > len(own.index) + len(op.table.elements or {}))


WINDOWED: dict[str, Rule] = dict.fromkeys(
    (
        "sum", "mean", "median", "min", "max", "std", "var", "sem", "count", "skew", "kurt", "quantile", "rank", "corr",
        "cov", "agg", "aggregate", "apply", "first", "last", "nunique",
    ),
    _windowed,
)  # fmt: skip
WINDOWED["__getitem__"] = selected
WINDOW: Rule = _window
