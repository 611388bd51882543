"""Which object has which table of origins, without keeping any data alive.

Frames, series and indexes of pandas carry their table in a private slot of their own; it is neither
copied nor pickled with them. Arrays, and the tables of other libraries, have no room for one, or are of
classes that people compare slot by slot: they are known by identity for as long as they live. Numbers that an operation returned are remembered for a while, since `x - x.mean()` passes one.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from lineproof.capture.provenance.table import Table

__all__ = [
    "Shape",
    "attach",
    "attached_tables",
    "carried",
    "carry",
    "detach",
    "held_by",
    "shape_of",
    "table_of",
    "viewed_table",
]

_SLOT = "_lineproof_table"


class Shape(Enum):
    """What kind of object this is, as far as origins go."""

    FRAME = auto()
    SERIES = auto()
    INDEX = auto()
    GROUPED = auto()  # what groupby, rolling, resample and their kin return
    ARRAY = auto()
    TABLE = auto()  # columns of values without a row index: polars, Arrow
    COLUMN = auto()  # one column of such a table
    PLAN = auto()  # a table that is not computed yet: a lazy frame, a relation
    ROWS = auto()  # a cursor, a result: rows that are handed out one by one
    SCALAR = auto()
    OTHER = auto()


_BY_NAME = {
    ("pandas", "DataFrame"): Shape.FRAME,
    ("pandas", "Series"): Shape.SERIES,
    ("pandas", "Index"): Shape.INDEX,
    ("pandas", "BaseGroupBy"): Shape.GROUPED,
    ("pandas", "BaseWindow"): Shape.GROUPED,
    ("pandas", "ExtensionArray"): Shape.ARRAY,
    ("pandas", "Timestamp"): Shape.SCALAR,
    ("pandas", "Timedelta"): Shape.SCALAR,
    ("pandas", "Period"): Shape.SCALAR,
    ("polars", "DataFrame"): Shape.TABLE,
    ("polars", "LazyFrame"): Shape.PLAN,
    ("polars", "Series"): Shape.COLUMN,
    ("pyarrow", "Table"): Shape.TABLE,
    ("pyarrow", "RecordBatch"): Shape.TABLE,
    ("pyarrow", "ChunkedArray"): Shape.COLUMN,
    ("pyarrow", "Array"): Shape.COLUMN,
    ("pyarrow", "Scalar"): Shape.SCALAR,
    ("pyarrow", "Dataset"): Shape.PLAN,
    ("pyarrow", "Scanner"): Shape.PLAN,
    ("pyarrow", "RecordBatchReader"): Shape.PLAN,
    ("_duckdb", "DuckDBPyRelation"): Shape.PLAN,
    ("duckdb", "DuckDBPyRelation"): Shape.PLAN,
    ("sqlite3", "Cursor"): Shape.ROWS,
    ("psycopg", "BaseCursor"): Shape.ROWS,
    ("sqlalchemy", "Result"): Shape.ROWS,
    ("numpy", "ndarray"): Shape.ARRAY,
    ("numpy", "generic"): Shape.SCALAR,
    ("scipy", "_spbase"): Shape.ARRAY,
    ("torch", "Tensor"): Shape.ARRAY,
    ("builtins", "float"): Shape.SCALAR,
    ("builtins", "int"): Shape.SCALAR,
    ("builtins", "str"): Shape.SCALAR,
    ("builtins", "bool"): Shape.SCALAR,
    ("builtins", "complex"): Shape.SCALAR,
    ("builtins", "NoneType"): Shape.SCALAR,
    ("datetime", "date"): Shape.SCALAR,
    ("datetime", "timedelta"): Shape.SCALAR,
    ("decimal", "Decimal"): Shape.SCALAR,
}
_shapes: dict[type, Shape] = {}


def shape_of(obj: Any) -> Shape:
    """Say what kind of object this is, without importing the library it is from."""
    kind = type(obj)
    shape = _shapes.get(kind)
    if shape is None:
        shape = Shape.OTHER
        for base in kind.__mro__:
            known = _BY_NAME.get((base.__module__.partition(".")[0], base.__name__))
            if known is not None:
                shape = known
                break
        _shapes[kind] = shape
    return shape


_IN_SLOT = frozenset((Shape.FRAME, Shape.SERIES, Shape.INDEX, Shape.GROUPED))
_BY_IDENTITY = frozenset((Shape.ARRAY, Shape.TABLE, Shape.COLUMN, Shape.PLAN, Shape.ROWS))
_arrays: dict[int, tuple[weakref.ref[Any], Table]] = {}
_SCALARS_KEPT = 4096
_scalars: dict[int, tuple[Any, Table]] = {}
_scalar_order: deque[int] = deque()


def attach(obj: Any, table: Table) -> None:
    """Say where the columns of `obj` came from. Objects that cannot carry a table are left alone."""
    shape = shape_of(obj)
    if shape in _IN_SLOT:
        obj.__dict__[_SLOT] = (table, obj.columns if shape is Shape.FRAME else None)
    elif shape is Shape.SCALAR:
        _remember_scalar(obj, table)
    elif shape in _BY_IDENTITY:
        carry(obj, table)


def detach(obj: Any) -> None:
    """Forget what is known about `obj`: it changed in a way that nobody followed."""
    shape = shape_of(obj)
    if shape in _IN_SLOT:
        obj.__dict__.pop(_SLOT, None)
    elif shape in _BY_IDENTITY:
        _arrays.pop(id(obj), None)


def table_of(obj: Any) -> Table | None:
    """Give the table of `obj`; None when its provenance is not known.

    A frame whose labels are no longer those of its table was changed behind our back: its table
    is not trusted.
    """
    shape = shape_of(obj)
    if shape in _IN_SLOT:
        held: tuple[Table, Any] | None = obj.__dict__.get(_SLOT)
        if held is None:
            return None
        table, axis = held
        if shape is Shape.FRAME and obj.columns is not axis and not _same_labels(obj, table):
            return None
        return table
    if shape in _BY_IDENTITY:
        known = carried(obj)
        return known if known is None or shape is not Shape.TABLE else _relabelled(obj, known)
    if shape is Shape.SCALAR:
        kept = _scalars.get(id(obj))
        return None if kept is None or kept[0] is not obj else kept[1]
    return None


def held_by(obj: Any) -> Table | None:
    """Give the table that a frame or series holds, whether or not its labels are still those of the table."""
    held: tuple[Table, Any] | None = getattr(obj, "__dict__", {}).get(_SLOT)
    return None if held is None else held[0]


def _relabelled(obj: Any, table: Table) -> Table | None:
    """Follow `frame.columns = names`, which no call shows: as many columns are the same ones in order."""
    named = getattr(obj, "column_names", None)
    labels = tuple(obj.columns if named is None else named)
    if labels == table.labels:
        return table
    return table.but(labels=labels) if len(labels) == len(table.labels) else None


def _same_labels(frame: Any, table: Table) -> bool:
    labels = frame.columns
    if len(labels) != len(table.labels):
        return False
    return all(
        mine is theirs or mine == theirs or (mine != mine and theirs != theirs)  # noqa: PLR0124 -- NaN is a label too
        for mine, theirs in zip(table.labels, labels, strict=True)
    )


def carry(array: Any, table: Table) -> None:
    """Know an object of any class by its identity, for as long as it lives."""
    key = id(array)

    def forget(_: Any) -> None:
        _arrays.pop(key, None)

    try:
        _arrays[key] = (weakref.ref(array, forget), table)
    except TypeError:
        return  # a few extension arrays allow no weak reference


def carried(array: Any) -> Table | None:
    """Give what `carry` was told; None if nothing."""
    kept = _arrays.get(id(array))
    if kept is not None and kept[0]() is array:
        return kept[1]
    return None


def attached_tables(module: str, at_most: int) -> Iterator[tuple[Any, Table]]:
    """Give the latest objects of a module's classes that are known by identity and alive, latest first."""
    for reference, table in reversed(list(_arrays.values())):
        obj = reference()
        if obj is not None and type(obj).__module__ == module and at_most > 0:
            at_most -= 1
            yield obj, table


def viewed_table(array: Any) -> Table | None:
    """Give the table of the array that `array` is a view into; None when there is none that is known."""
    if shape_of(array) is not Shape.ARRAY:
        return None
    viewed = getattr(array, "base", None)
    for _ in range(_VIEWS):
        if viewed is None or shape_of(viewed) is not Shape.ARRAY:
            return None
        table = carried(viewed)
        if table is not None:
            return table
        viewed = getattr(viewed, "base", None)
    return None


def _remember_scalar(value: Any, table: Table) -> None:
    if value is None or isinstance(value, bool) or value != value:  # noqa: PLR0124 -- NaN may be shared
        return
    if isinstance(value, int) and -_SMALL_INT <= value <= _SMALL_INT:
        return
    if isinstance(value, str) and len(value) <= 1:
        return
    key = id(value)
    if key not in _scalars:
        _scalar_order.append(key)
        if len(_scalar_order) > _SCALARS_KEPT:
            _scalars.pop(_scalar_order.popleft(), None)
    _scalars[key] = (value, table)


_VIEWS = 4  # views of views that are followed
_SMALL_INT = 256  # the interpreter shares these: identity says nothing
