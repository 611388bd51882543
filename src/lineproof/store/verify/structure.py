"""Whether the database has the tables, indexes and nothing else that a ledger has, and is sound."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from lineproof.store import schema
from lineproof.store.migrate import REVISION_TABLE
from lineproof.store.verify.report import Failure, Findings

__all__ = ["check_structure"]

_MOST_PROBLEMS = 10
# What no pragma tells of a table, and none of ours has.
_CLAUSE = re.compile(r"\b(?:COLLATE|CHECK|CONFLICT|REFERENCES|AUTOINCREMENT)\b")
_Structure = dict[tuple[str, str], str]  # kind and name -> what it is made of


def check_structure(ledger: sqlite3.Connection, findings: Findings) -> None:
    """Find what could make a query answer other than from the rows that are compared.

    An index that lies about its table, a trigger, a view, a table of another form.
    """
    engine = create_engine("sqlite://", poolclass=StaticPool)
    schema.metadata.create_all(engine)
    with closing(engine.raw_connection()) as fresh:
        assert isinstance(fresh.driver_connection, sqlite3.Connection)
        expected = _structure(fresh.driver_connection)
    engine.dispose()
    found = _structure(ledger)
    for kind, name in sorted(expected.keys() | found.keys()):
        should, there = expected.get((kind, name)), found.get((kind, name))
        if should != there:
            findings.add(Failure(kind="schema", table=name, field=kind, expected=should, found=there))
    for (problem,) in ledger.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})"):
        if problem != "ok":
            findings.add(Failure(kind="schema", field="integrity", expected="ok", found=problem))


def _structure(connection: sqlite3.Connection) -> _Structure:
    """Describe all objects by what they do, not by the text that made them: migrations write other text."""
    described: _Structure = {}
    # Of SQLite's own, the indexes that hold keys count; statistics of its planner do not.
    query = (
        "SELECT type, name, tbl_name, sql FROM sqlite_master "
        "WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' OR type = 'index'"
    )
    for kind, name, table, text in connection.execute(query).fetchall():
        if table == REVISION_TABLE:
            continue
        if kind == "table":
            described[kind, name] = _table(connection, name, text)
        elif kind == "index":
            described[kind, name] = _index(connection, table, name)
        else:
            described[kind, name] = str(text)
    return described


def _table(connection: sqlite3.Connection, name: str, text: str) -> str:
    columns = connection.execute(
        'SELECT name, upper(type), "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)', (name,)
    )
    (rowid,) = connection.execute("SELECT wr FROM pragma_table_list(?)", (name,)).fetchone()
    clauses = sorted(set(_CLAUSE.findall(text.upper())))
    form = f"{'; '.join(' '.join(map(str, column)) for column in columns)}; without rowid: {rowid}"
    return f"{form}; {' '.join(clauses)}" if clauses else form


def _index(connection: sqlite3.Connection, table: str, name: str) -> str:
    columns = connection.execute('SELECT name, "desc", coll, key FROM pragma_index_xinfo(?)', (name,))
    form = connection.execute(
        'SELECT "unique", partial FROM pragma_index_list(?) WHERE name = ?', (table, name)
    ).fetchone()
    return (
        f"on {table}: {'; '.join(' '.join(map(str, column)) for column in columns)}; unique, partial: {form}"
    )
