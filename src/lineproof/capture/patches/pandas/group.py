"""Grouping: what `groupby` and `resample` return, and what is computed from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of

__all__ = ["GROUPBY", "GROUPED", "NTH", "RESAMPLE", "per_group"]


def _groupby(op: Operation) -> Table | None:
    """`frame.groupby(by, axis, level, ...)`: keys are columns, arrays, index levels or functions of them."""
    by, level = op.given(0, "by"), op.call.kwargs.get("level")
    if level is None and by is None:
        level = op.given(2, "level") if len(op.call.args) > 2 else op.given(1, "level")  # noqa: PLR2004 -- axis went in 3.0
    keys: dict[Any, ColumnOrigin] = {}
    if level is not None:
        for each in level if isinstance(level, (list, tuple)) else [level]:
            keys[each] = _level(op, each)
    else:
        for at, key in enumerate(by if isinstance(by, list) else [by]):
            label, origin = _key(op, key, at)
            keys[label] = origin
    return _grouped(op, keys)


def _grouped(op: Operation, keys: dict[Any, ColumnOrigin]) -> Table:
    table = op.table
    condition = combined(keys.values(), op.name).as_condition()
    return Table(
        table.labels,
        table.origins,
        index=tuple(keys.values()),
        rows=combined((table.rows, condition), op.name).as_condition(),
        elements=keys,
        vector=table.vector,
        base=table,
    )


def _level(op: Operation, level: Any) -> ColumnOrigin:
    table = op.table
    names = list(op.receiver.index.names)
    if level in names and len(names) == len(table.index):
        return table.index[names.index(level)]
    if isinstance(level, int) and -len(table.index) <= level < len(table.index):
        return table.index[level]
    return table.keys


def _key(op: Operation, key: Any, at: int) -> tuple[Any, ColumnOrigin]:
    table = op.table
    grouper = getattr(key, "key", None) if type(key).__name__ in ("Grouper", "TimeGrouper") else None
    if type(key).__name__ in ("Grouper", "TimeGrouper"):
        level = getattr(key, "level", None)
        if grouper is None:
            return at, table.keys if level is None else _level(op, level)
        key = grouper
    if isinstance(key, (str, int)) or (isinstance(key, tuple) and table.get(key) is not None):
        origin = table.get(key)
        if origin is not None:
            return key, origin
        return key, _level(op, key)
    if callable(key) and shape_of(key) is Shape.OTHER:
        return at, combined((table.keys, origin_of(op.uses(key).outside)), "groupby")
    if isinstance(key, dict):
        return at, table.keys
    origin = origin_of(op.site.operand(key, 0 if not isinstance(op.given(0, "by"), list) else None))
    name = getattr(key, "name", None)
    return (at if name is None else name), origin


def _resample(op: Operation) -> Table:
    """`frame.resample(rule, on=None, level=None)`: the key is time."""
    on, level = op.call.kwargs.get("on"), op.call.kwargs.get("level")
    table = op.table
    if on is not None:
        return _grouped(op, {on: table.get(on) or table.keys})
    return _grouped(op, {None: table.keys if level is None else _level(op, level)})


def _regrouped(op: Operation) -> Table:
    """`grouped.rolling(...)`, `grouped.resample(...)`: a window inside each group."""
    on = op.call.kwargs.get("on")
    grouped = op.table
    extra = CONSTANT if on is None else grouped.get(on) or CONSTANT
    if op.name == "resample":
        own = grouped.base
        extra = extra if own is None or on is not None else own.keys
        keys = {**(grouped.elements or {}), on: extra}
        grouped = grouped.but(elements=keys, index=tuple(keys.values()))
    return grouped.but(rows=combined((grouped.rows, extra), op.name).as_condition())


def selected(op: Operation) -> Table:
    """`grouped[labels]`: fewer columns, same keys."""
    key = op.call.args[1]
    grouped = op.table
    listed = list(key) if isinstance(key, list) else [key]
    origins = [grouped.get(label) or grouped.flat for label in listed]
    return grouped.but(labels=listed, origins=origins, vector=not isinstance(key, list))


def _keys_of(op: Operation) -> tuple[dict[Any, ColumnOrigin], ColumnOrigin]:
    grouped = op.table
    keys = dict(grouped.elements or {})
    return keys, combined((grouped.rows, *grouped.index), op.name).as_condition()


def _aggregated(op: Operation) -> Table:
    """One row per group: keys become the index, or columns with `as_index=False`."""
    function = op.given(0, "func") if op.name in ("agg", "aggregate") else None
    outside = [origin_of(op.uses(each).outside) for each in _functions(function, op.call.kwargs)]
    extra = combined(outside, op.name)
    renamed = _named(op, function)
    grouped = op.table

    def value(label: Any) -> ColumnOrigin:
        source = renamed.get(label, label)
        origin = grouped.flat if grouped.vector else grouped.get(source) or first_level(grouped, source)
        return combined((origin, extra), op.name)

    return per_group(op, value)


def first_level(grouped: Table, label: Any) -> ColumnOrigin:
    """Give the origin of the column that a label of several levels starts with."""
    if isinstance(label, tuple):
        for size in range(len(label) - 1, 0, -1):
            part = label[0] if size == 1 else label[:size]
            found = grouped.get(part)
            if found is not None:
                return found
    return grouped.flat


def per_group(op: Operation, value: Callable[[Any], ColumnOrigin]) -> Table:
    """Give a result with one row, or some, for each group: its index starts with the keys."""
    keys, condition = _keys_of(op)

    def pick(label: Any) -> ColumnOrigin:
        origin = _key_column(op, keys, label)
        return (value(label) if origin is None else origin).under(condition)

    result = op.shaped(pick, index=tuple(keys.values()) or (CONSTANT,), rows=condition)
    as_index = getattr(op.call.args[0], "as_index", True)
    if not as_index or shape_of(op.result) not in (Shape.FRAME, Shape.SERIES):
        return result.but(index=(CONSTANT,))
    return result.but(index=tuple(origin.under(condition) for origin in result.index))


def _key_column(op: Operation, keys: dict[Any, ColumnOrigin], label: Any) -> ColumnOrigin | None:
    """With `as_index=False` the keys are columns of the result."""
    if getattr(op.call.args[0], "as_index", True):
        return None
    name = label[0] if isinstance(label, tuple) and label and label not in keys else label
    return keys.get(name) if name in keys else None


def _functions(function: Any, named: dict[str, Any]) -> list[Any]:
    if isinstance(function, dict):
        return [inner for each in function.values() for inner in _functions(each, {})]
    if isinstance(function, (list, tuple)):
        return [inner for each in function for inner in _functions(each, {})]
    found = [function] if callable(function) else []
    for value in named.values():
        given = getattr(value, "aggfunc", value)
        if isinstance(value, tuple) and len(value) == 2:  # noqa: PLR2004 -- (column, function)
            given = value[1]
        if callable(given):
            found.append(given)
    return found


def _named(op: Operation, function: Any) -> dict[Any, Any]:
    """Give the source column of each output of `agg(out=('column', 'sum'))`."""
    if function is not None or op.name not in ("agg", "aggregate"):
        return {}
    found = {}
    for label, value in op.call.kwargs.items():
        if isinstance(value, tuple) and len(value) == 2:  # noqa: PLR2004 -- (column, function)
            found[label] = value[0]
        elif type(value).__name__ == "NamedAgg":
            found[label] = value.column
    return found


def _sized(op: Operation) -> Table:
    """`size`, `cumcount`: the values depend on the keys alone."""
    _, condition = _keys_of(op)
    return per_group(op, lambda _: condition) if op.name == "size" else _row_wise(op, lambda _: condition)


def _counted(op: Operation) -> Table:
    """`grouped.value_counts()`: keys and values become the index, the counts depend on both."""
    keys, condition = _keys_of(op)
    grouped = op.table
    count = combined((grouped.flat, condition), op.name).as_condition()
    levels = (*keys.values(), *(origin for label, origin in grouped.columns.items() if label not in keys))

    def pick(label: Any) -> ColumnOrigin:
        return keys.get(label) or grouped.get(label) or count

    return op.shaped(pick, index=tuple(origin.under(count) for origin in levels), rows=count)


def _correlated(op: Operation) -> Table:
    """`grouped.corr()`, `grouped.cov()`: every column with every other."""
    flat = combined((*op.table.origins, *(origin_of(value) for value in op.arguments())), op.name)
    return per_group(op, lambda _: flat)


def _numbered(op: Operation) -> Table:
    """`ngroup`: the number stands for the key."""
    keys, _ = _keys_of(op)
    number = combined(keys.values(), op.name)
    return _row_wise(op, lambda _: number)


def _row_wise(op: Operation, value: Any) -> Table:
    """One value per row of the original, with its index."""
    _, condition = _keys_of(op)
    own = op.table.base
    index = own.index if own is not None else (CONSTANT,)
    base = op.shaped(lambda label: value(label).under(condition), index=index)
    return base.but(rows=own.rows if own is not None else condition)


def _transformed(op: Operation) -> Table:
    function = op.given(0, "func")
    extra = origin_of(op.uses(function).outside) if callable(function) else CONSTANT
    grouped = op.table

    def value(label: Any) -> ColumnOrigin:
        origin = grouped.flat if grouped.vector else grouped.get(label) or first_level(grouped, label)
        return combined((origin, extra), op.name)

    return _row_wise(op, value)


def _chosen_rows(op: Operation) -> Table:
    """`head`, `tail`, `nth`, `filter`, `get_group`, `sample`: some rows of the original."""
    _, condition = _keys_of(op)
    grouped = op.table
    function = op.given(0, "func") if op.name == "filter" else None
    if function is not None:
        use = op.uses(function, grouped)
        read = grouped.origins if use.whole else [grouped.get(label) or CONSTANT for label in use.labels]
        condition = combined((condition, *read, origin_of(use.outside)), op.name).as_condition()
    own = op.table.base
    source = own or grouped

    def pick(label: Any) -> ColumnOrigin:
        return grouped.flat if grouped.vector else source.get(label) or grouped.get(label) or grouped.flat

    return op.shaped(pick, index=source.index).under(condition).but(rows=condition)


_AGGREGATIONS = (
    "agg", "aggregate", "sum", "mean", "median", "min", "max", "std", "var", "sem", "prod", "count", "nunique", "any",
    "all", "skew", "kurt", "first", "last", "quantile", "describe", "idxmax", "idxmin", "ohlc", "corr", "cov",
    "corrwith", "value_counts", "unique", "nlargest", "nsmallest", "is_monotonic_increasing", "interpolate", "asfreq",
)  # fmt: skip
_TRANSFORMATIONS = (
    "transform", "cumsum", "cumprod", "cummax", "cummin", "shift", "diff", "pct_change", "rank", "ffill", "bfill",
    "fillna", "pad", "backfill",
)  # fmt: skip
GROUPED: dict[str, Rule] = {
    **dict.fromkeys(_AGGREGATIONS, _aggregated),
    **dict.fromkeys(_TRANSFORMATIONS, _transformed),
    **dict.fromkeys(("head", "tail", "filter", "get_group", "sample", "take"), _chosen_rows),
    "size": _sized,
    "cumcount": _sized,
    "ngroup": _numbered,
    "__getitem__": selected,
    "rolling": _regrouped,
    "expanding": _regrouped,
    "ewm": _regrouped,
    "resample": _regrouped,
}
GROUPED["value_counts"] = _counted
GROUPED.update(dict.fromkeys(("corr", "cov", "corrwith"), _correlated))
GROUPBY: Rule = _groupby
NTH: Rule = _chosen_rows
RESAMPLE: Rule = _resample
