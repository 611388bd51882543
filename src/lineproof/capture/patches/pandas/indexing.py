"""Reading with brackets, `loc` and `iloc`."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, label_list, per_column
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.site import Slot
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Value, origin_of

__all__ = ["FRAME_GETITEM", "LOCATION_GETITEM", "SERIES_MASKED", "row_condition"]


def _frame_getitem(op: Operation) -> Table | None:
    key = op.call.args[1]
    table = op.table
    if isinstance(key, str) or shape_of(key) is Shape.SCALAR:
        origin = table.get(key)
        if shape_of(op.result) is Shape.SERIES and origin is not None:
            return table.column(key, origin)
        return _chosen(op, _below(table, key) if shape_of(op.result) is Shape.FRAME else table)
    if isinstance(key, list) and key and not isinstance(key[0], bool) and len(op.result.columns) == len(key):
        return _chosen(op, table)
    if shape_of(key) is Shape.FRAME:
        return _cellwise(op, op.site.operand(key, "key"))
    condition = row_condition(op, key, "key", table)
    return _chosen(op, table).under(condition)


def _below(table: Table, key: Any) -> Table:
    """The columns whose first level is `key`; all where there are several levels and none is."""
    first = key if isinstance(key, tuple) else (key,)
    at = [
        position
        for position, label in enumerate(table.labels)
        if isinstance(label, tuple) and label[: len(first)] == first
    ]
    return table.take(at) if at else table


def _chosen(op: Operation, table: Table) -> Table:
    """The result's columns, each as it was."""
    if label_list(op.result) == table.labels:
        return op.alike(table.origins, table)
    flat = table.flat
    return op.shaped(lambda label: _found(table, label) or flat, index=table.index, rows=table.rows)


def _found(table: Table, label: Any) -> ColumnOrigin | None:
    """Find a column, also one whose first level was taken off by the choice."""
    origin = table.get(label)
    if origin is not None:
        return origin
    last = label if isinstance(label, tuple) else (label,)
    below = [
        each for name, each in zip(table.labels, table.origins, strict=True)
        if isinstance(name, tuple) and name[-len(last) :] == last
    ]  # fmt: skip
    return combined(below, "choice") if below else None


def _cellwise(op: Operation, mask: Value) -> Table:
    """`frame[frame > 0]` keeps or blanks each cell by its own condition."""
    table = op.table
    origins = [
        origin.under(per_column(mask, label, position).as_condition())
        for position, (label, origin) in enumerate(zip(table.labels, table.origins, strict=True))
    ]
    return op.alike(origins, table)


def row_condition(op: Operation, key: Any, slot: Slot, table: Table) -> ColumnOrigin:
    """Give what decided which rows a key chose."""
    if isinstance(key, slice):
        bounds = op.site.bounds(slot)
        if bounds is not CONSTANT:
            return combined((bounds, CONSTANT if _is_position(op) else table.keys), "slice").as_condition()
        if _is_position(op) or (key.start is None and key.stop is None):
            return CONSTANT
        by_label = type(op.call.args[0]).__name__ == "_LocIndexer"
        if not by_label and all(part is None or isinstance(part, int) for part in (key.start, key.stop)):
            return CONSTANT
        return table.keys.as_condition()
    if callable(key) and shape_of(key) is Shape.OTHER:
        use = op.uses(key, table)
        named = [table.get(label) or CONSTANT for label in use.labels]
        columns = table.origins if use.whole else named
        return combined((*columns, origin_of(use.outside)), "filter").as_condition()
    value = op.site.operand(key, slot)
    origin = origin_of(value)
    if _is_mask(key) or _is_position(op):
        return origin.as_condition()
    return combined((origin, *table.index), "look-up").as_condition()


def _is_mask(key: Any) -> bool:
    dtype = getattr(key, "dtype", None)
    if dtype is not None:
        return str(dtype) in ("bool", "boolean", "bool[pyarrow]")
    return isinstance(key, list) and bool(key) and isinstance(key[0], bool)


def _is_position(op: Operation) -> bool:
    return type(op.call.args[0]).__name__ in ("_iLocIndexer", "_iAtIndexer")


def _location_getitem(op: Operation) -> Table | None:
    """`loc[rows, columns]`, `iloc[rows, columns]`."""
    key = op.call.args[1]
    table = op.table
    rows, columns, slot = split_key(key, table)
    condition = row_condition(op, rows, slot, table)
    if table.vector:
        if shape_of(op.result) is Shape.SERIES:
            return _some_elements(op, table, rows).under(condition)
        picked = (table.elements or {}).get(rows) if _hashable(rows) else None
        return Table((None,), ((picked or table.flat).under(condition),), rows=table.rows, vector=True)
    chosen = table if columns is None else take_columns(op, table, columns)
    shape = shape_of(op.result)
    if shape is Shape.FRAME:
        return op.alike(chosen.origins, chosen).under(condition)
    if shape is Shape.SERIES and not chosen.vector:  # one row: its elements are columns
        elements = dict(zip(chosen.labels, chosen.origins, strict=True))
        return op.shaped(lambda _: chosen.flat, rows=table.rows, elements=elements).under(condition)
    return op.alike([chosen.flat], chosen).under(condition)


def _some_elements(op: Operation, table: Table, rows: Any) -> Table:
    """A series whose rows stand for columns, some of which were chosen by name."""
    elements = table.elements
    if elements is None or not isinstance(rows, list) or not all(each in elements for each in rows):
        return op.alike(table.origins, table)
    chosen = {each: elements[each] for each in rows}
    return op.alike([combined(chosen.values(), "choice")], table, elements=chosen)


def split_key(key: Any, table: Table) -> tuple[Any, Any, Slot]:
    """Give the rows' part, the columns' part (None for all) and where the rows' part stands."""
    if isinstance(key, tuple) and not table.vector and len(key) == 2:  # noqa: PLR2004 -- rows and columns
        if len(table.index) > 1 and not isinstance(key[1], (list, slice)) and table.get(key[1]) is None:
            return key, None, "key"
        return key[0], key[1], ("key", 0)
    return key, None, "key"


def take_columns(op: Operation, table: Table, columns: Any) -> Table:
    """Give the chosen columns; a single label gives a series."""
    if _is_position(op):
        positions = range(len(table.labels))
        if isinstance(columns, slice):
            return table.take(positions[columns])
        if isinstance(columns, int):
            at = positions[columns]
            return table.column(table.labels[at], table.origins[at])
        if isinstance(columns, list) and all(type(each) is int for each in columns):
            return table.take([positions[each] for each in columns])
        return _by_labels(op, table)
    if _hashable(columns) and not isinstance(columns, slice):
        origin = table.get(columns)
        if origin is not None and columns in table.columns:
            return table.column(columns, origin)
        return _by_labels(op, table)
    return _by_labels(op, table)


def _by_labels(op: Operation, table: Table) -> Table:
    result = op.result
    if shape_of(result) is Shape.FRAME:
        labels = label_list(result)
        return table.but(
            labels=labels, origins=[_found(table, label) or table.flat for label in labels], elements=None
        )
    if shape_of(result) is Shape.SERIES:
        named = [label for label in result.index if label in table.columns]
        if named:
            return table.but(labels=named, origins=[table.columns[label] for label in named], elements=None)
    return table


def _hashable(key: Any) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return not isinstance(key, slice)


def _series_masked(op: Operation) -> Table:
    """`series[mask]`, `series[1:3]`."""
    condition = row_condition(op, op.call.args[1], "key", op.table)
    return op.alike(op.table.origins, op.table).under(condition)


FRAME_GETITEM: Rule = _frame_getitem
LOCATION_GETITEM: Rule = _location_getitem
SERIES_MASKED: Rule = _series_masked
