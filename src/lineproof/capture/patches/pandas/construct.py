"""Making frames and series from parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, aligned, as_table, label_list
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.callsite import called_directly
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import (
    NOTHING_KNOWN,
    Fields,
    Flat,
    Many,
    Tabular,
    Value,
    keys_of,
    merged,
    origin_of,
)
from lineproof.model.lineage import Precision

__all__ = ["FROM", "INIT_FRAME", "INIT_SERIES", "from_data", "from_mapping"]

_TABULAR = (Shape.FRAME, Shape.SERIES, Shape.TABLE, Shape.COLUMN, Shape.PLAN)


def _frame(op: Operation) -> Table | None:
    """`DataFrame(data=None, index=None, columns=None)`."""
    if not called_directly():
        return None
    data = op.given(0, "data")
    made = op.receiver
    found = from_data(op, data, made)
    index = op.given(1, "index")
    if index is not None:
        found = _indexed(op, found, index)
    if found.index and len(found.index) != made.index.nlevels:
        found = found.but(index=(found.keys,) * made.index.nlevels)
    return found


def _indexed(op: Operation, table: Table, index: Any) -> Table:
    value = op.operand(1, "index")
    if isinstance(value, Tabular) and value.table.vector and shape_of(index) is not Shape.INDEX:
        return table.but(index=value.table.origins)
    levels = value.table.origins if isinstance(value, Tabular) else (origin_of(value),)
    return table.but(index=levels)


def from_data(op: Operation, data: Any, made: Any) -> Table:
    """Give the table of what a constructor made of `data`, its first argument."""
    labels = label_list(made)
    if data is None:
        return Table(labels, [CONSTANT] * len(labels))
    shape = shape_of(data)
    if isinstance(data, Mapping):
        return from_mapping(op, data, labels)
    if shape is Shape.SCALAR:
        return Table(labels, [op.origin(0, "data")] * len(labels))
    known = table_of(data)
    if shape in _TABULAR and known is not None:
        return _from_pandas(known, labels)
    value = op.operand(0, "data")
    if isinstance(value, Tabular) and value.table.vector is False and len(value.table.labels) == len(labels):
        if set(labels) == set(value.table.columns) and shape is not Shape.ARRAY:
            return Table(labels, [value.table.columns[label] for label in labels], rows=value.table.rows)
        return Table(labels, value.table.origins, rows=value.table.rows)
    if isinstance(data, (list, tuple)) and any(table_of(each) is not None for each in data[:100]):
        return _from_rows(op, data, labels, value)
    table = as_table(value, made)
    return table.but(rows=value.table.rows) if isinstance(value, Tabular) else table


def _from_pandas(known: Table, labels: tuple[Any, ...]) -> Table:
    if known.vector:
        return Table(labels, [known.flat] * len(labels), index=known.index, rows=known.rows)
    origins = [known.get(label) or CONSTANT for label in labels]
    return Table(labels, origins, index=known.index, rows=known.rows)


def _from_rows(op: Operation, data: Any, labels: tuple[Any, ...], value: Value) -> Table:
    """A list of series is a list of rows, or of columns in a transposed frame: each may hold all."""
    tables = [table for table in (table_of(each) for each in data) if table is not None]
    by_label: dict[Any, list[ColumnOrigin]] = {label: [] for label in labels}
    for table in tables:
        for label in labels:
            own = (table.elements or {}).get(label)
            by_label[label].append(own or table.flat)
    extra = CONSTANT if len(tables) == len(data) else origin_of(value)
    rows = combined([table.rows for table in tables], op.name).as_condition()
    return Table(labels, [combined((*by_label[label], extra), "rows") for label in labels], rows=rows)


def from_mapping(op: Operation, data: Mapping[Any, Any], labels: tuple[Any, ...]) -> Table:
    """Columns by key. Series meet by index; what no object knows is read from the source."""
    known = {key: table_of(value) for key, value in data.items()}
    whole: Value | None = None
    values: dict[Any, Value] = {}
    for key, obj in data.items():
        table = known[key]
        if table is not None and shape_of(obj) is not Shape.ARRAY:
            values[key] = Tabular(table, vector=table.vector)
        else:
            whole = op.site.operand_unknown(data, _slot(op, 0, "data")) if whole is None else whole
            values[key] = _part(whole, key, table)
    series = [
        table for key, table in known.items() if table is not None and shape_of(data[key]) is Shape.SERIES
    ]
    rows = combined([table.rows for table in series], "rows").as_condition()
    index = series[0].index if series else (_rows_of(op, data),)
    condition = CONSTANT
    if series:
        condition = aligned(series[0], [Tabular(table) for table in series[1:]])
    origins = [origin_of(values.get(label, NOTHING_KNOWN)).under(condition).under(rows) for label in labels]
    names = op.site.keys(data, _slot(op, 0, "data"))
    rows = combined((rows, condition), "rows").as_condition()
    return Table(labels, origins, index=index, rows=rows, names=names)


def _rows_of(op: Operation, data: Mapping[Any, Any]) -> ColumnOrigin:
    """`DataFrame({'a': {1: x, 2: y}})`: the keys of the inner mappings name the rows."""
    inner = [key for key, value in data.items() if isinstance(value, Mapping)]
    if not inner:
        return CONSTANT
    whole = op.site.operand_unknown(data, _slot(op, 0, "data"))
    return combined((keys_of(_part(whole, key, None)) for key in inner), "rows")


def _slot(op: Operation, position: int, keyword: str) -> int | str:
    return keyword if keyword in op.call.kwargs else position


def _part(whole: Value, key: Any, table: Table | None) -> Value:
    while isinstance(whole, Many):
        whole = whole.element
    if isinstance(whole, Fields) and key in whole.parts:
        return whole.parts[key]  # type: ignore[no-any-return]
    if isinstance(whole, Tabular) and whole.table.get(key) is not None:
        return Flat(whole.table.get(key) or CONSTANT)
    if table is not None:
        return Tabular(table, vector=table.vector)
    return Flat(origin_of(whole))


def _series(op: Operation) -> Table | None:
    """`Series(data=None, index=None, dtype=None, name=None)`."""
    if not called_directly():
        return None
    data, made = op.given(0, "data"), op.receiver
    known = table_of(data)
    if shape_of(data) is Shape.SERIES and known is not None:
        table = Table(
            (made.name,),
            (known.flat,),
            index=known.index,
            rows=known.rows,
            vector=True,
            elements=known.elements,
        )
    else:
        value = NOTHING_KNOWN if data is None else op.operand(0, "data")
        rows = value.table.rows if isinstance(value, Tabular) else CONSTANT
        elements = None
        if isinstance(value, Fields) and isinstance(data, Mapping):
            elements = {label: origin_of(part) for label, part in value.parts.items()}
        table = Table((made.name,), (origin_of(value),), rows=rows, elements=elements, vector=True)
        if isinstance(data, Mapping):
            table = table.but(index=(keys_of(value),))
    if op.given(1, "index") is not None:
        table = _indexed(op, table, op.given(1, "index"))
    if len(table.index) != made.index.nlevels:
        table = table.but(index=(table.keys,) * made.index.nlevels)
    return table


def _from(op: Operation) -> Table:
    """`DataFrame.from_dict(data, orient='columns')`, `DataFrame.from_records(data)`."""
    data, made = op.given(0, "data"), op.result
    if isinstance(data, Mapping) and op.given(1, "orient", "columns") == "columns":
        table = from_mapping(op, data, label_list(made))
    elif isinstance(data, Mapping):
        table = _by_row(op, made)
    else:
        table = from_data(op, data, made)
    attach(made, table)
    return table


def _by_row(op: Operation, made: Any) -> Table:
    """`from_dict(data, orient='index')`: the keys are rows."""
    value = op.site.operand_unknown(op.given(0, "data"), _slot(op, 0, "data"))
    keys = origin_of(value) if isinstance(value, Many) else CONSTANT
    while isinstance(value, Many):
        value = value.element
    if isinstance(value, Fields) and not set(label_list(made)) <= set(value.parts):
        value = merged(value.parts.values())
    found = as_table(value, made)
    return found if keys is CONSTANT else found.but(index=(keys.at_best(Precision.SUPERSET),))


INIT_FRAME: Rule = _frame
INIT_SERIES: Rule = _series
FROM: Rule = _from
