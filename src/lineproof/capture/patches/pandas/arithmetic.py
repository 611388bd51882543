"""Operators, their method forms, and numpy's universal functions on series and frames."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, aligned, per_column
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import NOTHING_KNOWN, Tabular, Value, elementwise, merged, origin_of

__all__ = ["METHODS", "OPERATOR", "UFUNC"]


def _operator(op: Operation) -> Table:
    """`_arith_method(other, operation)` and its kin: called by every operator."""
    other, operation = op.call.args[1], op.call.args[2]
    name = getattr(operation, "__name__", op.name).strip("_")
    return _binary(op, _other_side(op, other, reflected=name.startswith("r") and name != "rshift"), name)


def _other_side(op: Operation, other: Any, *, reflected: bool) -> Value:
    """Give the operand that is not the receiver.

    A comparison may be turned round by the interpreter without telling; both sides are taken then,
    which adds nothing that the receiver does not bring anyway.
    """
    if op.name != "_cmp_method" or shape_of(other) in (Shape.SERIES, Shape.FRAME) or not op.table.vector:
        return op.site.operand(other, "left" if reflected else "right")
    if op.site.is_literal("left") or op.site.is_literal("right"):
        return NOTHING_KNOWN
    sides = [op.site.operand(other, side) for side in ("left", "right")]
    return merged([side for side in sides if side != NOTHING_KNOWN])


def _method(op: Operation) -> Table:
    """`frame.add(other)`, `series.div(other)`."""
    other = op.operand(0, "other")
    fill = op.operand(2 if op.table.vector else 3, "fill_value")
    extra = origin_of(fill)
    found = _binary(op, other, op.name, down=op.given(1, "axis", "columns") in (0, "index"))
    return found.mapped(lambda origin: combined((origin, extra), op.name))


def _binary(op: Operation, other: Value, rule: str, *, down: bool = False) -> Table:
    table = op.table
    condition = (
        aligned(table, [other])
        if isinstance(other, Tabular) and not _along_columns(table, other, down)
        else None
    )
    rows, index = table.rows, table.index
    if isinstance(other, Tabular) and condition is not None and shape_of(op.result) is not Shape.SCALAR:
        rows = combined((rows, other.table.rows), rule).as_condition()
        if other.table.index != index and len(other.table.index) == len(index):
            pairs = zip(index, other.table.index, strict=True)
            index = tuple(combined(pair, rule) for pair in pairs)
    if table.vector and isinstance(other, Tabular) and not other.table.vector:
        return _flipped(op, other.table, table, rule)

    def origin(label: Any, mine: ColumnOrigin | None, position: int) -> ColumnOrigin:
        theirs = origin_of(other) if down else per_column(other, label, position)
        both = combined((theirs,) if mine is None else (mine, theirs), rule)
        return both if condition is None else both.under(condition)

    if table.vector:
        name = op.labels()[0]
        elements = _elements(table, other, rule)
        return op.alike([origin(name, table.flat, 0)], table, rows=rows, index=index, elements=elements)
    labels = op.labels()
    origins = [origin(label, table.get(label), position) for position, label in enumerate(labels)]
    return op.alike(origins, table, rows=rows, index=index)


def _along_columns(table: Table, other: Tabular, down: bool) -> bool:
    """A frame and a series: pandas matches the series' labels with the columns, not with the rows."""
    return not table.vector and other.table.vector and not down


def _elements(table: Table, other: Value, rule: str) -> dict[Any, ColumnOrigin] | None:
    """Two series with one element per column, or one and a number, stay so."""
    if table.elements is None:
        return None
    return {
        label: combined((origin, per_column(other, label, -1)), rule)
        for label, origin in table.elements.items()
    }


def _flipped(op: Operation, frame: Table, series: Table, rule: str) -> Table:
    """A series meets a frame: the outcome is a frame."""
    mine = Tabular(series, vector=True)
    labels = op.labels()
    origins = [
        combined((frame.get(label) or frame.flat, per_column(mine, label, at)), rule)
        for at, label in enumerate(labels)
    ]
    return op.alike(origins, frame)


def _ufunc(op: Operation) -> Table | None:
    """`np.log(series)`, `array * series`: `__array_ufunc__(ufunc, method, *inputs)`."""
    ufunc, method, inputs = op.call.args[1], op.call.args[2], op.call.args[3:]
    sides = ("left", "right")
    values = []
    for at, given in enumerate(inputs):
        operator = len(inputs) == len(sides) and op.site.expression(sides[at]) is not None
        values.append(op.site.operand(given, sides[at] if operator else at))
    tables = [value.table for value in values if isinstance(value, Tabular) and value.table.labels]
    main = next((table for table in tables if not table.vector), tables[0] if tables else op.table)
    if method != "__call__" or isinstance(op.result, tuple):
        return op.shaped(lambda _: combined(map(origin_of, values), ufunc.__name__), rows=main.rows)
    outcome = elementwise(values, ufunc.__name__)
    condition = aligned(main, values)
    if isinstance(outcome, Tabular):
        return op.alike([origin.under(condition) for origin in outcome.table.origins], main)
    return op.alike([origin_of(outcome).under(condition)], main)


_NAMES = (
    "add", "sub", "subtract", "mul", "multiply", "div", "divide", "truediv", "floordiv", "mod", "pow", "dot",
    "eq", "ne", "lt", "le", "gt", "ge",
)  # fmt: skip
METHODS: dict[str, Rule] = {name: _method for each in _NAMES for name in (each, f"r{each}") if each != "dot"}
OPERATOR: Rule = _operator
UFUNC: Rule = _ufunc
