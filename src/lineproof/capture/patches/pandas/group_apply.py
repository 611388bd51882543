"""`grouped.apply(function)`: the function is watched on the first groups, with hooks on inside it."""

from __future__ import annotations

import dis
import functools
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from lineproof.capture.instrument import heard
from lineproof.capture.patches.pandas.group import per_group
from lineproof.capture.patches.pandas.operation import Operation, Rule, label_list
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.callables import codes_of
from lineproof.capture.provenance.resolve import is_vector
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call

__all__ = ["GROUPED_APPLY", "watch"]

_WATCHED = 3  # groups; a function that takes other ways for later groups is read as well


def watch(call: Call) -> None:
    """Put a watched function in the place of the program's own."""
    grouped = table_of(call.args[0])
    if grouped is None:
        return
    if len(call.args) > 1 and isinstance(call.args[1], FunctionType):
        call.args = (call.args[0], _watched(call.args[1], grouped), *call.args[2:])
    elif isinstance(call.kwargs.get("func"), FunctionType):
        call.kwargs = {**call.kwargs, "func": _watched(call.kwargs["func"], grouped)}


def _watched(function: Callable[..., Any], grouped: Table) -> Callable[..., Any]:
    seen: list[Table | None] = []

    @functools.wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if len(seen) >= _WATCHED or not args:
            return function(*args, **kwargs)
        attach(args[0], _group(args[0], grouped))
        with heard():
            result = function(*args, **kwargs)
        seen.append(table_of(result))
        return result

    watched.seen = seen  # type: ignore[attr-defined]
    return watched


def _group(obj: Any, grouped: Table) -> Table:
    labels = label_list(obj)
    index = (CONSTANT,) if grouped.base is None else grouped.base.index
    origins = [grouped.flat if grouped.vector else grouped.get(label) or grouped.flat for label in labels]
    return Table(labels, origins, index=index, vector=is_vector(obj))


def _applied(op: Operation) -> Table:
    given = op.given(0, "func")
    seen: list[Table | None] = getattr(given, "seen", [])
    function = getattr(given, "__wrapped__", given)
    read = _read(op, function)
    tables = [table for table in seen if table is not None]
    if not tables or len(tables) < len(seen):
        return _by_names(op, read)
    rows = combined([table.rows for table in tables], op.name).as_condition()
    watched = combined([origin for table in tables for origin in (*table.origins, rows)], op.name)
    rest = CONSTANT
    if read.sources - watched.sources and not _straight(function):
        rest = read.at_best(Precision.SUPERSET)

    def value(label: Any) -> ColumnOrigin:
        own = [table.flat if table.vector else table.get(label) or table.flat for table in tables]
        labelled = [(table.elements or {}).get(label) for table in tables]
        parts = [each or flat for each, flat in zip(labelled, own, strict=True)]
        return combined((*parts, rest), op.name).under(rows)

    return _with_own_index(op, per_group(op, value), rows)


def _read(op: Operation, function: Any) -> ColumnOrigin:
    """Give all that the function may read, by the names in it."""
    grouped = op.table
    use = op.uses(function, grouped)
    named = [grouped.get(label) or CONSTANT for label in use.labels]
    columns = grouped.origins if use.whole or grouped.vector else named
    return combined((*columns, origin_of(use.outside)), op.name)


def _by_names(op: Operation, read: ColumnOrigin) -> Table:
    grouped = op.table
    loose = read.at_best(Precision.SUPERSET)

    def value(label: Any) -> ColumnOrigin:
        own = None if grouped.vector or shape_of(op.result) is not Shape.FRAME else grouped.get(label)
        return loose if own is None else combined((own, loose), op.name)

    return _with_own_index(op, per_group(op, value))


def _with_own_index(op: Operation, found: Table, rows: ColumnOrigin = CONSTANT) -> Table:
    """A function that returns rows of its group brings their index along."""
    own = op.table.base
    if own is None or shape_of(op.result) not in (Shape.FRAME, Shape.SERIES):
        return found
    extra = op.result.index.nlevels - len(op.table.index)
    if extra > 0:
        kept = own.keys.under(found.rows).under(rows)
        return found.but(index=(*op.table.index, *((kept,) * extra)))
    if not getattr(op.receiver, "group_keys", True):
        return found.but(index=tuple(origin.under(found.rows).under(rows) for origin in own.index))
    return found


def _straight(function: Any) -> bool:
    """Whether the function takes the same way for every group."""
    return not any(
        "JUMP" in instruction.opname or instruction.opname == "FOR_ITER"
        for code in codes_of(function)
        for instruction in dis.get_instructions(code)
    )


GROUPED_APPLY: Rule = _applied
