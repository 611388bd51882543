"""Reading and writing: where columns come from in the first place, and where they go."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from lineproof.capture import boundary, queries
from lineproof.capture.columns import column_names, columns_of
from lineproof.capture.edges import versioned
from lineproof.capture.patches.databases.known import behind
from lineproof.capture.patches.databases.text import cleaned, names_in
from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table, label_list
from lineproof.capture.provenance.attachment import Shape, attach, shape_of
from lineproof.capture.provenance.resolve import is_vector
from lineproof.capture.provenance.table import CONSTANT, SourceColumn, Table, combined, source_origin
from lineproof.capture.provenance.values import Tabular, merged, origin_of
from lineproof.model.openlineage import MEMORY_NAMESPACE, Schema, SchemaField

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = [
    "READ",
    "READ_CHUNK",
    "READ_SQL",
    "TO_SQL",
    "WRITE",
    "Named",
    "arrived",
    "dataset_of",
    "source_table",
    "sources_of",
]

UNVERSIONED = "unversioned"
Named = tuple[str, str, str]  # namespace, name, version


def source_table(obj: Any, source: Named, rule: str) -> Table:
    """Give the table of an object that was just read from a dataset version."""
    namespace, name, version = source

    def origin(label: Hashable) -> Any:
        text = (
            label
            if isinstance(label, str)
            else "|".join(map(str, label))
            if isinstance(label, tuple)
            else str(label)
        )
        return source_origin(SourceColumn(namespace, name, version, text), rule)

    labels = label_list(obj)
    index = _index_origins(obj, origin)
    vector = is_vector(obj) and len(labels) == 1
    return Table(labels, [origin(label) for label in labels], index=index, vector=vector)


def _index_origins(obj: Any, origin: Any) -> tuple[Any, ...]:
    if shape_of(obj) not in (Shape.FRAME, Shape.SERIES):
        return (CONSTANT,)
    default = type(obj.index).__name__ == "RangeIndex" and obj.index.name is None
    if default:
        return (CONSTANT,)
    return tuple(origin("index" if name is None else name) for name in obj.index.names)


def dataset_of(session: Session, given: Any, role: str) -> Named:
    """Name the dataset behind a path, URL, buffer or connection."""
    file = session.files.read(given) if not _is_url(given) else None
    if file is not None:
        return file.namespace, file.name, file.digest
    if isinstance(given, (str, os.PathLike)):
        parts = urlsplit(str(given))
        if parts.scheme:
            host = parts.hostname or ""
            return f"{parts.scheme}://{host}", parts.path.lstrip("/") or host, UNVERSIONED
        return "file", str(given), UNVERSIONED
    return MEMORY_NAMESPACE, f"{session.site()}/{role}", UNVERSIONED


def _is_url(given: Any) -> bool:
    return isinstance(given, str) and re.match(r"^[a-zA-Z][\w+.-]+://", given) is not None


def _emit_read(session: Session, source: Named, obj: Any) -> None:
    namespace, name, version = source
    dataset = versioned(namespace, name, version)
    labels, types = columns_of(obj)
    names = column_names(labels)
    dataset.facets["schema"] = Schema(
        fields=[SchemaField(name=each, type=kind) for each, kind in zip(names, types, strict=True)]
    )
    session.emit("RUNNING", inputs=[dataset])


_FIRST = {
    "read_csv": "filepath_or_buffer", "read_table": "filepath_or_buffer", "read_fwf": "filepath_or_buffer",
    "read_json": "path_or_buf", "read_hdf": "path_or_buf", "read_excel": "io", "read_html": "io",
    "read_pickle": "filepath_or_buffer", "read_sas": "filepath_or_buffer", "read_stata": "filepath_or_buffer",
    "read_xml": "path_or_buffer",
}  # fmt: skip


def _read(op: Operation) -> Table | None:
    """`read_csv(path, ...)` and its kin."""
    given = op.given(0, _FIRST.get(op.name, "path"))
    if not isinstance(given, (str, os.PathLike)):
        held = _held_by(given)
        if held and shape_of(op.result) is Shape.FRAME:
            return as_table(merged(Tabular(each) for each in held), op.result)
        value = op.operand(0, _FIRST.get(op.name, "path"))
        if origin_of(value) is not CONSTANT and shape_of(op.result) is Shape.FRAME:
            return as_table(value, op.result)  # text that the program made of columns it had
    source = dataset_of(op.session, given, op.name)
    result = op.result
    if isinstance(result, dict):  # several sheets
        for sheet, frame in result.items():
            _arrived(op.session, frame, (source[0], source[1], source[2]), f"{op.name}:{sheet}")
        return None
    if isinstance(result, list):
        for frame in result:
            _arrived(op.session, frame, source, op.name)
        return None
    if shape_of(result) not in (Shape.FRAME, Shape.SERIES):
        _chunked[id(result)] = source
        return None
    return _arrived(op.session, result, source, op.name)


def _arrived(session: Session, obj: Any, source: Named, rule: str) -> Table | None:
    if shape_of(obj) not in (Shape.FRAME, Shape.SERIES):
        return None
    table = source_table(obj, source, rule)
    attach(obj, table)
    _emit_read(session, source, obj)
    return table


def arrived(session: Session, obj: Any, sources: list[Named], rule: str) -> Table:
    """Give a table, plan or array that was just read its origins, and record the reading.

    Args:
        session: The recording.
        obj: What was read.
        sources: The dataset versions it was read from; a column of several came from all of them.
        rule: Name of the rule.
    """
    tables = [source_table(obj, source, rule) for source in sources]
    for source in sources:
        _emit_read(session, source, obj)
    if len(tables) == 1:
        return tables[0]
    origins = [combined(each, rule) for each in zip(*(table.origins for table in tables), strict=True)]
    return tables[0].but(origins=origins)


def sources_of(session: Session, given: Any, role: str) -> list[Named]:
    """Name the dataset versions behind a path, a pattern of paths, a folder, or a list of these."""
    if isinstance(given, (list, tuple)) and given:
        return list(dict.fromkeys(source for each in given for source in sources_of(session, each, role)))
    if isinstance(given, (str, os.PathLike)) and not _is_url(given):
        text = os.fspath(given)
        found = _files_behind(text) if isinstance(text, str) else []
        if len(found) > _FILES_AT_MOST:
            session.gap(
                f"{text}: of {len(found)} files the first {_FILES_AT_MOST} are named as inputs of {role}"
            )
        if found:
            return [dataset_of(session, path, role) for path in found[:_FILES_AT_MOST]]
    return [dataset_of(session, given, role)]


def _files_behind(path: str) -> list[str]:
    if os.path.isdir(path):
        parts = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
        return sorted(part for part in parts if not os.path.basename(part).startswith((".", "_")))
    if any(sign in path for sign in "*?[") and not os.path.exists(path):
        from glob import glob

        return sorted(glob(path, recursive=True))
    return []


_FILES_AT_MOST = 1000  # files of one table that are named one by one
_chunked: dict[int, Named] = {}  # readers that hand out a file in parts


def _read_chunk(op: Operation) -> Table | None:
    """One part of a file read with `chunksize`."""
    source = _chunked.get(id(op.call.args[0]))
    if source is None:
        return None
    return source_table(op.result, source, "read_csv")


def _read_sql(op: Operation) -> Table | None:
    """`read_sql(sql, connection)`: the query's text is recorded, and taken apart after the run."""
    given, connection = (
        op.given(0, "table_name" if op.name == "read_sql_table" else "sql"),
        op.given(1, "con"),
    )
    if shape_of(op.result) is not Shape.FRAME:
        _chunked[id(op.result)] = (_database(connection), op.name, UNVERSIONED)
        return None
    sql, namespace = str(given).strip(), _database(connection)
    if re.fullmatch(r"[\w.]+", sql):
        return _whole_table(op, connection, sql, namespace)
    text = cleaned(sql)
    tables = _tables_of(op.session, connection, text)
    table = queries.asked(op.session, text, tables, label_list(op.result), dialect=_dialect(connection))
    index = tuple(
        source_origin(SourceColumn(*_key(table), str(each)), "sql") for each in _index_names(op.result)
    )
    return table.but(index=index or (CONSTANT,))


def _whole_table(op: Operation, connection: Any, name: str, namespace: str) -> Table | None:
    """`read_sql_table(name, connection)`: a table as it is, of which this run may know more."""
    with behind(op.session, connection) as found:
        if found is not None:
            found.database.learn(found.connection, {name.lower()})
            held = found.database.reading(name).get(name.lower())
            if held is not None and set(map(str, label_list(op.result))) <= set(held.columns):
                return held.but(
                    labels=label_list(op.result),
                    origins=[held.columns[str(each)] for each in label_list(op.result)],
                )
    return _arrived(op.session, op.result, (namespace, name, UNVERSIONED), op.name)


def _key(table: Table) -> Named:
    for origin in table.origins:
        for source in origin.direct:
            return source.namespace, source.name, source.version
    return MEMORY_NAMESPACE, "query", UNVERSIONED


def _index_names(frame: Any) -> list[Any]:
    return [name for name in frame.index.names if name is not None]


def _tables_of(session: Session, connection: Any, sql: str) -> dict[str, Table]:
    """Give the tables that a query names; without columns where a database does not tell them."""
    with behind(session, connection) as found:
        if found is not None:
            found.database.learn(found.connection, names_in(sql))
            tables = found.database.reading(sql)
            if tables:
                return tables
    names = re.findall(r"\b(?:from|join)\s+([\w.\"]+)", sql, flags=re.IGNORECASE)
    return {name.replace('"', ""): Table((), ()) for name in names}


def _dialect(connection: Any) -> str:
    named = getattr(getattr(connection, "dialect", None), "name", None)
    known = {"postgresql": "postgres", "mssql": "tsql"}
    return known.get(str(named), str(named)) if named else "sqlite"


def _database(connection: Any) -> str:
    if isinstance(connection, str):
        parts = urlsplit(connection)
        return f"{parts.scheme}://{parts.hostname or parts.path.lstrip('/')}"
    url = getattr(getattr(connection, "engine", connection), "url", None)
    if url is not None:
        return f"{url.drivername}://{url.host or url.database or ''}"
    return type(connection).__module__.partition(".")[0]


def _to_sql(op: Operation) -> None:
    """`to_sql(name, connection)`: a table of a database."""
    table = op.table
    attach(op.receiver, table)
    name, connection = str(op.given(0, "name")), op.given(1, "con")
    index = op.given(4, "index", default=True) is not False
    target = (_database(connection), name)
    with behind(op.session, connection) as found:
        if found is not None:
            target = found.database.stored(found.connection, name, label_list(op.receiver))
    boundary.table_event(op.session, op.receiver, target, index=index)


_TARGET = {
    "to_csv": "path_or_buf",
    "to_json": "path_or_buf",
    "to_excel": "excel_writer",
    "to_hdf": "path_or_buf",
}
_buffers: WeakKeyDictionary[Any, list[Table]] = WeakKeyDictionary()  # tables written into memory


def _held_by(buffer: Any) -> list[Table]:
    try:
        return _buffers.get(buffer, [])
    except TypeError:
        return []


_INDEX_WRITTEN = frozenset(("to_csv", "to_excel"))


def _write(op: Operation) -> Table | None:
    """`to_csv(path)` and its kin: the file is closed and whole when this runs."""
    target = op.given(0, _TARGET.get(op.name, "path"))
    if target is None:
        return None  # handed back as text
    file = op.session.files.written(target)
    if file is None:
        with suppress(TypeError):  # what cannot be referred to weakly is no buffer of the standard library
            _buffers[target] = [*_held_by(target), op.table]
        return None
    table = op.table
    attach(op.receiver, table)
    with_index = op.name in _INDEX_WRITTEN and op.call.kwargs.get("index", True) is not False
    boundary.write_event(op.session, op.receiver, file, index=with_index)
    return None


READ: Rule = _read
READ_CHUNK: Rule = _read_chunk
READ_SQL: Rule = _read_sql
TO_SQL: Rule = _to_sql
WRITE: Rule = _write
