"""Tables put one below or beside the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Many, Value, keys_of

__all__ = ["FUNCTIONS"]


def _concat(op: Operation) -> Table:
    """`pandas.concat(objects, axis=0)`."""
    objects = op.given(0, "objs")
    axis = op.given(1, "axis", 0)
    listed = _parts(objects)
    whole = op.operand(0, "objs")
    tables = [_part_table(each, at, whole) for at, each in enumerate(listed)]
    if not listed:  # a generator is used up by now
        tables = [as_table(whole, op.result)]
    if axis in (1, "columns"):
        names = keys_of(whole) if isinstance(objects, Mapping) else CONSTANT
        names = combined((*(table.names for table in tables), names), op.name)
        return _side_by_side(op, tables).but(names=names)
    rows = combined([table.rows for table in tables], op.name).as_condition()
    levels = max((len(table.index) for table in tables), default=1)
    index = (combined([table.keys for table in tables], op.name),) * levels
    if isinstance(objects, Mapping):
        index = (keys_of(whole), *index)
    elif op.given(4, "keys") is not None:
        index = (op.origin(4, "keys"), *index)
    if op.given(3, "ignore_index", default=False):
        index = (CONSTANT,)
    if shape_of(op.result) is Shape.SERIES:
        flat = combined([table.flat for table in tables], op.name)
        return op.shaped(lambda _: flat, index=index, rows=rows)

    def pick(label: Any) -> ColumnOrigin:
        found = [table.flat if table.vector and label not in table else table.get(label) for table in tables]
        return combined([origin for origin in found if origin is not None], op.name)

    return op.shaped(pick, index=index, rows=rows)


def _parts(objects: Any) -> list[Any]:
    if isinstance(objects, Mapping):
        return list(objects.values())
    return [each for each in objects if each is not None] if isinstance(objects, (list, tuple)) else []


def _part_table(obj: Any, at: int, whole: Value) -> Table:
    known = table_of(obj)
    if known is not None:
        return known
    part: Value = whole
    if isinstance(whole, Fields):
        part = list(whole.parts.values())[at] if at < len(whole.parts) else whole
    elif isinstance(whole, Many):
        part = whole.element
    return as_table(part, obj)


def _side_by_side(op: Operation, tables: list[Table]) -> Table:
    """Columns in order, one object after the other; rows meet by index."""
    indexes = {table.index for table in tables}
    condition = CONSTANT
    if len(indexes) > 1:
        condition = combined([origin for index in indexes for origin in index], op.name).as_condition()
    rows = combined((*(table.rows for table in tables), condition), op.name).as_condition()
    origins = [origin.under(rows) for table in tables for origin in table.origins]
    labels = op.labels()
    index = tables[0].index if len(indexes) == 1 else (combined([table.keys for table in tables], op.name),)
    if len(origins) == len(labels):
        return op.alike(origins, tables[0], index=index, rows=rows)
    by_label = {label: origin for table in tables for label, origin in table.columns.items()}
    flat = combined(origins, op.name)
    return op.shaped(lambda label: by_label.get(label, flat), index=index, rows=rows)


FUNCTIONS: dict[str, Rule] = {"concat": _concat}
