"""The columns of tables of any library: what they are called, of which type, and where they came from."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.resolve import label_list
from lineproof.capture.provenance.table import NOTHING, ColumnOrigin, Table, combined
from lineproof.model.lineage import How, Precision

__all__ = ["UNKNOWN", "column_names", "columns_of", "origins_for"]

UNKNOWN = ColumnOrigin(NOTHING, NOTHING, Precision.UNKNOWN, "no provenance", How.OBSERVED)


def column_names(labels: Iterable[Hashable]) -> tuple[str, ...]:
    """Make column labels text without repeats, in the way pandas reads them back from a file.

    A label of several levels is joined by `|`; the second `a` becomes `a.1`.
    """
    taken: dict[str, int] = {}
    names: list[str] = []
    for label in labels:
        text = label if isinstance(label, str) else _text(label)
        name = text
        while name in taken:
            taken[text] += 1
            name = f"{text}.{taken[text]}"
        taken[name] = 0
        names.append(name)
    return tuple(names)


def _text(label: Hashable) -> str:
    if isinstance(label, tuple):
        return "|".join(part if isinstance(part, str) else _text(part) for part in label)
    try:
        return str(label)
    except Exception:  # a label of the program's own class
        return f"<{type(label).__name__}>"


def columns_of(obj: Any) -> tuple[tuple[Hashable, ...], tuple[str, ...]]:
    """Give the column labels and types of a table; an array's labels are positions."""
    shape = shape_of(obj)
    if shape is Shape.FRAME:
        return tuple(obj.columns), tuple(map(str, obj.dtypes))
    if shape in (Shape.TABLE, Shape.PLAN):
        return _columns_of_table(obj)
    if shape in (Shape.SERIES, Shape.INDEX):
        return (0 if obj.name is None else obj.name,), (str(obj.dtype),)
    size = getattr(obj, "shape", None)
    if isinstance(size, tuple):
        width = int(size[1]) if len(size) > 1 else 1
    else:
        rows = isinstance(obj, (list, tuple)) and obj and isinstance(obj[0], (list, tuple))
        width = len(obj[0]) if rows else 1
    return tuple(range(width)), (str(getattr(obj, "dtype", "")),) * width


def _columns_of_table(obj: Any) -> tuple[tuple[Hashable, ...], tuple[str, ...]]:
    labels = label_list(obj)
    schema = obj.collect_schema() if hasattr(obj, "collect_schema") else None  # polars; computes nothing
    types = schema.dtypes() if schema is not None else getattr(obj, "types", None)
    if types is None:
        types = (getattr(obj, "projected_schema", None) or obj.schema).types
    return labels, tuple(map(str, types))


def origins_for(table: Table | None, width: int) -> tuple[ColumnOrigin, ...]:
    """Give one origin per column, whatever is known of the object."""
    if table is None:
        return (UNKNOWN,) * width
    if len(table.origins) == width:
        return table.origins
    return (combined(table.origins, "columns not told apart", Precision.SUPERSET),) * width
