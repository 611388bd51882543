"""Files and datasets that Arrow reads: whole, in parts, or as a plan of which only some columns are read."""

from __future__ import annotations

import os
from typing import Any

from lineproof.capture.edges import versioned
from lineproof.capture.patches.pandas.io import Named, arrived, sources_of
from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table, label_list
from lineproof.capture.patches.pyarrow import writers
from lineproof.capture.patches.pyarrow.expressions import is_expression, of_expression, of_filters, words_of
from lineproof.capture.patches.pyarrow.tables import selection
from lineproof.capture.provenance.attachment import Shape, attach, carried, carry, shape_of, table_of
from lineproof.capture.provenance.table import (
    CONSTANT,
    ColumnOrigin,
    SourceColumn,
    Table,
    combined,
    source_origin,
)
from lineproof.capture.provenance.values import origin_of

__all__ = [
    "FUNCTIONS",
    "NATIVE_FILE",
    "ON_DATASETS",
    "ON_READERS",
    "OPENED",
    "OPENED_PARQUET",
    "PARQUET",
    "mark",
]

_PLACES = {"read_csv": "input_file", "open_csv": "input_file", "read_json": "input_file", "open_json": "input_file",
           "parquet_dataset": "metadata_path", "memory_map": "path"}  # fmt: skip


def _place(op: Operation, given: Any) -> Any:
    """Give the path behind a file object of Arrow, or a path of another file system as a URL."""
    known = writers.path_of(given)
    if known is not None or not isinstance(given, str):
        return given if known is None else known
    system: Any = op.call.kwargs.get("filesystem")
    kind = getattr(system, "type_name", None)
    if kind == "subtree" and getattr(system.base_fs, "type_name", "") == "local":
        return os.path.join(system.base_path, given)
    if isinstance(kind, str) and kind not in ("local", "subtree", "mock"):
        return f"{kind.partition('::')[0]}://{given}"
    return given


def _read(op: Operation) -> Table | None:
    """`read_csv(input_file)`, `read_table(source, columns=, filters=)`, and readers that are opened."""
    keyword = _PLACES.get(op.name, "source")
    given = op.given(0, keyword)
    if shape_of(op.result) not in (Shape.TABLE, Shape.PLAN, Shape.FRAME):
        return None
    if not isinstance(given, (str, os.PathLike, list, tuple)) and writers.path_of(given) is None:
        value = op.operand(0, keyword)
        if origin_of(value) is not CONSTANT:
            return as_table(value, op.result)  # bytes that the program made of columns it had
    sources = sources_of(op.session, _place(op, given), op.name)
    table = arrived(op.session, op.result, sources, op.name)
    filters = op.call.kwargs.get("filters")
    return table if filters is None else table.under(_filtered(filters, sources, table, op.name))


def _filtered(filters: Any, sources: list[Named], table: Table, rule: str) -> ColumnOrigin:
    """What decides which rows are read; it need not be read itself."""
    if is_expression(filters):
        extra = sorted(_fields_beyond(filters, table))
    else:
        extra = [name for name in dict.fromkeys(_named(filters)) if table.get(name) is None]
    origins = [_of_sources(sources, name, rule) for name in extra]
    return of_filters(filters, Table((*table.labels, *extra), (*table.origins, *origins)))


def _fields_beyond(expression: Any, table: Table) -> set[str]:
    """Words of an expression that may be columns which are not read; more than it has is no harm."""
    return {word for word in words_of(expression) if table.get(word) is None}


def _named(filters: Any) -> list[str]:
    found: list[str] = []
    for each in filters:
        if isinstance(each, (list, tuple)) and each:
            found += [each[0]] if isinstance(each[0], str) else _named(each)
    return found


def _of_sources(sources: list[Named], name: str, rule: str) -> ColumnOrigin:
    return combined([source_origin(SourceColumn(*source, name), rule) for source in sources], rule)


def _opened(op: Operation) -> None:
    """`ipc.open_file(source)`, `ipc.open_stream(source)`."""
    _remember(op, op.result, op.given(0, "source"), op.result.schema)


def _opened_parquet(op: Operation) -> None:
    """`ParquetFile(source)`, `ParquetDataset(path)`."""
    opened = op.call.args[0]
    given = op.given(0, "path_or_paths" if "path_or_paths" in op.call.kwargs else "source")
    schema = getattr(opened, "schema_arrow", None) or opened.schema
    _remember(op, opened, given, schema, op.call.kwargs.get("filters"))


def _remember(op: Operation, opened: Any, given: Any, schema: Any, filters: Any = None) -> None:
    sources = sources_of(op.session, _place(op, given), op.name.strip("_"))
    for source in sources:
        op.session.emit("RUNNING", inputs=[versioned(*source)])
    table = Table(schema.names, [_of_sources(sources, name, "read") for name in schema.names])
    if filters is not None:
        table = table.under(_filtered(filters, sources, table, "read"))
    carry(opened, table)
    op.site.note(table)


def _part(op: Operation) -> Table | None:
    """`file.read()`, `reader.read_all()`, `reader.get_batch(0)`: columns of what was opened, by name."""
    table = table_of(op.call.args[0]) or carried(op.call.args[0])
    if table is None or shape_of(op.result) not in (Shape.TABLE, Shape.FRAME, Shape.PLAN):
        return None
    return _by_name(table, op.result)


def _by_name(table: Table, obj: Any) -> Table:
    labels = label_list(obj)
    index = (CONSTANT,) if shape_of(obj) is Shape.FRAME else ()
    return Table(labels, [table.get(each) or table.flat for each in labels], rows=table.rows, index=index)


def mark(opened: Any, batch: Any) -> None:
    """Say of a batch where its columns come from; never raises."""
    try:
        table = carried(opened)
        if table is not None and carried(batch) is None:
            attach(batch, _by_name(table, batch))
    except Exception:
        return


def _dataset_made(op: Operation) -> Table | None:
    """`dataset(source)`: of paths, of tables in memory, or of other datasets."""
    given = op.given(0, _PLACES.get(op.name, "source"))
    members = list(given) if isinstance(given, (list, tuple)) else [given]
    if members and shape_of(members[0]) in (Shape.PLAN, Shape.TABLE):
        known = [as_table(op.site.operand(each, None), each) for each in members]
        return op.shaped(
            lambda label: combined([origin for table in known if (origin := table.get(label))], op.name),
            rows=combined([table.rows for table in known], op.name).as_condition(),
        )
    return arrived(op.session, op.result, sources_of(op.session, _place(op, given), "dataset"), "dataset")


def _scanned(op: Operation) -> Table:
    """`to_table(columns, filter)`, `scanner(columns, filter)`, `head(n)`: names, or expressions by name."""
    table, positional = op.table, op.name != "head"
    columns = op.given(0, "columns") if positional else op.call.kwargs.get("columns")
    asked = op.given(1, "filter") if positional else op.call.kwargs.get("filter")
    condition = CONSTANT if asked is None else of_expression(asked, table).as_condition()
    if shape_of(op.result) is Shape.OTHER:  # a generator of batches
        return table.under(condition)
    named = columns if isinstance(columns, dict) else {}

    def pick(label: Any) -> ColumnOrigin:
        return of_expression(named[label], table) if label in named else table.get(label) or CONSTANT

    return op.shaped(pick, rows=combined((table.rows, condition), "filter").as_condition())


def _restricted(op: Operation) -> Table:
    """`dataset.filter(expression)`."""
    return op.table.under(selection(op.given(0, "expression"), op, 0, "expression"))


def _taken(op: Operation) -> Table:
    """`dataset.take(indices)`."""
    table = op.table.under(origin_of(op.operand(0, "indices")))
    return op.shaped(lambda label: table.get(label) or CONSTANT, rows=table.rows)


def _native_file(op: Operation) -> None:
    """`memory_map(path)`: a file object that does not say where it is."""
    writers.remember_path(op.result, op.given(0, _PLACES.get(op.name, "source")))


def _metadata(op: Operation) -> None:
    """`read_schema(path)`: no values, but the file was opened."""
    op.session.files.noticed(op.given(0, "where"), writes=False)


NATIVE_FILE: Rule = _native_file
OPENED: Rule = _opened
OPENED_PARQUET: Rule = _opened_parquet
PARQUET: dict[str, Rule] = {
    **dict.fromkeys(("read_table", "read_pandas"), _read),
    **dict.fromkeys(("read_schema", "read_metadata"), _metadata),
    "write_table": writers.WRITTEN,
}
FUNCTIONS: dict[str, Rule] = {
    **dict.fromkeys(("read_csv", "open_csv", "read_json", "open_json", "read_feather", "read_table"), _read),
    **dict.fromkeys(("write_csv", "write_feather", "write_table"), writers.WRITTEN),
    "dataset": _dataset_made,
    "parquet_dataset": _dataset_made,
}
ON_READERS: dict[str, Rule] = dict.fromkeys(
    ("read", "read_pandas", "read_row_group", "read_row_groups", "read_all", "read_next_batch", "get_batch",
     "get_record_batch", "cast"),
    _part,
)  # fmt: skip
ON_DATASETS: dict[str, Rule] = {
    **dict.fromkeys(("to_table", "scanner", "head", "to_batches", "to_reader"), _scanned),
    "filter": _restricted,
    "take": _taken,
}
