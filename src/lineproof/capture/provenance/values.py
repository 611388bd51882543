"""What is known of a value that the source describes: which origins sit where in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.model.lineage import How, Precision

__all__ = [
    "HANDED_ON",
    "NOTHING_KNOWN",
    "OPAQUE",
    "Fields",
    "Flat",
    "Many",
    "Tabular",
    "Value",
    "element_of",
    "elementwise",
    "groups",
    "keyed",
    "keys_of",
    "merged",
    "of_rows",
    "origin_of",
    "records",
    "row_of",
    "static",
    "under",
    "with_direct",
]


class Flat(msgspec.Struct, frozen=True):
    """A value with one origin for all that is in it."""

    origin: ColumnOrigin


class Tabular(msgspec.Struct, frozen=True):
    """A frame, series, index or array, or rows of one."""

    table: Table
    vector: bool = False  # a series or one-dimensional array: its elements are values, not labels


class Many(msgspec.Struct, frozen=True):
    """Any number of values of one form: a list that a loop filled, a generator."""

    element: Any


class Fields(msgspec.Struct, frozen=True):
    """A value with known parts: tuple, dict, literal list.

    Attributes:
        parts: What is known of each.
        keys: Where the keys of a dict came from, if data gave them.
    """

    parts: dict[Any, Any]
    keys: ColumnOrigin = CONSTANT


Value: TypeAlias = Flat | Tabular | Many | Fields

NOTHING_KNOWN = Flat(CONSTANT)
OPAQUE = Flat(CONSTANT.at_best(Precision.UNKNOWN, How.INFERRED))
_RULE = "source text"


def origin_of(value: Value) -> ColumnOrigin:
    """Give one origin for all that is in `value`."""
    match value:
        case Flat():
            return value.origin
        case Tabular():
            return combined((value.table.flat, *(value.table.elements or {}).values()), _RULE)
        case Many():
            return origin_of(value.element)
        case Fields():
            return combined((*(origin_of(part) for part in value.parts.values()), value.keys), _RULE)


def under(value: Value, condition: ColumnOrigin) -> Value:
    """Give a value that all which `condition` depends on decided about."""
    condition = condition.as_condition()
    if condition is CONSTANT:
        return value
    match value:
        case Flat():
            return Flat(value.origin.under(condition))
        case Tabular():
            return Tabular(value.table.under(condition), value.vector)
        case Many():
            return Many(under(value.element, condition))
        case Fields():
            parts = {label: under(part, condition) for label, part in value.parts.items()}
            return Fields(parts, value.keys if value.keys is CONSTANT else value.keys.under(condition))


def with_direct(value: Value, added: ColumnOrigin) -> Value:
    """Give a value to every part of which `added` flows as well."""
    if added is CONSTANT:
        return value
    match value:
        case Flat():
            return Flat(combined((value.origin, added), _RULE))
        case Tabular():
            return Tabular(value.table.mapped(lambda origin: combined((origin, added), _RULE)), value.vector)
        case Many():
            return Many(with_direct(value.element, added))
        case Fields():
            parts = {label: with_direct(part, added) for label, part in value.parts.items()}
            return Fields(parts, value.keys)


def static(value: Value) -> Value:
    """Mark a value as read from the source, not seen."""
    match value:
        case Flat():
            return Flat(value.origin if value.origin is CONSTANT else _read(value.origin))
        case Tabular():
            return Tabular(value.table.mapped(_read), value.vector)
        case Many():
            return Many(static(value.element))
        case Fields():
            return Fields({label: static(part) for label, part in value.parts.items()}, _read(value.keys))


def _read(origin: ColumnOrigin) -> ColumnOrigin:
    if origin is CONSTANT:
        return origin
    return origin.at_best(Precision.SUPERSET, How.STATIC)


def groups(table: Table) -> Value:
    """Give what iterating over grouped data yields: the key, and the rows of the group."""
    keys = [Flat(origin) for origin in table.index]
    key: Value = keys[0] if len(keys) == 1 else Fields(dict(enumerate(keys)))
    index = table.index if table.base is None else table.base.index
    rows = Table(table.labels, table.origins, index=index, vector=table.vector).under(table.rows)
    return Many(Fields({0: key, 1: Tabular(rows, table.vector)}))


def row_of(table: Table, first: int = 0) -> Fields:
    """Give one row as a plain object: its fields by place, counted from `first`, and by name."""
    parts: dict[Any, Any] = {}
    for at, (label, origin) in enumerate(zip(table.labels, table.origins, strict=True), first):
        parts[at] = parts[label] = parts[f"_{at}"] = Flat(origin)
    return Fields(parts)


_ONE = frozenset(("fetchone", "first", "one", "one_or_none", "get", "get_one", "merge"))
_ONE_VALUE = frozenset(("scalar", "scalar_one", "scalar_one_or_none"))
HANDED_ON = frozenset(
    ("all", "fetchall", "fetchmany", "mappings", "unique", "tuples", "partitions", "yield_per")
)


def records(table: Table, method: str = "") -> Value:
    """Give the rows of a result as a program gets them, from a call of this method."""
    row = row_of(table)
    if table.records == "entities":
        whole = dict.fromkeys(range(len(table.labels)), row)
        row = Fields({**{key: part for key, part in row.parts.items() if isinstance(key, str)}, **whole})
    return of_rows(row, method)


def of_rows(row: Value, method: str) -> Value:
    """Give what a method of a result hands out, whose rows are like `row`."""
    if method in _ONE:
        return row
    if method in _ONE_VALUE or method == "scalars":
        first = row.parts.get(0, row) if isinstance(row, Fields) else row
        return Many(first) if method == "scalars" else first
    return Many(row)


def keys_of(value: Value) -> ColumnOrigin:
    """Give where the keys of a mapping came from: CONSTANT if they stand in the source."""
    match value:
        case Fields():
            return value.keys
        case Tabular(table=table):
            return table.keys if value.vector else CONSTANT
    return origin_of(value)


def keyed(value: Fields, keys: ColumnOrigin) -> Fields:
    """Give a dict with keys that came from data: they decided what is kept under each."""
    if keys is CONSTANT:
        return value
    return Fields({label: under(part, keys) for label, part in value.parts.items()}, keys)


def element_of(value: Value) -> Value:
    """Give what iterating over `value` yields."""
    match value:
        case Many():
            return value.element  # type: ignore[no-any-return]
        case Fields(parts=parts, keys=keys):
            return merged(parts.values()) if keys is CONSTANT else Flat(keys)
        case Tabular(table=table):
            if value.vector:
                return Flat(table.flat)
            return value
        case Flat():
            return value


def merged(values: Iterable[Value]) -> Value:
    """Give a value that may be any of `values`; structure that they share is kept."""
    listed = list(values)
    if not listed:
        return NOTHING_KNOWN
    first = listed[0]
    if all(each == first for each in listed[1:]):
        return first
    known = [each for each in listed if not _says_nothing(each)]
    if not known:
        return first
    if len(known) == 1:
        return known[0]
    lists = [each for each in known if isinstance(each, Many)]
    if len(lists) == len(known):
        return Many(merged(each.element for each in lists))
    frames = [each.table for each in known if isinstance(each, Tabular) and not each.vector]
    if len(frames) == len(known):
        return Tabular(_merged_tables(frames))
    records = [each for each in known if isinstance(each, Fields)]
    fields: list[Mapping[Any, Value]] = [each.parts for each in records]
    if len(fields) == len(known):
        return Fields(_merged_fields(fields).parts, combined((each.keys for each in records), _RULE))
    if len(fields) == len(known) - 1:
        (other,) = [each for each in known if not isinstance(each, Fields)]
        if isinstance(other, Tabular) and not other.vector:
            return _with_columns(other, fields)
        if isinstance(other, Many) and isinstance(other.element, Fields):
            return Many(_merged_fields([other.element.parts, *fields]))
    return Flat(combined((origin_of(each) for each in known), _RULE))


def _merged_tables(tables: list[Table]) -> Table:
    columns: dict[Any, ColumnOrigin] = {}
    for table in tables:
        for label, origin in table.columns.items():
            columns[label] = combined((columns.get(label, CONSTANT), origin), _RULE)
    rows = combined((table.rows for table in tables), _RULE).as_condition()
    keys = combined((table.keys for table in tables), _RULE)
    return Table(columns.keys(), columns.values(), index=(keys,), rows=rows)


def _says_nothing(value: Value) -> bool:
    if isinstance(value, Fields):
        return not value.parts
    return isinstance(value, Flat) and value.origin is CONSTANT


def _with_columns(frame: Tabular, stored: list[Mapping[Any, Value]]) -> Value:
    """A frame some of whose columns were, or may have been, assigned."""
    columns = dict(frame.table.columns)
    for parts in stored:
        for label, value in parts.items():
            earlier = columns.get(label, CONSTANT)
            columns[label] = combined((earlier, origin_of(value)), _RULE)
    return Tabular(frame.table.but(labels=columns.keys(), origins=columns.values()))


def _merged_fields(parts: list[Mapping[Any, Value]]) -> Fields:
    labels = dict.fromkeys(label for each in parts for label in each)
    return Fields({label: merged(each[label] for each in parts if label in each) for label in labels})


def elementwise(values: list[Value], rule: str = _RULE) -> Value:
    """Give the value of an operation that works element by element on all of `values`."""
    if len(values) > 1 and all(isinstance(each, Many) for each in values):
        return merged(values)  # lists that are put together
    wide = [each for each in values if isinstance(each, Tabular) and not each.vector]
    widths = {len(each.table.labels) for each in wide}
    if len(widths) != 1:
        vectors = [each for each in values if isinstance(each, Tabular)]
        flat = combined((origin_of(each) for each in values), rule)
        if not wide and vectors:
            return Tabular(vectors[0].table.but(origins=(flat,), elements=None), vector=True)
        return Flat(flat)
    others = [origin_of(each) for each in values if not (isinstance(each, Tabular) and not each.vector)]
    table = wide[0].table
    origins = [
        combined((*(each.table.origins[at] for each in wide), *others), rule)
        for at in range(len(table.labels))
    ]
    return Tabular(table.but(origins=origins))
