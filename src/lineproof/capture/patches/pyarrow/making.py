"""Tables, batches and columns made of something else: frames of pandas, mappings, rows, arrays, other tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineproof.capture.patches.pandas.construct import from_mapping
from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table, label_list
from lineproof.capture.patches.pyarrow.columns import arguments
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Many, Tabular, Value, origin_of

__all__ = ["CLASS_METHODS", "FUNCTIONS"]

_DATA = {"from_pandas": "df", "from_pydict": "mapping", "from_pylist": "mapping", "from_arrays": "arrays",
         "from_batches": "batches", "from_struct_array": "struct_array", "concat_tables": "tables",
         "concat_arrays": "arrays", "concat_batches": "recordbatches", "chunked_array": "arrays", "array": "obj"}  # fmt: skip


def _made(op: Operation) -> Table:
    """`table(data, names)`, `Table.from_pydict(mapping)`, `Table.from_arrays(arrays, names)`, ..."""
    keyword = _DATA.get(op.name, "data")
    data, labels = op.given(0, keyword), label_list(op.result)
    if isinstance(data, Mapping):
        return from_mapping(op, data, labels).but(index=(CONSTANT,))
    known = table_of(data)
    if known is not None and not known.vector:
        return _of_table(known, data, labels)
    whole = op.operand(0, keyword)
    if isinstance(data, (list, tuple)) and len(data) == len(labels) and not _are_rows(data):
        parts = [_member(each, at, whole) for at, each in enumerate(data)]
        rows = combined(
            [each.table.rows for each in parts if isinstance(each, Tabular)], "rows"
        ).as_condition()
        return Table(labels, [origin_of(each).under(rows) for each in parts], rows=rows)
    return as_table(whole, op.result)


def _are_rows(data: Any) -> bool:
    return bool(data) and isinstance(data[0], Mapping)


def _of_table(known: Table, data: Any, labels: tuple[Any, ...]) -> Table:
    """A frame or table: columns by name, levels of a row index by theirs."""
    named: dict[str, ColumnOrigin] = {str(label): origin for label, origin in known.columns.items()}
    if shape_of(data) is Shape.FRAME and len(data.index.names) == len(known.index):
        for at, (name, origin) in enumerate(zip(data.index.names, known.index, strict=True)):
            named.setdefault(f"__index_level_{at}__" if name is None else str(name), origin)
    if len(known.labels) == len(labels) and not set(labels) <= set(named):
        return Table(labels, known.origins, rows=known.rows, parts=known.parts)
    return Table(
        labels, [named.get(label, known.flat) for label in labels], rows=known.rows, parts=known.parts
    )


def _member(obj: Any, at: int, whole: Value) -> Value:
    known = table_of(obj)
    if known is not None:
        return Tabular(known, vector=known.vector)
    if isinstance(whole, Fields) and at in whole.parts:
        return whole.parts[at]  # type: ignore[no-any-return]
    return whole.element if isinstance(whole, Many) else whole


def _records(op: Operation) -> Table:
    """`from_struct_array(records)`: their parts by name."""
    data = op.given(0, "struct_array")
    known = table_of(data)
    parts = {} if known is None else next(iter((known.parts or {}).values()), {})
    flat = op.origin(0, "struct_array") if known is None else known.flat
    return op.shaped(lambda label: parts.get(label) or flat, rows=CONSTANT if known is None else known.rows)


def _after_one_another(op: Operation) -> Table:
    """`concat_tables(tables)`, `Table.from_batches(batches)`: columns by name, of whichever has them."""
    keyword = _DATA[op.name]
    given, whole = op.given(0, keyword), op.operand(0, keyword)
    listed = list(given) if isinstance(given, (list, tuple)) else []
    values = [_member(each, at, whole) for at, each in enumerate(listed)]
    tables = [as_table(value, each) for value, each in zip(values, listed, strict=True)]
    if not tables:
        tables = [as_table(whole, op.result)]
    rows = combined([table.rows for table in tables], op.name).as_condition()

    def pick(label: Any) -> ColumnOrigin:
        found = [table.get(label) for table in tables]
        return combined([origin for origin in found if origin is not None], op.name)

    return op.shaped(pick, rows=rows)


def _values(op: Operation) -> Table:
    """`array(values)`, `chunked_array(arrays)`, `concat_arrays(arrays)`."""
    values = arguments(op)[:1]
    rows = combined([each.table.rows for each in values if isinstance(each, Tabular)], "rows").as_condition()
    return Table((None,), [combined(map(origin_of, values), op.name)], rows=rows, vector=True)


CLASS_METHODS: dict[str, Rule] = {
    **dict.fromkeys(("from_pandas", "from_pydict", "from_pylist", "from_arrays"), _made),
    "from_batches": _after_one_another,
    "from_struct_array": _records,
}
FUNCTIONS: dict[str, Rule] = {
    **dict.fromkeys(("table", "record_batch"), _made),
    **dict.fromkeys(("concat_tables", "concat_batches"), _after_one_another),
    **dict.fromkeys(("array", "chunked_array", "concat_arrays"), _values),
}
