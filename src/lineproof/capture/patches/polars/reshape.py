"""Frames of polars in another shape: columns become rows, rows columns, records fields."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.polars.frames import chosen, listed, same, schema_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.model.lineage import Precision

__all__ = ["ON_FRAMES"]


def _explode(op: Operation) -> Table:
    return op.table if op.labels() == op.table.labels else same(op)


def _unnest(op: Operation) -> Table:
    """Records become columns, each from its own field where the fields are known."""
    table = op.table
    columns = [
        each for given in op.call.args[1:] or [op.call.kwargs.get("columns")] for each in listed(given)
    ]
    names = chosen(op, columns)
    fields: dict[str, ColumnOrigin] = {}
    for name in names:
        known = (table.parts or {}).get(name)
        whole = table.get(name) or CONSTANT
        kept = known or {
            field.name: whole for field in getattr(schema_of(op.receiver)[str(name)], "fields", ())
        }
        fields |= kept
    separator = op.call.kwargs.get("separator")
    if separator is not None:
        fields = {f"{name}{separator}{field}": origin for name in names for field, origin in fields.items()}
    labels = op.labels()
    return Table(
        labels,
        [(table.get(label) if label not in fields else fields[label]) or CONSTANT for label in labels],
        rows=table.rows,
    )


def _unpivot(op: Operation) -> Table:
    """`unpivot(on, index, variable_name, value_name)`."""
    index = chosen(op, op.call.kwargs.get("index"))
    values = chosen(op, op.given(0, "on"), [label for label in op.table.labels if label not in index])
    names = (op.call.kwargs.get("variable_name") or "variable", op.call.kwargs.get("value_name") or "value")
    flat = combined([op.table.get(name) or CONSTANT for name in values], op.name)
    return op.shaped(
        lambda label: (
            flat
            if label == names[1]
            else op.table.names
            if label == names[0]
            else op.table.get(label) or flat
        ),
        rows=op.table.rows,
    )


def _pivot(op: Operation) -> Table:
    """`pivot(on, index, values)`: values flow; what they are looked up by does not."""
    table = op.table
    on, index, values = (op.call.kwargs.get(name) for name in ("on", "index", "values"))
    on_names = chosen(op, op.given(0, "on") if on is None else on)
    index_names, value_names = chosen(op, index), chosen(op, values)
    rest = [label for label in table.labels if label not in on_names]
    if index is None:
        index_names = [label for label in rest if label not in value_names] if values is not None else []
    if values is None:
        value_names = [label for label in rest if label not in index_names]
    keys = combined(
        [table.get(name) or CONSTANT for name in (*on_names, *index_names)], op.name
    ).as_condition()
    grouped_by = combined([table.get(name) or CONSTANT for name in index_names], op.name).as_condition()
    rows = combined((table.rows, grouped_by), op.name).as_condition()

    def pick(label: Any) -> ColumnOrigin:
        if label in index_names:
            return table.get(label) or CONSTANT
        own = (
            [name for name in value_names if str(label).startswith(f"{name}_")]
            if len(value_names) > 1
            else []
        )
        return combined([table.get(name) or CONSTANT for name in own or value_names], op.name).under(keys)

    by = combined([table.get(name) or CONSTANT for name in on_names], op.name)
    return op.shaped(pick, rows=rows).but(names=by.under(grouped_by))


def _dummies(op: Operation) -> Table:
    table = op.table
    encoded = chosen(op, op.given(0, "columns"), table.labels)

    def pick(label: Any) -> ColumnOrigin:
        if label in table.columns and label not in encoded:
            return table.get(label) or CONSTANT
        found = [table.get(name) or CONSTANT for name in encoded if str(label).startswith(f"{name}")]
        return combined(
            found or table.origins, op.name, Precision.EXACT if len(found) == 1 else Precision.SUPERSET
        )

    return op.shaped(pick, rows=table.rows)


ON_FRAMES: dict[str, Rule] = {
    "explode": _explode,
    "unnest": _unnest,
    **dict.fromkeys(("unpivot", "melt"), _unpivot),
    "pivot": _pivot,
    "to_dummies": _dummies,
}
