"""Tables and record batches of Arrow: where the columns of a call's result came from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table
from lineproof.capture.patches.polars.frames import same
from lineproof.capture.patches.pyarrow.columns import arguments
from lineproof.capture.patches.pyarrow.expressions import is_expression, of_expression
from lineproof.capture.provenance.attachment import Shape, attach, carried, carry, shape_of, table_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of
from lineproof.model.lineage import Precision

__all__ = ["AGGREGATED", "HAND_OVER", "ON_TABLES", "UNSEEN", "from_all", "selection"]

# Methods that carry no data.
UNSEEN = frozenset(
    (
        "equals", "field", "get_total_buffer_size", "validate", "to_string", "format", "columns", "column_names",
        "nbytes", "schema", "shape", "num_rows", "num_columns", "is_cpu", "data", "buffers", "length", "to_dlpack",
        "serialize", "null_count", "get_total_buffer_size", "export_to_c",
    )
)  # fmt: skip


def _renamed(op: Operation) -> Table:
    """`rename_columns(names)`: the same columns in order."""
    return op.table.but(labels=op.labels(), parts=None)


def _with_column(op: Operation) -> Table:
    """`append_column(field, column)`, `add_column(i, field, column)`, `set_column(i, field, column)`."""
    first = 0 if op.name == "append_column" else 1
    new = origin_of(op.operand(first + 1, "column")).under(op.table.rows)
    origins, labels = list(op.table.origins), op.labels()
    at = op.given(0, "i") if first else len(origins)
    at = op.receiver.schema.get_field_index(at) if isinstance(at, str) else int(at)
    at += len(origins) if at < 0 else 0
    if op.name == "set_column":
        origins[at] = new
    else:
        origins.insert(at, new)
    return Table(labels, origins, rows=op.table.rows)


def selection(mask: Any, op: Operation, position: int, keyword: str) -> ColumnOrigin:
    """Give what decides by a mask, a list of positions, or an expression over the receiver's columns."""
    if is_expression(mask):
        return of_expression(mask, op.table).as_condition()
    return origin_of(op.operand(position, keyword)).as_condition()


def _filter(op: Operation) -> Table:
    """`filter(mask)`."""
    return op.table.under(selection(op.given(0, "mask"), op, 0, "mask"))


def _taken(op: Operation) -> Table:
    """`take(indices)`."""
    return op.table.under(selection(op.given(0, "indices"), op, 0, "indices"))


def _sorted(op: Operation) -> Table:
    """`sort_by(name)` or `sort_by([(name, order), ...])`."""
    given = op.given(0, "sorting")
    names = [given] if isinstance(given, str) else [each[0] for each in given]
    return op.table.under(_keyed(op.table, names))


def _keyed(table: Table, names: Iterable[Hashable]) -> ColumnOrigin:
    return combined([table.get(name) or table.flat for name in names], "key").as_condition()


def _complete(op: Operation) -> Table:
    """`drop_null()`: every column decides which rows stay."""
    return op.table.under(op.table.flat.as_condition())


def _flattened(op: Operation) -> Table:
    """`flatten()`: records become columns `name.part`."""
    table, parts = op.table, op.table.parts or {}

    def pick(label: Any) -> ColumnOrigin:
        stem, _, part = str(label).rpartition(".")
        return table.get(label) or parts.get(stem, {}).get(part) or table.get(stem) or table.flat

    return op.shaped(pick, rows=table.rows)


def _column(op: Operation) -> Table:
    """`column(name or position)`."""
    name, table = op.given(0, "i"), op.table
    origin = table.origins[name] if isinstance(name, int) else table.get(name)
    return Table((None,), (origin or table.flat,), rows=table.rows, vector=True)


def _struct(op: Operation) -> Table:
    """`to_struct_array()`: one column of records."""
    parts: dict[Hashable, dict[str, ColumnOrigin]] = {
        None: {str(label): origin for label, origin in op.table.columns.items()}
    }
    return Table((None,), (op.table.flat,), rows=op.table.rows, vector=True, parts=parts)


def _names(given: Any) -> list[str]:
    return [] if given is None else [given] if isinstance(given, str) else list(given)


def _joined(op: Operation) -> Table:
    """`join(right, keys, right_keys, join_type, ...)`: keys decide, values flow."""
    other, left = op.given(0, "right_table"), op.table
    right = as_table(op.operand(0, "right_table"), other)
    keys = _names(op.given(1, "keys"))
    right_keys = _names(op.given(2, "right_keys")) or keys
    kind = op.given(3, "join_type", "left outer")
    suffixes = (op.given(4, "left_suffix") or "", op.given(5, "right_suffix") or "")
    rows = _met(op, left, right, keys, right_keys)
    if kind in ("left semi", "left anti", "right semi", "right anti"):
        kept = left if kind.startswith("left") else right
        return op.shaped(lambda label: kept.get(label) or kept.flat, rows=rows)
    pairs = dict(zip(keys, right_keys, strict=False)) if op.given(6, "coalesce_keys", True) else {}
    return op.shaped(lambda label: _of_join(label, left, right, pairs, kind, suffixes), rows=rows)


def _met(op: Operation, left: Table, right: Table, keys: list[str], right_keys: list[str]) -> ColumnOrigin:
    """What decided which row met which."""
    filtered = op.call.kwargs.get("filter_expression")
    both = Table((*left.labels, *right.labels), (*left.origins, *right.origins))
    asked = CONSTANT if filtered is None else of_expression(filtered, both)
    return combined(
        (left.rows, right.rows, asked, _keyed(left, keys), _keyed(right, right_keys)), "join"
    ).as_condition()


def _of_join(
    label: Any, left: Table, right: Table, pairs: dict[str, str], kind: str, suffixes: tuple[str, str]
) -> ColumnOrigin:
    if label in pairs:
        mine, other = left.get(label) or CONSTANT, right.get(pairs[label]) or CONSTANT
        return {"right outer": other, "full outer": combined((mine, other), "join")}.get(kind, mine)
    for table, suffix in zip((left, right), suffixes, strict=True):
        stem = str(label).removesuffix(suffix) if suffix else None
        if stem is not None and stem != label and table.get(stem) is not None:
            return table.get(stem) or CONSTANT
    found = [each for each in (left.get(label), right.get(label)) if each is not None]
    if len(found) > 1 and suffixes[0] != suffixes[1]:
        return found[1 if suffixes[0] else 0]  # the one that has no suffix
    return combined(found or (*left.origins, *right.origins), "join")


def _joined_asof(op: Operation) -> Table:
    """`join_asof(right, on, by, tolerance, right_on, right_by)`."""
    other, left = op.given(0, "right_table"), op.table
    right = as_table(op.operand(0, "right_table"), other)
    on, by = _names(op.given(1, "on")), _names(op.given(2, "by"))
    right_on, right_by = _names(op.given(4, "right_on")) or on, _names(op.given(5, "right_by")) or by
    rows = _met(op, left, right, [*on, *by], [*right_on, *right_by])
    return op.shaped(lambda label: left.get(label) or right.get(label) or left.flat, rows=rows)


def _grouped(op: Operation) -> None:
    """`group_by(keys)`."""
    carry(op.result, op.table)


def _aggregated(op: Operation) -> Table | None:
    """`group_by(keys).aggregate([(column, function, options), ...])`: columns are called `column_function`."""
    grouping = op.call.args[0]
    table = carried(grouping) or table_of(grouping._table)
    if table is None:
        return None
    known, keys = table, _names(grouping.keys)
    made: dict[str, ColumnOrigin] = {}
    for each in op.given(0, "aggregations"):
        names = _names(each[0])
        function = str(each[1]).removeprefix("hash_")
        flat = combined([known.get(name) or known.flat for name in names], function)
        made["_".join([*names, function])] = flat
    rows = combined((known.rows, _keyed(known, keys)), "group").as_condition()
    unread = combined(made.values(), "group", Precision.SUPERSET)

    def pick(label: Any) -> ColumnOrigin:
        return made[label] if label in made else known.get(label) or unread

    return op.shaped(pick, rows=rows)


def _hand_over(op: Operation) -> Table | None:
    """`to_pandas()`, `to_pydict()`, `to_reader()`: the same columns in order."""
    table = op.table
    if shape_of(op.result) in (Shape.OTHER, Shape.GROUPED) and not isinstance(op.result, list):
        carry(op.result, table)
        return table
    if isinstance(op.result, list):
        return table
    labels = op.labels()
    if shape_of(op.result) is Shape.FRAME:
        return _as_frame(op, table, labels)
    if len(labels) != len(table.labels):
        return Table(labels, [table.flat] * len(labels), rows=table.rows, vector=len(labels) == 1)
    vector = table.vector or shape_of(op.result) in (Shape.SERIES, Shape.COLUMN)
    return Table(labels, table.origins, rows=table.rows, vector=vector)


def _as_frame(op: Operation, table: Table, labels: tuple[Any, ...]) -> Table:
    """A frame of pandas: columns that its metadata names become levels of the row index."""
    levels = [
        table.get(name) or table.get(f"__index_level_{at}__") or CONSTANT
        for at, name in enumerate(op.result.index.names)
    ]
    by_name = {str(label): origin for label, origin in table.columns.items()}
    origins = [table.get(label) or by_name.get(str(label)) or table.flat for label in labels]
    return Table(labels, origins, index=tuple(levels), rows=table.rows)


def from_all(op: Operation) -> Table:
    """Everything may be anywhere."""
    extra = [origin_of(each) for each in arguments(op)]
    flat = combined((*op.table.origins, *extra), f"union:{op.name}", Precision.SUPERSET)
    op.session.without_rule(op.call.name)
    for part in op.result if isinstance(op.result, (list, tuple)) else ():
        attach(part, Table((None,), (flat,), rows=op.table.rows, vector=True))
    return op.shaped(lambda _: flat.under(op.table.rows), rows=op.table.rows)


AGGREGATED: Rule = _aggregated
HAND_OVER: Rule = _hand_over
ON_TABLES: dict[str, Rule] = {
    **dict.fromkeys(
        (
            "select", "drop", "drop_columns", "remove_column", "slice", "cast", "combine_chunks", "copy_to",
            "replace_schema_metadata", "unify_dictionaries",
        ),
        same,
    ),
    "rename_columns": _renamed,
    **dict.fromkeys(("append_column", "add_column", "set_column"), _with_column),
    "filter": _filter,
    "take": _taken,
    "sort_by": _sorted,
    "drop_null": _complete,
    "flatten": _flattened,
    "column": _column,
    "to_struct_array": _struct,
    "join": _joined,
    "join_asof": _joined_asof,
    "group_by": _grouped,
    **dict.fromkeys(("to_pandas", "to_pydict", "to_pylist", "to_batches", "to_reader", "to_tensor", "itercolumns"), _hand_over),
}  # fmt: skip
