"""Operations that turn each column into a column, and those that choose or rename columns."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, aligned, per_column
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Tabular, Value, origin_of

__all__ = ["ON_BOTH", "ON_FRAME", "ON_SERIES", "columnwise", "same"]


def same(op: Operation) -> Table:
    """The values stay what they are; only names, order of levels or representation change."""
    return op.alike(op.table.origins, op.table)


def _first_rows(op: Operation) -> Table:
    """`head(n)`, `tail(n)`: how many may have been computed."""
    return same(op).under(op.origin(0, "n").as_condition())


def columnwise(op: Operation) -> Table:
    """Each column from itself and from what the arguments give it."""
    return _each_from_itself(op, op.arguments())


def _handed_out(op: Operation) -> Table:
    """`iterrows`, `to_dict`, `tolist`: plain Python objects, which are followed through the source."""
    return op.table


def _each_from_itself(op: Operation, extra: list[Value]) -> Table:
    table = op.table
    condition = aligned(table, extra)
    origins = []
    for position, (label, origin) in enumerate(zip(table.labels, table.origins, strict=True)):
        given = [per_column(value, label, position) for value in extra]
        given = [each for each in given if each is not CONSTANT]
        origins.append(combined((origin, *given), op.name).under(condition) if given else origin.by(op.name))
    elements = table.elements
    if elements is not None:
        elements = {label: origin.by(op.name) for label, origin in elements.items()}
    return op.alike(origins, table, elements=elements)


def _branch(op: Operation) -> Table:
    """`where`, `mask`: both branches are direct, the condition is indirect."""
    condition = _condition(op)
    other = op.operand(1, "other")
    table = op.table
    origins = []
    for position, (label, origin) in enumerate(zip(table.labels, table.origins, strict=True)):
        chosen = combined((origin, per_column(other, label, position)), op.name)
        origins.append(chosen.under(per_column(condition, label, position).as_condition()))
    return op.alike(origins, table)


def _condition(op: Operation) -> Value:
    given = op.given(0, "cond")
    if callable(given) and shape_of(given) is Shape.OTHER:
        return Tabular(op.table)  # it sees the object itself
    return op.operand(0, "cond")


def _mapped(op: Operation) -> Table:
    """`Series.map`, `DataFrame.map`: a series or dict is looked up; a function computes."""
    given = op.given(0, "arg") if "arg" in op.call.kwargs else op.given(0, "func")
    if shape_of(given) is Shape.SERIES:
        looked_up = op.operand(0, "arg")
        assert isinstance(looked_up, Tabular)
        table = looked_up.table
        lookup = combined((op.table.flat, table.keys), "lookup").as_condition()
        value = combined((table.flat,), "lookup").under(lookup).under(table.rows)
        return op.alike([value], op.table)
    return columnwise(op)


def _replaced(op: Operation) -> Table:
    """`replace`: what is replaced decides, what replaces it flows."""
    return columnwise(op)


def _combined(op: Operation) -> Table:
    """`combine_first`, `combine`, `update`: columns of both by label, rows matched by index."""
    table = op.table
    other = op.operand(0, "other")
    condition = aligned(table, [other])
    rows = table.rows
    if isinstance(other, Tabular):
        rows = combined((rows, other.table.rows), op.name).as_condition()
    if op.name == "update":
        rows = table.rows

    def pick(label: Any) -> ColumnOrigin:
        mine = table.flat if table.vector else table.get(label)
        theirs = per_column(other, label, -1)
        return combined((mine or CONSTANT, theirs), op.name).under(condition)

    index = table.index
    if isinstance(other, Tabular) and op.name != "update":
        index = (combined((table.keys, other.table.keys), op.name),) * len(table.index)
    return op.shaped(pick, index=index, rows=rows)


def _dropped(op: Operation) -> Table:
    """`drop`, `filter`, `select_dtypes`, `reindex`, `pop` leave columns as they are, or leave them out."""
    table = op.table
    if table.vector:
        return op.alike(table.origins, table)
    return op.shaped(lambda label: table.get(label) or CONSTANT, index=table.index, rows=table.rows)


def _drop(op: Operation) -> Table:
    found = _dropped(op)
    for position, keyword in ((0, "labels"), (2, "index")):
        labels = op.given(position, keyword)
        if labels is not None and op.given(1, "axis", 0) in (0, "index") and not isinstance(labels, str):
            found = found.under(op.origin(position, keyword).as_condition())
            if len(op.target) != len(op.receiver):
                found = found.under(_own_keys(op))
    return found


def _filtered(op: Operation) -> Table:
    """`filter(items, like, regex, axis)`: columns by their names, or rows by their labels."""
    found = _dropped(op)
    by_row = op.table.vector or op.given(3, "axis") in (0, "index")
    return found.under(_own_keys(op)) if by_row else found


def _own_keys(op: Operation) -> ColumnOrigin:
    return op.table.keys.as_condition()


def _reindexed(op: Operation) -> Table:
    """`reindex`: columns by label, new ones empty; rows looked up by the index."""
    found = _dropped(op)
    other = op.operand(0, "index" if "index" in op.call.kwargs else "labels")
    if op.name == "reindex_like":
        other = op.operand(0, "other")
    if op.given(1, "axis", 0) in (1, "columns") or not _looks_up_rows(op):
        return found
    theirs = other.table if isinstance(other, Tabular) else None
    index = (origin_of(other),) if theirs is None or not theirs.vector else theirs.origins
    if op.name == "reindex_like" and theirs is not None:
        index = theirs.index
    rows = combined(index, op.name).as_condition()
    moved = found.under(combined((found.keys, rows), op.name).as_condition())
    return moved.but(index=index, rows=rows)


def _looks_up_rows(op: Operation) -> bool:
    given = [op.given(0, keyword) for keyword in ("index", "labels", "other")]
    return any(each is not None for each in given)


def _renamed(op: Operation) -> Table:
    return same(op)


def _astype(op: Operation) -> Table:
    return op.alike([origin.by(op.name) for origin in op.table.origins], op.table)


def _filled(op: Operation) -> Table:
    """`fillna`: its value flows; a dict or a series by column gives each column its own."""
    value = op.operand(0, "value")
    if isinstance(value, Fields) and op.table.vector:
        value = Tabular(Table((None,), (origin_of(value),), vector=True))
    if isinstance(value, Fields) and not any(label in value.parts for label in op.table.labels):
        return columnwise(op)
    if isinstance(value, Fields):
        value = Fields({label: value.parts.get(label, _NOTHING) for label in op.table.labels})
    return _each_from_itself(op, [value])


_NOTHING = Tabular(Table((None,), (CONSTANT,), vector=True))


def _applied_each(op: Operation) -> Table:
    """`DataFrame.map`, `transform`: the function works on each column alone, with what it encloses."""
    function = op.given(0, "func")
    outside = op.uses(function).outside if callable(function) else None
    return _each_from_itself(op, [outside] if outside is not None else [])


_COLUMNWISE = (
    "abs", "round", "clip", "ffill", "bfill", "pad", "backfill", "interpolate", "shift", "diff", "cumsum",
    "cumprod", "cummax", "cummin", "rank", "pct_change", "isna", "isnull", "notna", "notnull", "isin", "between",
    "to_numpy", "asfreq", "asof", "duplicated", "to_frame",
    "__invert__", "__neg__", "__pos__", "__abs__", "__round__",
)  # fmt: skip
_SAME = (
    "copy", "rename", "rename_axis", "set_axis", "add_prefix", "add_suffix", "head", "tail", "infer_objects",
    "convert_dtypes", "set_flags", "tz_localize", "tz_convert", "to_period", "to_timestamp",
    "squeeze", "swapaxes", "__copy__", "__deepcopy__", "view", "ravel", "repeat",
)  # fmt: skip
ON_BOTH: dict[str, Rule] = {
    **dict.fromkeys(_COLUMNWISE, columnwise),
    **dict.fromkeys(_SAME, same),
    **dict.fromkeys(
        ("tolist", "to_list", "to_dict", "to_records", "items", "iterrows", "itertuples"), _handed_out
    ),
    "__array__": same,
    "head": _first_rows,
    "tail": _first_rows,
    "astype": _astype,
    "fillna": _filled,
    "where": _branch,
    "mask": _branch,
    "replace": _replaced,
    "combine_first": _combined,
    "combine": _combined,
    "update": _combined,
    "drop": _drop,
    "filter": _filtered,
    "reindex": _reindexed,
    "reindex_like": _reindexed,
    "transform": _applied_each,
}
ON_SERIES: dict[str, Rule] = {"map": _mapped}
ON_FRAME: dict[str, Rule] = {
    "select_dtypes": _dropped,
    "map": _applied_each,
    "applymap": _applied_each,
}
