"""Taking values apart: items, attributes, unpacking; and what a live object tells."""

from __future__ import annotations

import ast
from typing import Any

from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.table import Table
from lineproof.capture.provenance.values import (
    NOTHING_KNOWN,
    Fields,
    Flat,
    Many,
    Tabular,
    Value,
    groups,
    merged,
    origin_of,
    records,
)

__all__ = [
    "attribute_of",
    "column_of_key",
    "constant_of",
    "item_of",
    "part_of",
    "taken_apart",
    "value_of_object",
]

_FEW = 64  # containers beyond this size are read from the source instead of element by element


def value_of_object(obj: Any) -> Value | None:
    """Give what is known of a live object; None when nothing is."""
    table = table_of(obj)
    if table is not None and table.says_nothing:  # made in a library out of sight: the source may tell more
        return None
    if table is not None and table.records:
        return records(table)
    if table is not None:
        return groups(table) if shape_of(obj) is Shape.GROUPED else Tabular(table, vector=table.vector)
    if isinstance(obj, (list, tuple)) and 0 < len(obj) <= _FEW:
        return _all_known(dict(enumerate(obj)))
    if isinstance(obj, dict) and 0 < len(obj) <= _FEW:
        return _all_known(obj)
    return None


def _all_known(parts: dict[Any, Any]) -> Value | None:
    found: dict[Any, Value] = {}
    for key, each in parts.items():
        known = value_of_object(each)
        if known is None:
            return None
        found[key] = known
    return Fields(found)


def taken_apart(target: ast.expr, value: Value) -> dict[str, Value]:
    """Bind the names of an unpacking target to the parts of `value`."""
    match target:
        case ast.Name(id=name):
            return {name: value}
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            found: dict[str, Value] = {}
            for position, part in enumerate(parts):
                found.update(taken_apart(part, part_of(value, position)))
            return found
        case ast.Starred(value=inner):
            return taken_apart(inner, value)
    return {}


def part_of(value: Value, label: Any) -> Value:
    """Give `value[label]`."""
    match value:
        case Fields(parts=parts):
            return parts[label] if label in parts else merged(parts.values())
        case Many(element=element):
            return part_of(element, label) if isinstance(label, str) else element
        case Tabular():
            return _part_of_table(value, label)
        case Flat():
            return value


def _part_of_table(value: Tabular, label: Any) -> Value:
    table = value.table
    if table.elements is not None and label in table.elements:
        return Flat(table.elements[label])
    if value.vector:
        return Flat(table.flat)
    origin = table.get(label)
    if origin is not None:
        return Tabular(table.column(label, origin), vector=True)
    if isinstance(label, int) and not isinstance(label, bool) and 0 <= label < len(table.origins):
        return Flat(table.origins[label])
    return Flat(table.flat)


def item_of(owner: Value, key: ast.expr) -> Value:
    """Give `owner[key]` as far as the key is constant."""
    label = constant_of(key)
    if label is not None:
        return part_of(owner, label)
    if isinstance(owner, Tabular) and isinstance(key, ast.List):
        return _columns(owner, [constant_of(each) for each in key.elts])
    if isinstance(owner, Tabular) and isinstance(key, ast.Tuple):
        return _cell(owner, [constant_of(each) for each in key.elts])
    if isinstance(owner, Fields) and not isinstance(key, ast.Slice):
        return merged(owner.parts.values())
    if isinstance(owner, Many) and not isinstance(key, ast.Slice):
        return owner.element  # type: ignore[no-any-return]
    return owner


def _columns(owner: Tabular, labels: list[Any]) -> Value:
    origins = [owner.table.get(label) for label in labels]
    if owner.vector or any(origin is None for origin in origins):
        return owner
    return Tabular(owner.table.but(labels=labels, origins=origins, elements=None))


def _cell(owner: Tabular, keys: list[Any]) -> Value:
    """`frame.loc[rows, column]`, `array[:, 2]`: only a constant last part picks a column."""
    if len(keys) != 2 or keys[1] is None or owner.vector:  # noqa: PLR2004 -- rows and columns
        return owner
    return part_of(owner, keys[1])


def column_of_key(key: ast.expr) -> Any:
    """Give the column that `x[key] = ...` stores into; None if the key does not say."""
    if isinstance(key, ast.Tuple) and all(isinstance(part, ast.Slice) for part in key.elts[:-1]):
        return constant_of(key.elts[-1])
    return constant_of(key)


def constant_of(node: ast.expr) -> Any:
    """Give the value of a constant that may be a label; None for anything else."""
    return node.value if isinstance(node, ast.Constant) else None


_SAME = frozenset(
    ("values", "array", "T", "loc", "iloc", "at", "iat", "str", "dt", "cat", "plot", "flat", "real", "iat")
)
_NO_VALUES = frozenset(
    ("shape", "size", "ndim", "dtype", "dtypes", "empty", "nbytes", "name", "columns", "height", "width")
)


def attribute_of(owner: Value, name: str, obj: Any) -> Value | None:
    """Give `owner.name`; None if only the program can say.

    Args:
        owner: What is known of the owner.
        name: The attribute.
        obj: The owner itself, if it is a variable that is alive.
    """
    if name in _NO_VALUES and not isinstance(owner, Fields):
        return Flat(owner.table.rows.as_condition()) if isinstance(owner, Tabular) else NOTHING_KNOWN
    if name == "index" and isinstance(owner, Flat):
        owner = value_of_object(obj) or owner
    if isinstance(owner, Fields) and name in owner.parts:
        return owner.parts[name]  # type: ignore[no-any-return]
    return _attribute_of_table(owner, name, obj) if isinstance(owner, Tabular) else None


def _attribute_of_table(owner: Tabular, name: str, obj: Any) -> Value:
    table: Table = owner.table
    if name == "index":
        names = list(obj.index.names) if shape_of(obj) in (Shape.FRAME, Shape.SERIES) else []
        labels = names if len(names) == len(table.index) else range(len(table.index))
        return Tabular(Table(labels, table.index, index=(), rows=table.rows), vector=len(table.index) == 1)
    if name == "T" and table.elements is not None:
        return Tabular(
            table.but(labels=table.elements.keys(), origins=table.elements.values(), elements=None)
        )
    if table.elements is not None and name in table.elements:
        return Flat(table.elements[name])
    if name in _SAME:
        return owner
    origin = None if owner.vector else table.get(name)
    if origin is not None:
        return Tabular(table.column(name, origin), vector=True)
    return Flat(origin_of(owner)) if owner.vector or len(table.labels) == 1 else owner
