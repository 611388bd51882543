"""Grouping in polars: what `group_by` and its kin return, and what is computed from it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.polars.expressions import MASKING, Column, grouped
from lineproof.capture.patches.polars.frames import Given, given_columns, listed, made, schema_of
from lineproof.capture.provenance.attachment import Shape, attach, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.model.lineage import Precision

__all__ = ["GROUPED", "GROUPING", "mark"]


class _Grouping(NamedTuple):
    """A grouping of a frame.

    Attributes:
        table: Where the frame's columns come from.
        schema: Their names and types.
        keys: What it is grouped by.
        again: Groups another frame of this schema in the same way.
    """

    table: Table
    schema: Mapping[str, Any]
    keys: list[Column]
    again: Callable[[Any], Any]


_known: weakref.WeakKeyDictionary[Any, _Grouping] = weakref.WeakKeyDictionary()


def _grouping(op: Operation) -> Table | None:
    """`group_by(*by, **named)`, `rolling(index_column, group_by=...)`, `group_by_dynamic(...)`."""
    call, table, schema = op.call, op.table, schema_of(op.receiver)
    if op.name == "group_by":
        named = {name: each for name, each in call.kwargs.items() if name != "maintain_order"}
        keys = given_columns(op, call.args[1:], named)
    else:
        keys = given_columns(
            op, [op.given(0, "index_column"), *listed(call.kwargs.get("group_by") or [])], {}
        )
    name, args, kwargs = op.name, call.args[1:], dict(call.kwargs)
    _known[call.result] = _Grouping(table, schema, keys, lambda frame: getattr(frame, name)(*args, **kwargs))
    keyed = combined([key.origin for key in keys], name)
    op.site.note(
        Table(table.labels, table.origins, index=tuple(key.origin for key in keys), rows=keyed.as_condition())
    )
    return None


def _aggregated(op: Operation) -> Table | None:
    """`agg(*expressions, **named)`."""
    grouping = _known.get(op.call.args[0])
    if grouping is None:
        return None
    given = Given(op.call.args[1:], op.call.kwargs)
    known = grouping
    found = made(op, lambda listed, by: grouped(known.schema, known.table, known.again, listed, by), given)
    return _result(op, grouping, found)


def _result(op: Operation, grouping: _Grouping, found: list[Column]) -> Table:
    keys = combined([key.origin for key in grouping.keys], "group").as_condition()
    rows = combined((grouping.table.rows, keys), "group").as_condition()
    columns = {column.name: column for column in (*found, *grouping.keys)}
    unread = combined([column.origin for column in found], "group", Precision.SUPERSET)
    parts: dict[Any, Mapping[str, ColumnOrigin]] = {
        name: column.fields for name, column in columns.items() if column.fields is not None
    }

    def pick(label: Any) -> ColumnOrigin:
        if label in columns:
            return columns[label].origin
        return CONSTANT if str(label).startswith(("_lower", "_upper")) else unread

    return op.shaped(pick, rows=rows).but(parts=parts or None)


def _each_column(op: Operation) -> Table | None:
    """`sum()`, `first()`, `head(n)`: every column from itself; `len()`: how many rows there are."""
    grouping = _known.get(op.call.args[0])
    if grouping is None or shape_of(op.result) not in (Shape.TABLE, Shape.PLAN):
        return None
    keyed = {key.name for key in grouping.keys}
    found = [
        Column(label, origin.by(op.name).masking() if op.name in MASKING else origin.by(op.name))
        for label, origin in grouping.table.columns.items()
        if isinstance(label, str) and label not in keyed
    ]
    counts = [Column(str(label), CONSTANT) for label in op.labels() if label not in grouping.table.columns]
    return _result(op, grouping, [*found, *counts])


def _by_function(op: Operation) -> Table | None:
    """`map_groups(function)`: all of the group may be anywhere."""
    grouping = _known.get(op.call.args[0])
    if grouping is None:
        return None
    flat = combined(grouping.table.origins, "function of the program", Precision.SUPERSET)
    return _result(op, grouping, [Column(str(label), flat) for label in op.labels()])


def mark(grouping: Any, part: Any) -> None:
    """Say of one group's rows where they come from; never raises."""
    try:
        known = _known.get(grouping)
        if known is not None:
            keys = combined([key.origin for key in known.keys], "group").as_condition()
            attach(part, known.table.under(keys))
    except Exception:
        return


GROUPING: dict[str, Rule] = dict.fromkeys(("group_by", "rolling", "group_by_dynamic"), _grouping)
GROUPED: dict[str, Rule] = {
    "agg": _aggregated,
    **dict.fromkeys(
        (
            "all", "count", "first", "head", "last", "len", "max", "mean", "median", "min", "n_unique", "quantile",
            "sum", "tail", "having",
        ),
        _each_column,
    ),
    "map_groups": _by_function,
    "apply": _by_function,
}  # fmt: skip
