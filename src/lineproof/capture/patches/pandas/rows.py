"""Operations that decide which rows there are, and in which order."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of

__all__ = ["ON_BOTH", "ON_FRAME", "ON_SERIES", "named"]


def named(op: Operation, labels: Any) -> ColumnOrigin:
    """Give what columns or index levels of these names hold, as a condition; all columns for None."""
    table = op.table
    if labels is None:
        return table.flat.as_condition()
    listed = list(labels) if isinstance(labels, (list, tuple, set)) or hasattr(labels, "dtype") else [labels]
    whole = table.get(labels) if isinstance(labels, tuple) else None
    if whole is not None:
        return whole.as_condition()
    found = [table.get(label) or _level(op, label) for label in listed]
    return combined(found, op.name).as_condition()


def _level(op: Operation, label: Any) -> ColumnOrigin:
    names = list(op.receiver.index.names)
    if label in names and len(names) == len(op.table.index):
        return op.table.index[names.index(label)]
    return op.table.keys


def _kept(op: Operation, condition: ColumnOrigin) -> Table:
    return op.alike(op.table.origins, op.table).under(condition)


def _with_key(op: Operation, condition: ColumnOrigin) -> ColumnOrigin:
    key = op.given(99, "key")
    if key is None:
        return condition
    return combined((condition, origin_of(op.uses(key).outside)), op.name).as_condition()


def _sort_values(op: Operation) -> Table:
    table = op.table
    by = None if table.vector else op.given(0, "by")
    if op.given(1, "axis", 0) in (1, "columns"):
        return _kept(op, CONSTANT)
    return _kept(op, _with_key(op, named(op, by)))


def _sort_index(op: Operation) -> Table:
    if op.given(0, "axis", 0) in (1, "columns"):
        return op.shaped(
            lambda label: op.table.get(label) or CONSTANT, index=op.table.index, rows=op.table.rows
        )
    return _kept(op, _with_key(op, op.table.keys.as_condition()))


def _dropna(op: Operation) -> Table:
    table = op.table
    if op.given(0, "axis", 0) in (1, "columns"):
        return op.shaped(lambda label: table.get(label) or CONSTANT, index=table.index, rows=table.rows)
    subset = None if table.vector else op.call.kwargs.get("subset")
    return _kept(op, named(op, subset))


def _drop_duplicates(op: Operation) -> Table:
    subset = None if op.table.vector else op.given(0, "subset")
    return _kept(op, named(op, subset))


def _largest(op: Operation) -> Table:
    labels = None if op.table.vector else op.given(1, "columns")
    return _kept(op, named(op, labels))


def _by_index(op: Operation) -> Table:
    return _kept(op, op.table.keys.as_condition())


def _sample(op: Operation) -> Table:
    weights = op.given(3, "weights")
    if isinstance(weights, str):
        return _kept(op, named(op, weights))
    return _kept(op, op.origin(3, "weights").as_condition())


def _taken(op: Operation) -> Table:
    return _kept(op, op.origin(0, "indices").as_condition())


def _explode(op: Operation) -> Table:
    column = None if op.table.vector else op.given(0, "column")
    return _kept(op, named(op, column))


def _duplicated(op: Operation) -> Table:
    subset = None if op.table.vector else op.given(0, "subset")
    columns = op.table.flat if subset is None else named(op, subset)
    flag = combined((op.table.flat,), op.name) if subset is None else _direct(columns, op)
    return op.alike([flag], op.table)


def _direct(condition: ColumnOrigin, op: Operation) -> ColumnOrigin:
    """Give the named columns as direct sources again: their values make the flag."""
    subset = op.given(0, "subset")
    listed = list(subset) if isinstance(subset, (list, tuple, set)) else [subset]
    found = [op.table.get(label) or condition for label in listed]
    return combined(found, op.name)


def _set_index(op: Operation) -> Table:
    """`set_index`: columns or arrays become index levels."""
    table = op.table
    keys = op.given(0, "keys")
    listed = keys if isinstance(keys, list) else [keys]
    levels = []
    for key in listed:
        origin = _column_or_none(table, key)
        if origin is None:
            origin = origin_of(op.value_of(key, 0))
        levels.append(origin)
    index = tuple(levels)
    if op.given(2, "append", default=False):
        index = (*table.index, *index)
    return op.shaped(lambda label: table.get(label) or CONSTANT, index=index, rows=table.rows)


def _column_or_none(table: Table, key: Any) -> ColumnOrigin | None:
    try:
        hash(key)
    except TypeError:
        return None
    return table.get(key)


def _reset_index(op: Operation) -> Table:
    """`reset_index`: index levels become the first columns."""
    table = op.table
    dropped = op.given(1, "drop", default=False)
    level = op.given(0, "level")
    labels = op.labels()
    added = len(labels) - len(table.labels)
    if dropped or added <= 0:
        index = () if level is None else _other_levels(op, level)
        return op.alike(table.origins, table, index=index or (CONSTANT,))
    chosen = table.index if level is None else _levels(op, level)
    if len(chosen) != added:
        chosen = (table.keys,) * added
    origins = [*(origin.under(table.rows) for origin in chosen), *table.origins]
    kept = () if level is None else _other_levels(op, level)
    return op.alike(origins, table, index=kept or (CONSTANT,))


def _levels(op: Operation, level: Any) -> tuple[ColumnOrigin, ...]:
    listed = level if isinstance(level, (list, tuple)) else [level]
    found = []
    for each in listed:
        if isinstance(each, int) and not isinstance(each, bool) and each < len(op.table.index):
            found.append(op.table.index[each])
        else:
            found.append(_level(op, each))
    return tuple(found)


def _other_levels(op: Operation, level: Any) -> tuple[ColumnOrigin, ...]:
    """Give the index levels that stay when `level` goes."""
    table = op.table
    names = list(op.receiver.index.names)
    if len(names) != len(table.index):  # changed in place: what the levels were called is gone
        names = []
    listed = level if isinstance(level, (list, tuple)) else [level]
    gone = set()
    for each in listed:
        if each in names:
            gone.add(names.index(each))
        elif isinstance(each, int) and -len(table.index) <= each < len(table.index):
            gone.add(each % len(table.index))
        else:
            return (table.keys,) * max(len(table.index) - len(listed), 1)
    return tuple(origin for at, origin in enumerate(table.index) if at not in gone)


def _cross_section(op: Operation) -> Table:
    """`xs(key, axis, level)`: rows looked up by the index, whose levels in the key go."""
    table, key, level = op.table, op.given(0, "key"), op.given(2, "level")
    if op.given(1, "axis", 0) in (1, "columns"):
        below = (table.get(key),) if table.get(key) is not None else table.origins
        flat = combined([each for each in below if each is not None], op.name)
        return op.shaped(lambda label: table.get(label) or flat, index=table.index, rows=table.rows)
    condition = table.keys.as_condition()
    result = op.result
    if shape_of(result) is Shape.SERIES and not table.vector:  # one row: its elements are columns
        return op.shaped(lambda _: table.flat, rows=table.rows, elements=dict(table.columns)).under(condition)
    levels = result.index.nlevels if shape_of(result) in (Shape.FRAME, Shape.SERIES) else 0
    index = table.index
    if levels and levels < len(index):
        index = _other_levels(op, list(range(len(index) - levels)) if level is None else level)
        gone = [origin for origin in table.index if origin not in index]
        condition = combined(gone, op.name).as_condition() if gone else condition
    return op.alike(table.origins, table, index=index).under(condition)


def _levels_moved(op: Operation) -> Table:
    """`swaplevel`, `reorder_levels`, `droplevel`: which level is which is told by the names."""
    table, before = op.table, list(op.receiver.index.names)
    target = op.target
    after = list(target.index.names)
    if len(before) != len(table.index) or target.index.nlevels == len(before) == 1:
        return op.alike(table.origins, table)
    known = len(set(before)) == len(before)
    index = tuple(
        table.index[before.index(each)] if known and each in before else table.keys for each in after
    )
    return op.alike(table.origins, table, index=index)


ON_BOTH: dict[str, Rule] = {
    "sort_values": _sort_values,
    "sort_index": _sort_index,
    "dropna": _dropna,
    "drop_duplicates": _drop_duplicates,
    "duplicated": _duplicated,
    "nlargest": _largest,
    "nsmallest": _largest,
    "sample": _sample,
    "take": _taken,
    "explode": _explode,
    "reset_index": _reset_index,
    "xs": _cross_section,
    **dict.fromkeys(("swaplevel", "reorder_levels", "droplevel"), _levels_moved),
    "truncate": _by_index,
    "between_time": _by_index,
    "at_time": _by_index,
    "first": _by_index,
    "last": _by_index,
}
ON_FRAME: dict[str, Rule] = {"set_index": _set_index}
ON_SERIES: dict[str, Rule] = {}
