"""Statements that a connection executed: which tables they read and made."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from lineproof.capture import queries
from lineproof.capture.patches.duckdb import definitions, files
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.resolve import label_list
from lineproof.capture.provenance.table import ColumnOrigin, SourceColumn, Table, source_origin
from lineproof.model.lineage import How, Precision
from lineproof.model.openlineage import MEMORY_NAMESPACE

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["DIALECT", "Database", "database_of", "executed", "tables_in"]

DIALECT = "duckdb"
_TOKEN = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|([A-Za-z_]\w*)|--[^\n]*|/\*.*?\*/", re.DOTALL)
_MAKES = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?([\w.\"]+)(.*)",
    re.IGNORECASE | re.DOTALL,
)
_CHANGES = re.compile(
    r"\s*(?:with\b.*?\)\s*)?(?:insert\s+(?:or\s+\w+\s+)?into|update|delete\s+from|merge\s+into)\s+([\w.\"]+)",
    re.IGNORECASE | re.DOTALL,
)
_COPIES = re.compile(r"\s*copy\s+(.*?)\s+(to|from)\s+'((?:[^']|'')*)'", re.IGNORECASE | re.DOTALL)
_READ_AFTER = re.compile(r"\b(?:from|join|update|into|pivot|unpivot|table)\s+([\w.\"]+)", re.IGNORECASE)
_FRAMES = (Shape.FRAME, Shape.TABLE, Shape.PLAN)


class Database:
    """What is known of the tables of one database.

    Attributes:
        session: The recording.
        connection: A connection to it.
        tables: Tables by folded name.
        last: Where the result that waits to be fetched comes from.
    """

    def __init__(self, session: Session, connection: Any, tables: dict[str, Table] | None = None) -> None:
        self.session = session
        self.connection = weakref.ref(connection)
        self.tables: dict[str, Table] = {} if tables is None else tables
        self.last: Table | None = None
        self.namespace = _namespace(session, connection)

    def share(self, connection: Any) -> None:
        """Let a further connection see the same tables."""
        _known[connection] = Database(self.session, connection, self.tables)

    def columns(self, name: str) -> tuple[str, ...] | None:
        """Give the columns of a table or query by binding it on a connection of its own; None if it fails."""
        connection: Any = self.connection()
        try:
            other: Any = connection.cursor()
            return tuple(other.sql(f"from {name} limit 0").columns)
        except Exception:  # a temporary table is its connection's own
            return self._own_columns(connection, name)

    def _own_columns(self, connection: Any, name: str) -> tuple[str, ...] | None:
        try:
            return tuple(connection.sql(f"from {name} limit 0").columns)
        except Exception:
            return None

    def table(self, name: str) -> Table | None:
        """Give a table that the database holds; None if there is none of this name."""
        known = self.tables.get(name)
        if known is not None:
            return known
        labels = self.columns(name)
        if labels is None:
            return None
        source = (self.namespace, name, "unversioned")
        found = Table(labels, [source_origin(SourceColumn(*source, each), "sql") for each in labels])
        self.tables[name] = found
        return found


_known: weakref.WeakKeyDictionary[Any, Database] = weakref.WeakKeyDictionary()


def database_of(session: Session, connection: Any) -> Database:
    """Give what is known of the database behind a connection."""
    found = _known.get(connection)
    if found is None:
        found = _known[connection] = Database(session, connection)
    return found


def _namespace(session: Session, connection: Any) -> str:
    try:
        row = (
            connection.cursor()
            .execute("select path from duckdb_databases() where database_name = current_database()")
            .fetchone()
        )
    except Exception:
        row = None
    return MEMORY_NAMESPACE if not row or not row[0] else f"duckdb://{session.files.name(str(row[0]))}"


def executed(database: Database, text: str, result: Any, frame: FrameType | None) -> None:
    """Follow the statements of a text, in order."""
    parts = list(_statements(text))
    for at, part in enumerate(parts):
        _one(database, part, result if at == len(parts) - 1 else None, frame)


def _statements(text: str) -> Iterator[str]:
    begun = 0
    outside = _TOKEN.sub(
        lambda match: " " * len(match.group()) if match.group(3) is None else match.group(), text
    )
    for end in [match.start() for match in re.finditer(";", outside)] + [len(text)]:
        if text[begun:end].strip():
            yield text[begun:end].strip()
        begun = end + 1


def _one(database: Database, text: str, result: Any, frame: FrameType | None) -> None:
    made, changed, copied = _MAKES.match(text), _CHANGES.match(text), _COPIES.match(text)
    if definitions.followed(database, text, partial(tables_in, frame=frame)):
        return
    if copied is not None:
        _copied(database, copied, frame)
    elif made is not None:
        _made(database, text, made, frame)
    elif changed is not None:
        _changed(database, text, _folded(changed.group(1)), frame)
    elif result is not None and re.match(
        r"\s*[\(]*\s*(with|select|from|pivot|unpivot|values|table)\b", text, re.IGNORECASE
    ):
        labels = _labels(result)
        if labels:
            database.last = queries.asked(
                database.session, text, tables_in(database, text, frame), labels, dialect=DIALECT
            )
            if shape_of(result) is Shape.PLAN:
                attach(result, database.last)


def _labels(result: Any) -> tuple[str, ...]:
    if shape_of(result) is Shape.PLAN:
        return tuple(result.columns)
    return tuple(str(each[0]) for each in getattr(result, "description", None) or ())


def _made(database: Database, text: str, made: re.Match[str], frame: FrameType | None) -> None:
    name = _folded(made.group(1))
    before = database.tables.pop(name, None)
    tables = tables_in(database, text, frame, besides=name)
    if before is not None:  # `create or replace table t as select ... from t` reads what t was
        tables[name] = before
    labels = database.columns(made.group(1))
    if labels is None:
        database.session.gap(f"the columns of the table {name} could not be read; it counts as unknown")
        return
    if not re.search(r"\b(select|from|with|values|pivot)\b", made.group(2), re.IGNORECASE):
        computed = re.search(r"\bgenerated\b|\bas\s*\(", made.group(2), re.IGNORECASE)
        origin = _empty().at_best(Precision.UNKNOWN) if computed else _empty()
        database.tables[name] = Table(labels, [origin] * len(labels))
        return
    database.tables[name] = queries.asked(
        database.session, text, tables, labels, dialect=DIALECT, made=_dataset(database, name)
    )


def _empty() -> ColumnOrigin:
    from lineproof.capture.provenance.table import CONSTANT

    return CONSTANT


def _dataset(database: Database, name: str) -> tuple[str, str]:
    if database.namespace == MEMORY_NAMESPACE:
        return MEMORY_NAMESPACE, f"{database.session.site()}/{name}"
    return database.namespace, name


def _changed(database: Database, text: str, name: str, frame: FrameType | None) -> None:
    tables = tables_in(database, text, frame)
    before = database.table(name)
    if before is None:
        return
    database.tables[name] = queries.asked(
        database.session,
        text,
        {**tables, name: before},
        [str(label) for label in before.labels],
        dialect=DIALECT,
        made=_dataset(database, name),
    )


def _copied(database: Database, copied: re.Match[str], frame: FrameType | None) -> None:
    what, direction, path = copied.groups()
    if direction.lower() == "from":
        _loaded(database, _folded(what.partition("(")[0].strip()), path)
        return
    labels = database.columns(what if what.startswith("(") else f"{what}")
    if labels is None:
        return
    inner = what[1:-1] if what.startswith("(") else f"from {what}"
    table = queries.asked(database.session, inner, tables_in(database, inner, frame), labels, dialect=DIALECT)
    files.wrote(database.session, table, path)


def _loaded(database: Database, name: str, path: str) -> None:
    """`COPY table FROM 'file'`: rows of the file are added, column by column."""
    before = database.table(name)
    added = files.table(database, path, None)
    if before is None or added is None:
        return
    from lineproof.capture.provenance.table import combined

    pairs = zip(before.origins, [*added.origins, *before.origins[len(added.origins) :]], strict=False)
    database.tables[name] = Table(before.labels, [combined(pair, "copy") for pair in pairs])


def _folded(name: str) -> str:
    return name.replace('"', "").lower().removeprefix("memory.").removeprefix("main.")


def tables_in(
    database: Database, text: str, frame: FrameType | None, *, besides: str | None = None
) -> dict[str, Table]:
    """Find the tables, files and frames of the program that a statement names; more than it reads is no harm."""
    found: dict[str, Table] = {}
    names: set[str] = set()
    for match in _TOKEN.finditer(text):
        literal, quoted, word = match.groups()
        path = (
            literal if literal is not None else quoted if quoted and re.search(r"[./\\*]", quoted) else None
        )
        if path is not None and path not in found and (files.looks_like(path)):
            table = files.table(database, path, files.reader(text, path))
            if table is not None:
                found[path] = table
        elif word is not None or quoted is not None:
            names.add(word or quoted)
    named = {_folded(match.group(1)) for match in _READ_AFTER.finditer(text)}
    for name in names:
        folded = name.lower()
        if folded == besides:
            continue
        if f"{folded}()" in database.tables:
            found[f"{folded}()"] = database.tables[f"{folded}()"]
        table = database.tables.get(folded) or _frame(name, frame)
        if table is None and folded in named and not _is_common(folded, text):
            table = database.table(folded)
        if table is not None:
            found[folded] = table
    for name in named - set(found):
        if "." in name and name != besides and (table := database.table(name)) is not None:
            found[name] = table
    return found


def _is_common(name: str, text: str) -> bool:
    return (
        re.search(
            rf"\b{re.escape(name)}\b\s*(\([^)]*\))?\s+as\s+(not\s+)?(materialized\s+)?\(", text, re.IGNORECASE
        )
        is not None
    )


def _frame(name: str, frame: FrameType | None) -> Table | None:
    """Give a frame that a variable of the program holds: DuckDB reads it under the variable's name."""
    if frame is None:
        return None
    obj = frame.f_locals.get(name, frame.f_globals.get(name))
    if shape_of(obj) not in _FRAMES:
        return None
    known = table_of(obj)
    if known is not None:
        return known
    labels = label_list(obj)
    lost = ColumnOrigin(frozenset(), frozenset(), Precision.UNKNOWN, "no provenance", How.OBSERVED)
    return Table(labels, [lost] * len(labels))
