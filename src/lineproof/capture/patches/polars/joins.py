"""Several frames of polars become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.polars.expressions import empty, selected
from lineproof.capture.patches.polars.frames import listed
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.resolve import as_table
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Many, Value

__all__ = ["FUNCTIONS", "ON_FRAMES"]


def _other(op: Operation, position: int = 0, keyword: str = "other") -> tuple[Any, Table]:
    obj = op.given(position, keyword)
    return obj, as_table(op.operand(position, keyword), obj)


def _some(given: Any) -> list[Any]:
    return [] if given is None else listed(given)


def _keys(frame: Any, table: Table, given: Iterable[Any]) -> list[tuple[str, ColumnOrigin]]:
    columns = selected(empty(frame), table, [each for one in given for each in _some(one)], {}).columns
    return [(name, origin) for name, origin, _ in columns]


def _join(op: Operation) -> Table:
    """`join(other, on, how, left_on, right_on, suffix)`, `join_asof(..., by)`: keys decide, values flow."""
    other, right = _other(op)
    left, options = op.table, op.call.kwargs
    asof = op.name == "join_asof"
    how = "left" if asof else op.given(2, "how", "inner")
    on = options.get("on") if asof else op.given(1, "on")
    left_keys = _keys(
        op.receiver, left, [on, options.get("left_on"), options.get("by"), options.get("by_left")]
    )
    right_keys = _keys(
        other, right, [on, options.get("right_on"), options.get("by"), options.get("by_right")]
    )
    keys = combined([origin for _, origin in (*left_keys, *right_keys)], "join").as_condition()
    rows = combined((left.rows, right.rows, keys), "join").as_condition()
    if how in ("semi", "anti"):
        return left.under(rows)
    pair = dict(zip([name for name, _ in left_keys], [origin for _, origin in right_keys], strict=False))
    return _met(
        op, left, right, rows, options.get("suffix", "_right"), _KeyColumns(how, pair, dict(right_keys))
    )


class _KeyColumns:
    """Where the key columns of a join come from, which depends on the side that always has a row."""

    def __init__(
        self, how: str, pairs: Mapping[str, ColumnOrigin], right: Mapping[str, ColumnOrigin]
    ) -> None:
        self.how = how
        self.pairs = pairs
        self.right = right

    def origin(self, label: str, left: ColumnOrigin) -> ColumnOrigin:
        """Give the origin of a key column that stands under its left name."""
        other = self.pairs.get(label)
        if other is None or self.how not in ("full", "outer", "outer_coalesce", "right"):
            return left
        if self.how == "right":
            return other if label in self.right else left
        return combined((left, other), "join")


def _met(
    op: Operation, left: Table, right: Table, rows: ColumnOrigin, suffix: str, keys: _KeyColumns
) -> Table:
    labels = set(op.labels())

    def pick(label: Any) -> ColumnOrigin:
        origin = left.get(label)
        if origin is not None:
            coalesced = f"{label}{suffix}" not in labels
            return keys.origin(label, origin) if coalesced else origin
        stem = str(label).removesuffix(suffix)
        found = right.get(label) or right.get(stem)
        return combined((*left.origins, *right.origins), "join") if found is None else found

    parts = {**(right.parts or {}), **(left.parts or {})}
    return op.shaped(pick, rows=rows).but(parts=parts or None)


def _join_where(op: Operation) -> Table:
    """`join_where(other, *predicates)`."""
    _, right = _other(op)
    left, suffix = op.table, op.call.kwargs.get("suffix", "_right")
    found: list[ColumnOrigin] = []
    for predicate in op.call.args[2:]:
        for name in (each for one in _some(predicate) for each in one.meta.root_names()):
            origin = left.get(name) or right.get(name) or right.get(name.removesuffix(suffix))
            found.append(origin or combined((*left.origins, *right.origins), "join"))
    rows = combined((left.rows, right.rows, *found), "join").as_condition()
    return _met(op, left, right, rows, suffix, _KeyColumns("inner", {}, {}))


def _merge_sorted(op: Operation) -> Table:
    """`merge_sorted(other, key)`: rows of both, in the order of the key."""
    _, right = _other(op)
    left, key = op.table, op.given(1, "key")
    order = [table.get(each) or CONSTANT for table in (left, right) for each in _some(key)]
    return _below([left, right], op, combined(order, op.name).as_condition())


def _update(op: Operation) -> Table:
    """`update(other, on, left_on, right_on)`: values of both; rows meet by the keys."""
    _, right = _other(op)
    left, options = op.table, op.call.kwargs
    on = _some(op.given(1, "on") or options.get("on"))
    names = [(left, each) for each in (*on, *_some(options.get("left_on")))]
    names += [(right, each) for each in (*on, *_some(options.get("right_on")))]
    rows = combined([table.get(name) or CONSTANT for table, name in names], op.name).as_condition()
    keyed = {name for _, name in names}

    def pick(label: Any) -> ColumnOrigin:
        found = [left.get(label), None if label in keyed else right.get(label)]
        return combined([each for each in found if each is not None], op.name)

    return op.shaped(pick, rows=combined((left.rows, right.rows, rows), op.name).as_condition())


def _below(tables: list[Table], op: Operation, order: ColumnOrigin = CONSTANT) -> Table:
    rows = combined([*(table.rows for table in tables), order], op.name).as_condition()
    by_name = {label for table in tables for label in table.labels} == set(op.labels())

    def pick(label: Any, at: int) -> ColumnOrigin:
        found = [
            table.get(label) if by_name else table.origins[at] if at < len(table.origins) else None
            for table in tables
        ]
        return combined([origin for origin in found if origin is not None], op.name)

    labels = op.labels()
    vector = shape_of(op.target) is Shape.COLUMN
    if vector:
        return Table(labels, [combined([table.flat for table in tables], op.name)], rows=rows, vector=True)
    return Table(labels, [pick(label, at).under(rows) for at, label in enumerate(labels)], rows=rows)


def _stack(op: Operation) -> Table:
    """`vstack(other)`, `extend(other)`, `append(other)`."""
    _, other = _other(op)
    return _below([op.table, other], op)


def _beside(op: Operation) -> Table:
    """`hstack(columns)`, `insert_column(at, series)`, `replace_column(at, series)`."""
    position = 0 if op.name == "hstack" else 1
    keyword = "columns" if op.name == "hstack" else "column"
    given = op.given(position, keyword)
    added: dict[Any, ColumnOrigin] = {}
    for each in _some(given) if shape_of(given) is not Shape.TABLE else [given]:
        table = as_table(op.value_of(each, position), each)
        added |= dict(
            zip([each.name] if shape_of(each) is Shape.COLUMN else table.labels, table.origins, strict=False)
        )
    rows = op.table.rows
    return op.shaped(lambda label: added.get(label) or op.table.get(label) or op.table.flat, rows=rows)


def _concat(op: Operation) -> Table:
    """`polars.concat(items, how=...)`."""
    items, how = op.given(0, "items"), op.call.kwargs.get("how", "vertical")
    whole = op.operand(0, "items")
    listed = list(items) if isinstance(items, (list, tuple)) else []
    tables = [_part(each, at, whole) for at, each in enumerate(listed)] or [as_table(whole, op.result)]
    if how == "horizontal":
        found = {label: origin for table in reversed(tables) for label, origin in table.columns.items()}
        rows = combined([table.rows for table in tables], op.name).as_condition()
        return op.shaped(lambda label: found.get(label) or CONSTANT, rows=rows)
    order = CONSTANT
    if str(how).startswith("align"):
        common = set.intersection(*(set(table.labels) for table in tables))
        order = combined(
            [table.get(each) or CONSTANT for table in tables for each in common], op.name
        ).as_condition()
    return _below(tables, op, order)


def _part(obj: Any, at: int, whole: Value) -> Table:
    known = table_of(obj)
    if known is not None:
        return known
    part: Value = whole
    if isinstance(whole, Fields) and at in whole.parts:
        part = whole.parts[at]
    elif isinstance(whole, Many):
        part = whole.element
    return as_table(part, obj)


ON_FRAMES: dict[str, Rule] = {
    "join": _join,
    "join_asof": _join,
    "join_where": _join_where,
    "merge_sorted": _merge_sorted,
    "update": _update,
    **dict.fromkeys(("vstack", "extend"), _stack),
    **dict.fromkeys(("hstack", "insert_column", "replace_column"), _beside),
}
FUNCTIONS: dict[str, Rule] = {"concat": _concat}
