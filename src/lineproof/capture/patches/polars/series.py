"""Series of polars and their namespaces: one column, so that all that went in is in what comes out."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, carry, shape_of
from lineproof.capture.provenance.callsite import called_directly
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Tabular, Value, origin_of

__all__ = ["INIT", "NAMESPACE", "SERIES", "operands"]

_DECIDED = frozenset(("filter", "gather", "zip_with", "top_k_by", "bottom_k_by", "sort_by", "__getitem__"))


def rows_of(values: list[Value]) -> ColumnOrigin:
    """Give what decided about the rows of operands."""
    return combined([each.table.rows for each in values if isinstance(each, Tabular)], "rows").as_condition()


def operands(op: Operation) -> list[Value]:
    """Give all arguments; those of operators stand beside them in the source."""
    if op.name == "__array_ufunc__":  # the function and how it is called stand before its operands
        return [op.site.operand(each, at) for at, each in enumerate(op.call.args[3:])]
    if not op.name.startswith("__"):
        return op.arguments()
    given = op.call.args[1:]
    if op.name == "__getitem__":
        return [op.site.operand(each, "key") for each in given if not isinstance(each, (str, list, slice))]
    if op.name == "__setitem__":
        return [op.site.operand(given[0], "key"), op.site.operand(given[1], "value")]
    side = "left" if op.name.startswith("__r") and op.name != "__rshift__" else "right"
    return [op.site.operand(each, side) for each in given]


def _series(op: Operation) -> Table | None:
    """Any method: the values, and what the arguments bring; what only chooses is indirect."""
    values = operands(op)
    table = op.table
    given = combined([origin_of(each) for each in values], op.name)
    if op.name == "zip_with":  # the mask chooses, the other series fills
        origin = combined((table.flat, *map(origin_of, values[1:])), op.name).under(
            combined(map(origin_of, values[:1]), op.name)
        )
    elif op.name in _DECIDED:
        origin = table.flat.under(given)
    else:
        origin = combined((table.flat, given), op.name)
    rows = combined((table.rows, rows_of(values)), op.name).as_condition()
    if op.name in _DECIDED and op.name != "zip_with":
        rows = combined((rows, given), op.name).as_condition()
    if shape_of(op.target) in (Shape.OTHER, Shape.GROUPED):
        return None
    labels = op.labels()
    return Table(labels, [origin] * len(labels), rows=rows, vector=shape_of(op.target) is not Shape.TABLE)


def _namespace(op: Operation) -> Table | None:
    """`series.str`: stands for the series; the methods of the namespace are asked of it."""
    carry(op.result, op.table)
    return None


def _init(op: Operation) -> Table | None:
    """`Series(name, values)` or `Series(values)`."""
    if not called_directly():
        return None
    at = 1 if len(op.call.args) > 2 or "values" in op.call.kwargs else 0  # noqa: PLR2004 -- self, name, values
    slot: Any = at if len(op.call.args) > at + 1 else "values"
    data = op.given(at, "values")
    value: Value = Fields({}) if data is None else op.value_of(data, slot)
    rows = value.table.rows if isinstance(value, Tabular) else CONSTANT
    return Table((op.receiver.name,), [origin_of(value)], rows=rows, vector=True)


SERIES: Rule = _series
NAMESPACE: Rule = _namespace
INIT: Rule = _init
