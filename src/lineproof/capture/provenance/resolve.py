"""Tables of operands for patches of other libraries: by object, and by source where that fails."""

from __future__ import annotations

from typing import Any

from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.site import Site, Slot
from lineproof.capture.provenance.table import CONSTANT, Table, combined
from lineproof.capture.provenance.values import Fields, Many, Tabular, Value, merged, origin_of

__all__ = ["as_table", "is_vector", "label_list", "note_result", "resolved"]


def resolved(obj: Any, slot: Slot) -> Table:
    """Give the table of an argument of the hooked call in progress, whatever it takes.

    Args:
        obj: The argument.
        slot: Where it stands in the call: its number (the receiver not counted, -1 for it) or keyword.

    Returns:
        What the object carries; else what the source says (`how` static, a superset); else all
        columns of the frames in scope, with precision unknown.
    """
    table = as_table(Site().operand(obj, slot), obj)
    if table_of(obj) is None:
        attach(obj, table)
    return table


def note_result(table: Table) -> None:
    """Remember what the hooked call in progress returned, for expressions that use it unseen."""
    Site().note(table)


def label_list(obj: Any) -> tuple[Any, ...]:
    """Give the column labels of an object; positions for an array."""
    shape = shape_of(obj)
    if shape is Shape.FRAME:
        return tuple(obj.columns)
    if shape in (Shape.TABLE, Shape.PLAN):
        return _names_of(obj)
    if shape is Shape.COLUMN:
        return (getattr(obj, "name", None) or None,)
    if shape is Shape.SERIES:
        return (obj.name,)
    if shape is Shape.INDEX:
        return tuple(obj.names)
    if shape is Shape.ARRAY and len(getattr(obj, "shape", ())) > 1:
        return tuple(range(obj.shape[1]))
    return (None,)


def _names_of(obj: Any) -> tuple[Any, ...]:
    """Give the column names of a table or plan of polars, Arrow or DuckDB."""
    named = getattr(obj, "column_names", None)  # Arrow
    if named is None and type(obj).__module__.startswith("pyarrow"):  # a reader, a dataset
        named = (getattr(obj, "projected_schema", None) or obj.schema).names
    if named is None:
        resolve = getattr(obj, "collect_schema", None)  # polars; looks at types only, computes nothing
        named = obj.columns if resolve is None else resolve().names()
    return tuple(named)


def is_vector(obj: Any) -> bool:
    """Whether the object has one column that it is itself."""
    shape = shape_of(obj)
    if shape is Shape.ARRAY:
        return len(getattr(obj, "shape", ())) <= 1
    if shape is Shape.INDEX:
        return bool(obj.nlevels == 1)
    return shape not in (Shape.FRAME, Shape.TABLE, Shape.PLAN)


def as_table(value: Value, obj: Any) -> Table:
    """Give a value that the source describes as the table of a live object."""
    labels = label_list(obj)
    vector = is_vector(obj)
    while isinstance(value, Many):
        value = value.element
    if isinstance(value, Tabular):
        table = _relabelled(value.table, labels, vector=vector)
        return table if shape_of(obj) in (Shape.FRAME, Shape.SERIES) else table.but(index=())
    if isinstance(value, Fields) and not vector:
        parts = value.parts
        if (
            parts
            and all(isinstance(part, Fields) for part in parts.values())
            and not set(labels) & set(parts)
        ):
            return as_table(merged(parts.values()), obj)  # a list of rows
        placed = [key for key in parts if isinstance(key, int)]
        if len(placed) == len(labels) < len(parts) and set(placed) == set(range(len(labels))):
            return Table(labels, [origin_of(parts[at]) for at in range(len(labels))])  # a row of named fields
        if all(label in parts for label in labels):
            return Table(labels, [origin_of(parts[label]) for label in labels])
        if set(parts) == set(range(len(labels))):
            return Table(labels, [origin_of(parts[at]) for at in range(len(labels))])
    return Table(labels, [origin_of(value)] * len(labels), vector=vector)


def _relabelled(table: Table, labels: tuple[Any, ...], *, vector: bool) -> Table:
    """Columns by label if the labels are the same, else by position, else all from all."""
    if not vector and not table.vector and set(labels) <= set(table.columns):
        return table.but(labels=labels, origins=[table.columns[label] for label in labels])
    if table.vector == vector and len(table.labels) == len(labels):
        return table.but(labels=labels, vector=vector)
    flat = (
        combined((table.flat, *(table.elements or {}).values()), "source text") if table.labels else CONSTANT
    )
    return table.but(
        labels=labels,
        origins=[(None if vector else table.get(label)) or flat for label in labels],
        vector=vector,
        elements=None,
    )
