"""Operations that turn values into columns or columns into values."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of

__all__ = ["FUNCTIONS", "ON_BOTH", "ON_FRAME", "frame_of"]


def frame_of(op: Operation) -> tuple[Table, Any]:
    """Give the table and the object, for methods and for functions that take the frame first."""
    if op.receiver is not None:
        return op.table, op.receiver
    keyword = {"get_dummies": "data", "melt": "frame", "wide_to_long": "df"}.get(op.name, "data")
    obj = op.given(0, keyword)
    return as_table(op.operand(0, keyword), obj), obj


def _shift(op: Operation) -> int:
    return 0 if op.receiver is not None else 1


def _some(table: Table, labels: Any) -> list[ColumnOrigin]:
    if labels is None:
        return []
    listed = list(labels) if isinstance(labels, (list, tuple)) and table.get(labels) is None else [labels]
    found = []
    for label in listed:
        try:
            found.append(table.get(label) or table.keys)
        except TypeError:
            found.append(table.flat)
    return found


def _pivoted(op: Operation) -> Table:
    """`pivot`, `pivot_table`: keys become index and columns, values fill the cells."""
    table, obj = frame_of(op)
    at = _shift(op)
    values, index, columns = _pivot_arguments(op, at)
    keys = [*_some(table, index), *_some(table, columns)]
    arrays = [extra for extra in (index, columns) if hasattr(extra, "dtype")]
    keys.extend(origin_of(op.site.operand(extra, None)) for extra in arrays)
    condition = combined((*keys, table.rows), op.name).as_condition()
    value_labels = _value_labels(table, values, index, columns)
    flat = combined([table.get(label) or table.flat for label in value_labels], op.name)
    function = op.given(at + 3, "aggfunc")
    outside = origin_of(op.uses(function).outside) if callable(function) else CONSTANT

    def pick(label: Any) -> ColumnOrigin:
        first = label[0] if isinstance(label, tuple) else label
        own = (
            table.get(first)
            if first in value_labels and (isinstance(label, tuple) or columns is None)
            else None
        )
        return combined((own or flat, outside), op.name).under(condition)

    levels = tuple(origin.under(condition) for origin in _some(table, index)) or (condition,)
    if index is None and columns is not None and obj is not None:
        levels = table.index
    if op.name == "pivot_table":  # groups without any value are left out
        levels = tuple(origin.under(flat.as_condition()) for origin in levels)
    names = combined(_some(table, columns), op.name).under(levels[0].as_condition())
    return op.shaped(pick, index=levels, rows=condition).but(names=names)


def _pivot_arguments(op: Operation, at: int) -> tuple[Any, Any, Any]:
    if op.name == "pivot":
        return op.given(at + 2, "values"), op.given(at + 1, "index"), op.given(at, "columns")
    return op.given(at, "values"), op.given(at + 1, "index"), op.given(at + 2, "columns")


def _value_labels(table: Table, values: Any, index: Any, columns: Any) -> list[Any]:
    if values is not None:
        return list(values) if isinstance(values, list) else [values]
    keys = {
        each
        for part in (index, columns)
        for each in (part if isinstance(part, list) else [part])
        if _plain(each)
    }
    return [label for label in table.labels if label not in keys]


def _plain(label: Any) -> bool:
    return shape_of(label) is Shape.SCALAR or isinstance(label, tuple)


def _crosstab(op: Operation) -> Table:
    """`crosstab(index, columns, values, aggfunc)`: counts that depend on the keys."""
    keys = [op.origin(0, "index"), op.origin(1, "columns")]
    values = op.origin(2, "values")
    condition = combined(keys, op.name).as_condition()
    cell = condition if values is CONSTANT else values.under(condition)
    found = op.shaped(lambda _: cell, index=(keys[0].under(condition),), rows=condition)
    return found.but(names=keys[1].under(condition))


def _melted(op: Operation) -> Table:
    """`melt`: identifiers repeat, names of columns become values, values stack up."""
    table, _ = frame_of(op)
    at = _shift(op)
    identifiers = op.given(at, "id_vars")
    kept = list(identifiers) if isinstance(identifiers, (list, tuple)) else [identifiers]
    values = op.given(at + 1, "value_vars")
    stacked = [label for label in table.labels if label not in kept] if values is None else values
    stacked = list(stacked) if isinstance(stacked, (list, tuple)) else [stacked]
    flat = combined([table.get(label) or table.flat for label in stacked], op.name)
    value_name = op.given(at + 3, "value_name", "value")

    def pick(label: Any) -> ColumnOrigin:
        if label in kept and label is not None:
            return table.get(label) or table.flat
        return flat if label == value_name else table.names

    return op.shaped(pick, rows=table.rows)


def _stacked(op: Operation) -> Table:
    """`stack`: columns become a level of the index."""
    table = op.table
    flat = combined(table.origins, op.name)
    extra = (op.target.index.nlevels if shape_of(op.target) in (Shape.SERIES, Shape.FRAME) else 0) - len(
        table.index
    )
    index = (*table.index, *((table.names,) * max(extra, 0)))
    if shape_of(op.result) is Shape.FRAME:
        return op.shaped(lambda label: _below(table, label) or flat, index=index, rows=table.rows)
    return op.shaped(lambda _: flat, index=index, rows=table.rows)


def _below(table: Table, label: Any) -> ColumnOrigin | None:
    found = [
        origin
        for name, origin in zip(table.labels, table.origins, strict=True)
        if isinstance(name, tuple) and label in name
    ]
    return combined(found, "stack") if found else table.get(label)


def _unstacked(op: Operation) -> Table:
    """`unstack`: a level of the index becomes columns; which cell a value lands in depends on the index."""
    table = op.table
    condition = combined((table.keys, table.rows), op.name).as_condition()

    def pick(label: Any) -> ColumnOrigin:
        first = label[0] if isinstance(label, tuple) else label
        own = None if table.vector else table.get(first)
        return (own or table.flat).by(op.name).under(condition)

    levels = _remaining_levels(op, table)
    found = op.shaped(pick, index=tuple(origin.under(condition) for origin in levels), rows=condition)
    gone = [origin for origin in table.index if origin not in levels]
    return found.but(names=combined(gone, op.name))


def _remaining_levels(op: Operation, table: Table) -> tuple[ColumnOrigin, ...]:
    level = op.given(0, "level", -1)
    names = list(op.receiver.index.names)
    at = names.index(level) if level in names else level
    if isinstance(at, int) and len(table.index) > 1 and -len(table.index) <= at < len(table.index):
        removed = at % len(table.index)
        return tuple(origin for position, origin in enumerate(table.index) if position != removed)
    return table.index


def _wide_to_long(op: Operation) -> Table:
    """`wide_to_long(df, stubnames, i, j)`: columns that share a stub stack up."""
    table, _ = frame_of(op)
    stubs = op.given(1, "stubnames")
    stubs = list(stubs) if isinstance(stubs, (list, tuple)) else [stubs]
    keys = _some(table, op.given(2, "i"))

    def pick(label: Any) -> ColumnOrigin:
        own = table.columns.get(label)
        if own is not None and label not in stubs:
            return own
        found = [origin for name, origin in table.columns.items() if str(name).startswith(str(label))]
        return combined(found, op.name) if label in stubs and found else table.flat

    return op.shaped(pick, index=(*keys, CONSTANT), rows=table.rows)


def _transposed(op: Operation) -> Table:
    """`frame.T`: every column holds a part of each; the rows are the columns."""
    table = op.table
    if table.vector:
        return table
    elements = dict(table.columns)
    if table.elements is not None and set(table.elements) == set(op.labels()):
        found = op.shaped(lambda label: (table.elements or {})[label], rows=table.rows, elements=elements)
    else:
        found = op.shaped(lambda _: combined(table.origins, "transpose"), rows=table.rows, elements=elements)
    levels = op.result.index.nlevels if shape_of(op.result) is Shape.FRAME else 1
    if table.elements is None:  # which row became which column, its label says
        found = found.mapped(lambda origin: origin.under(table.keys.as_condition()))
        found = found.but(elements=elements)
    return found.but(index=(table.names,) * levels, names=table.keys)


ON_BOTH: dict[str, Rule] = {"unstack": _unstacked}
ON_FRAME: dict[str, Rule] = {
    "pivot": _pivoted,
    "pivot_table": _pivoted,
    "melt": _melted,
    "stack": _stacked,
    "T": _transposed,
    "transpose": _transposed,
}
FUNCTIONS: dict[str, Rule] = {
    "pivot": _pivoted,
    "pivot_table": _pivoted,
    "crosstab": _crosstab,
    "melt": _melted,
    "wide_to_long": _wide_to_long,
}
