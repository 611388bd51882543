"""Rows of two tables that meet by keys: merge, join and their kin."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import msgspec

from lineproof.capture.patches.pandas.operation import (
    Operation,
    Rule,
    aligned,
    as_table,
    label_list,
    per_column,
)
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Tabular, Value, origin_of

__all__ = ["FUNCTIONS", "ON_FRAME"]


class _Sides(msgspec.Struct, frozen=True):
    """The two tables of a join and the keys that rows met by, pair by pair."""

    left: Table
    right: Table
    left_keys: tuple[tuple[Any, ColumnOrigin], ...]  # label (None for an index level or array), origin
    right_keys: tuple[tuple[Any, ColumnOrigin], ...]
    how: str
    suffixes: tuple[Any, Any] = ("_x", "_y")


def _merge(op: Operation) -> Table:
    """`left.merge(right, ...)` and `pandas.merge(left, right, ...)` take the same arguments."""
    first = 0 if op.name != "merge" or op.receiver is None else -1
    left = op.table if first == -1 else _table_at(op, 0, "left")
    left_object = op.receiver if first == -1 else op.given(0, "left")
    right = _table_at(op, first + 1, "right")
    right_object = op.given(first + 1, "right")
    how = op.given(first + 2, "how", "inner" if op.name == "merge" else "left")
    keys = _Keys(op, first, left, right, left_object, right_object)
    suffixes = op.given(first + 9, "suffixes", ("_x", "_y")) if op.name == "merge" else _suffixes(op)
    sides = _Sides(left, right, keys.of("left"), keys.of("right"), str(how), tuple(suffixes))
    if how == "cross":
        sides = msgspec.structs.replace(sides, left_keys=(), right_keys=())
    return _joined(op, sides)


def _suffixes(op: Operation) -> tuple[Any, Any]:
    return op.call.kwargs.get("suffixes") or ("_x", "_y")


def _table_at(op: Operation, position: int, keyword: str) -> Table:
    return as_table(op.operand(position, keyword), op.given(position, keyword))


class _Keys:
    """Reads which columns or index levels two frames are joined by."""

    def __init__(
        self, op: Operation, first: int, left: Table, right: Table, left_object: Any, right_object: Any
    ) -> None:
        self.op = op
        self.tables = {"left": left, "right": right}
        self.objects = {"left": left_object, "right": right_object}
        full = op.name == "merge"
        # merge(right, how, on, ...) but merge_asof(right, on, ...): the rest is given by name in practice.
        self.on = op.given(first + 3, "on") if full else op.given(first + 2, "on")
        self.named = {
            "left": op.given(first + 4, "left_on") if full else op.given(first + 3, "left_on"),
            "right": op.given(first + 5, "right_on") if full else op.given(first + 4, "right_on"),
        }
        self.by_index = {
            "left": op.given(first + 6, "left_index", default=False)
            if full
            else op.call.kwargs.get("left_index"),
            "right": op.given(first + 7, "right_index", default=False)
            if full
            else op.call.kwargs.get("right_index"),
        }
        self.by = op.call.kwargs.get("by")
        self.named_by = {"left": op.call.kwargs.get("left_by"), "right": op.call.kwargs.get("right_by")}

    def of(self, side: str) -> tuple[tuple[Any, ColumnOrigin], ...]:
        """Give the keys of one side."""
        found: list[tuple[Any, ColumnOrigin]] = []
        if self.by_index[side]:
            found += [(None, origin) for origin in self.tables[side].index]
        else:
            labels = self.on if self.on is not None else self.named[side]
            if labels is None:
                labels = self._shared()
            found += [self._key(side, label) for label in _listed(labels)]
        for extra in (self.by, self.named_by[side]):
            found += [self._key(side, label) for label in _listed(extra)]
        return tuple(found)

    def _shared(self) -> list[Any]:
        if self.by_index["left"] or self.by_index["right"]:
            return []
        theirs = set(self.tables["right"].labels)
        return [label for label in self.tables["left"].labels if label in theirs]

    def _key(self, side: str, label: Any) -> tuple[Any, ColumnOrigin]:
        table, obj = self.tables[side], self.objects[side]
        if _hashable(label):
            origin = table.get(label)
            if origin is not None:
                return label, origin
            names = list(getattr(getattr(obj, "index", None), "names", ()))
            if label in names and len(names) == len(table.index):
                return label, table.index[names.index(label)]
            return label, table.keys
        return None, origin_of(self.op.site.operand(label, f"{side}_on"))


def _hashable(label: Any) -> bool:
    try:
        hash(label)
    except TypeError:
        return False
    return True


def _listed(labels: Any) -> list[Any]:
    if labels is None:
        return []
    return list(labels) if isinstance(labels, (list, tuple)) else [labels]


def _joined(op: Operation, sides: _Sides) -> Table:
    """Columns of both sides; the keys and what decided each side's rows decide the outcome's rows."""
    keys = combined([origin for _, origin in (*sides.left_keys, *sides.right_keys)], op.name).as_condition()
    rows = combined((sides.left.rows, sides.right.rows, keys), op.name).as_condition()
    pairs = {
        left[0]: (left[1], right[1])
        for left, right in zip(sides.left_keys, sides.right_keys, strict=False)
        if left[0] is not None and left[0] == right[0]
    }

    def pick(label: Any) -> ColumnOrigin:
        if label in pairs:
            return _key_column(op, sides.how, *pairs[label])
        return _side_column(sides, label) or _level_column(sides, label) or combined((rows,), op.name)

    by_index = tuple(origin for label, origin in sides.left_keys if label is None)
    index = by_index if len(by_index) == len(sides.left_keys) and by_index else (CONSTANT,)
    if by_index and sides.how in ("outer", "right"):
        index = tuple(
            combined((left, right[1]), op.name)
            for left, right in zip(by_index, sides.right_keys, strict=False)
        )
    elif not by_index and sides.right_keys and all(label is None for label, _ in sides.right_keys):
        index = sides.left.index if sides.how in ("left", "inner") else (CONSTANT,)
    return op.shaped(pick, index=index, rows=rows)


def _key_column(op: Operation, how: str, left: ColumnOrigin, right: ColumnOrigin) -> ColumnOrigin:
    """The one column that a shared key becomes."""
    if how in ("outer", "full"):
        return combined((left, right), op.name)
    if how == "right":
        return right.under(left.as_condition())
    return left.under(right.as_condition())


def _side_column(sides: _Sides, label: Any) -> ColumnOrigin | None:
    in_left, in_right = label in sides.left.columns, label in sides.right.columns
    if in_left and in_right:  # only one of them was renamed, or none
        left_suffix, right_suffix = sides.suffixes
        if not left_suffix:
            return sides.left.columns[label]
        if not right_suffix:
            return sides.right.columns[label]
        return combined((sides.left.columns[label], sides.right.columns[label]), "merge")
    if in_left:
        return sides.left.columns[label]
    if in_right:
        return sides.right.columns[label]
    return _suffixed(sides.left, label, sides.suffixes[0]) or _suffixed(sides.right, label, sides.suffixes[1])


def _suffixed(table: Table, label: Any, suffix: Any) -> ColumnOrigin | None:
    if not isinstance(label, str) or not suffix or not label.endswith(suffix):
        return None
    return table.columns.get(label[: -len(suffix)])


def _level_column(sides: _Sides, label: Any) -> ColumnOrigin | None:
    """A key that was an index level on one side and came back as a column."""
    for name, origin in (*sides.left_keys, *sides.right_keys):
        if name is not None and name == label:
            return origin
    return None


def _join(op: Operation) -> Table:
    """`left.join(others, on=None, how='left', lsuffix='', rsuffix='')`."""
    left = op.table
    others = op.given(0, "other")
    on = op.given(1, "on")
    how = op.given(2, "how", "left")
    suffixes = (op.given(3, "lsuffix", ""), op.given(4, "rsuffix", ""))
    tables = _tables_of(op, op.operand(0, "other"), others)
    for other in tables:
        left_keys = [(label, left.get(label) or left.keys) for label in _listed(on)] or [
            (None, origin) for origin in left.index
        ]
        right_keys = tuple((None, origin) for origin in other.index)
        left = _joined_by_name(op, _Sides(left, other, tuple(left_keys), right_keys, str(how), suffixes))
    return op.shaped(lambda label: left.get(label) or left.flat, index=left.index, rows=left.rows)


def _joined_by_name(op: Operation, sides: _Sides) -> Table:
    """Join without knowing the outcome's labels yet: several frames are joined one after the other."""
    keys = combined([origin for _, origin in (*sides.left_keys, *sides.right_keys)], op.name).as_condition()
    rows = combined((sides.left.rows, sides.right.rows, keys), op.name).as_condition()
    shared = set(sides.left.columns) & set(sides.right.columns)
    columns: dict[Hashable, ColumnOrigin] = {}
    for table, suffix in ((sides.left, sides.suffixes[0]), (sides.right, sides.suffixes[1])):
        for label, origin in table.columns.items():
            name = f"{label}{suffix}" if label in shared else label
            columns[name] = origin.under(rows)
    by_index = all(label is None for label, _ in sides.left_keys)
    index = tuple(origin for _, origin in sides.left_keys) if by_index else sides.left.index
    if sides.how == "outer" and by_index:
        theirs = combined([origin for _, origin in sides.right_keys], op.name)
        index = tuple(combined((origin, theirs), op.name) for origin in index)
    return Table(columns.keys(), columns.values(), index=index, rows=rows)


def _tables_of(op: Operation, value: Value, obj: Any) -> list[Table]:
    listed = list(obj) if isinstance(obj, (list, tuple)) else [obj]
    if isinstance(value, Fields) and len(value.parts) == len(listed):
        return [as_table(part, each) for part, each in zip(value.parts.values(), listed, strict=True)]
    return [as_table(op.site.operand(each, None) if len(listed) > 1 else value, each) for each in listed]


def _align(op: Operation) -> tuple[Table, ...]:
    """`left.align(right)`: both come back, with the rows of both."""
    other = op.operand(0, "other")
    theirs = as_table(other, op.given(0, "other"))
    condition = aligned(op.table, [Tabular(theirs)])
    rows = combined((op.table.rows, theirs.rows, condition), op.name).as_condition()
    tables = []
    for table, made in zip((op.table, theirs), op.result, strict=True):
        labels = label_list(made)
        origins = table.origins if table.vector else [table.get(label) or CONSTANT for label in labels]
        tables.append(table.but(labels=labels, origins=[each.under(rows) for each in origins], rows=rows))
    return tuple(tables)


def _compared(op: Operation) -> Table:
    other = op.operand(0, "other")
    table = op.table

    def pick(label: Any) -> ColumnOrigin:
        name = label[0] if isinstance(label, tuple) else label
        return combined((table.get(name) or table.flat, per_column(other, name, -1)), op.name)

    return op.shaped(pick, index=table.index, rows=table.rows)


ON_FRAME: dict[str, Rule] = {"merge": _merge, "join": _join, "compare": _compared, "align": _align}
FUNCTIONS: dict[str, Rule] = {
    "merge": _merge,
    "merge_asof": _merge,
    "merge_ordered": _merge,
}
