"""Operations that change a frame or series in place: brackets, `loc`, `insert`, `pop`, `del`."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.indexing import row_condition, split_key
from lineproof.capture.patches.pandas.operation import Operation, Rule, aligned, label_list, per_column
from lineproof.capture.provenance.attachment import Shape, attach, shape_of
from lineproof.capture.provenance.callsite import Place
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Tabular, Value, origin_of
from lineproof.model.lineage import Precision

__all__ = [
    "DELETE",
    "FRAME_SETITEM",
    "INSERT",
    "LOCATION_SETITEM",
    "POP",
    "SCALAR_SETITEM",
    "SERIES_SETITEM",
    "SET_AXIS",
]

_RULE = "assignment"


def _stored(value: Value, table: Table, label: Any, position: int) -> ColumnOrigin:
    """Give what a value brings into one column of `table`."""
    origin = per_column(value, label, position)
    return origin.under(aligned(table, [value])).under(table.rows)


def _positional(value: Value, given: Any) -> Value:
    """What is no series and no frame is stored row by row, whatever index it once had."""
    if isinstance(value, Tabular) and shape_of(given) not in (Shape.FRAME, Shape.SERIES):
        return Tabular(value.table.but(index=()), value.vector)
    return value


def _with_columns(op: Operation, table: Table, new: dict[Any, ColumnOrigin]) -> Table:
    """Give the table as it is after columns of these labels were stored."""
    labels = label_list(op.receiver)
    return Table(
        labels,
        [new[label] if label in new else table.get(label) or CONSTANT for label in labels],
        index=table.index,
        rows=table.rows,
    )


def _frame_setitem(op: Operation) -> Table:
    key, given = op.call.args[1], op.call.args[2]
    table = op.table
    # `assign` stores under the name that the value has in its call.
    slot = ("value", key) if isinstance(key, str) else "value"
    value = _positional(op.site.operand(given, slot, given=table), given)
    if shape_of(key) is Shape.SCALAR or isinstance(key, tuple):
        return _with_columns(op, table, {key: _stored(_one(value), table, key, 0)})
    if isinstance(key, list) and not (key and isinstance(key[0], bool)):
        return _with_columns(op, table, _several(value, table, key))
    if shape_of(key) is Shape.INDEX:
        return _with_columns(op, table, _several(value, table, list(key)))
    if shape_of(key) is Shape.FRAME:
        return _changed_cells(table, op.site.operand(key, "key"), value)
    return _changed(table, row_condition(op, key, "key", table), value)


def _one(value: Value) -> Value:
    """A frame of one column assigned to a label is that column."""
    if isinstance(value, Tabular) and not value.table.vector and len(value.table.labels) == 1:
        table = value.table
        return Tabular(table.column(table.labels[0], table.origins[0]), vector=True)
    if isinstance(value, Tabular) and value.table.elements is None:
        return value
    return (
        Tabular(Table((None,), (origin_of(value),), vector=True)) if not isinstance(value, Tabular) else value
    )


def _several(value: Value, table: Table, keys: list[Any]) -> dict[Any, ColumnOrigin]:
    """`frame[[a, b]] = frame_or_array`: by position."""
    if isinstance(value, Tabular) and not value.table.vector and len(value.table.labels) == len(keys):
        origins = value.table.origins
        condition = combined((aligned(table, [value]), table.rows), _RULE).as_condition()
        return {key: origin.under(condition) for key, origin in zip(keys, origins, strict=True)}
    if isinstance(value, Fields) and set(value.parts) == set(range(len(keys))):
        return {key: origin_of(value.parts[at]).under(table.rows) for at, key in enumerate(keys)}
    return {key: origin_of(value).under(table.rows) for key in keys}


def _changed(table: Table, condition: ColumnOrigin, value: Value) -> Table:
    """Some rows of all columns are overwritten."""
    origins = []
    for position, (label, origin) in enumerate(zip(table.labels, table.origins, strict=True)):
        stored = _stored(value, table, label, position)
        origins.append(combined((origin, stored), _RULE).under(condition.as_condition()))
    return table.but(origins=origins)


def _changed_cells(table: Table, mask: Value, value: Value) -> Table:
    origins = []
    for position, (label, origin) in enumerate(zip(table.labels, table.origins, strict=True)):
        stored = combined((origin, _stored(value, table, label, position)), _RULE)
        origins.append(stored.under(per_column(mask, label, position).as_condition()))
    return table.but(origins=origins)


def _series_setitem(op: Operation) -> Table:
    key, given = op.call.args[1], op.call.args[2]
    condition = row_condition(op, key, "key", op.table)
    value = op.site.operand(given, "value")
    if isinstance(key, slice) and key == slice(None):
        return op.table.but(origins=(_stored(value, op.table, None, 0),))
    return _changed(op.table, condition, value)


def _location_setitem(op: Operation) -> Table:
    """`loc[rows, columns] = value`, `iloc`, `at`, `iat`."""
    key, given = op.call.args[1], op.call.args[2]
    table = op.table
    rows, columns, slot = split_key(key, table)
    value = _positional(op.site.operand(given, "value"), given)
    every = isinstance(rows, slice) and rows == slice(None)
    condition = CONSTANT if every else row_condition(op, rows, slot, table).as_condition()
    if shape_of(rows) is Shape.SCALAR:  # cell by cell: the loop around is what a mask is elsewhere
        condition = combined((condition, op.site.branch()), _RULE).as_condition()
    if table.vector:
        stored = _stored(value, table, None, 0)
        return table.but(
            origins=(stored if every else combined((*table.origins, stored), _RULE).under(condition),)
        )
    labels = _column_labels(op, columns)
    new: dict[Any, ColumnOrigin] = {}
    for position, label in enumerate(labels):
        single = _one(value) if len(labels) == 1 else value
        stored = _positioned(single, table, label, position, len(labels))
        old = table.get(label) or CONSTANT
        new[label] = stored if every else combined((old, stored), _RULE).under(condition)
    return _with_columns(op, table, new)


def _positioned(value: Value, table: Table, label: Any, position: int, width: int) -> ColumnOrigin:
    """Arrays and tuples meet columns by position, frames by label."""
    if isinstance(value, Fields) and set(value.parts) == set(range(width)):
        return origin_of(value.parts[position]).under(table.rows)
    return _stored(value, table, label, position)


def _column_labels(op: Operation, columns: Any) -> list[Any]:
    after = label_list(op.receiver)
    if columns is None:
        return list(after)
    by_position = type(op.call.args[0]).__name__ in ("_iLocIndexer", "_iAtIndexer")
    if isinstance(columns, slice):
        if by_position:
            return list(after[columns])
        known = list(after)
        start = known.index(columns.start) if columns.start in known else 0
        stop = known.index(columns.stop) + 1 if columns.stop in known else len(known)
        return known[start:stop]
    listed = list(columns) if isinstance(columns, list) or hasattr(columns, "dtype") else [columns]
    if listed and all(isinstance(each, bool) for each in listed):
        return list(after)
    if by_position:
        return [after[each] for each in listed]
    return [each for each in listed if each in after] or list(after)


_SETTLED = 16  # times that the same outcome at the same place is worked out again
_outcomes: dict[Place, tuple[int, Table]] = {}


def _scalar_setitem(op: Operation) -> Table:
    """`at[row, column] = value` in a loop: worked out a few times, then once for all that may still come."""
    table: Table | None = op.call.token
    place = op.site.place
    count, settled = _outcomes.get(place, (0, None)) if place is not None else (0, None)
    if settled is not None and settled is table and count > _SETTLED:
        return settled
    found = _location_setitem(op)
    if table is None or place is None or found.origins != table.origins:
        return found
    if count == _SETTLED:
        op.site.whenever = True
        table = _location_setitem(op)
        if any(origin.precision is Precision.UNKNOWN for origin in table.origins):
            return found
    _outcomes[place] = (count + 1, table)
    return table


def _insert(op: Operation) -> Table:
    label = op.given(1, "column")
    value = _positional(op.operand(2, "value"), op.given(2, "value"))
    return _with_columns(op, op.table, {label: _stored(_one(value), op.table, label, 0)})


def _pop(op: Operation) -> Table:
    """`pop` returns the column; the frame goes on without it."""
    label = op.given(0, "item")
    table = op.table
    attach(op.receiver, _with_columns(op, table, {}) if not table.vector else table)
    return table.column(label, table.get(label) or table.flat)


def _delete(op: Operation) -> Table:
    return op.table if op.table.vector else _with_columns(op, op.table, {})


def _set_axis(op: Operation) -> Table:
    """`frame.columns = ...`, `frame.index = ...`; the axis is counted as pandas stores it, columns first."""
    table = op.table
    if table.vector or op.given(0, "axis") == 1:
        value = op.site.operand(op.given(1, "labels"), "value")
        index = value.table.origins if isinstance(value, Tabular) else (origin_of(value),)
        levels = op.receiver.index.nlevels
        return table.but(index=index if len(index) == levels else (combined(index, _RULE),) * levels)
    return table.but(labels=label_list(op.receiver))


FRAME_SETITEM: Rule = _frame_setitem
SERIES_SETITEM: Rule = _series_setitem
LOCATION_SETITEM: Rule = _location_setitem
SCALAR_SETITEM: Rule = _scalar_setitem
INSERT: Rule = _insert
POP: Rule = _pop
DELETE: Rule = _delete
SET_AXIS: Rule = _set_axis
