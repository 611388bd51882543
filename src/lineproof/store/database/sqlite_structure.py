"""What a SQLite database is made of, told so that two can be compared."""

from __future__ import annotations

import re

from lineproof.store.database.interface import Session
from lineproof.store.schema import REVISION_TABLE

__all__ = ["structure"]

# What no pragma tells of a table, and none of ours has.
_CLAUSE = re.compile(r"\b(?:COLLATE|CHECK|CONFLICT|REFERENCES|AUTOINCREMENT)\b")
_Structure = dict[tuple[str, str], str]  # kind and name -> what it is made of


def structure(connection: Session) -> _Structure:
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


def _table(connection: Session, name: str, text: str) -> str:
    columns = connection.execute(
        'SELECT name, upper(type), "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)', (name,)
    )
    (rowid,) = connection.execute("SELECT wr FROM pragma_table_list(?)", (name,)).fetchone()
    clauses = sorted(set(_CLAUSE.findall(text.upper())))
    form = f"{'; '.join(' '.join(map(str, column)) for column in columns)}; without rowid: {rowid}"
    return f"{form}; {' '.join(clauses)}" if clauses else form


def _index(connection: Session, table: str, name: str) -> str:
    columns = connection.execute('SELECT name, "desc", coll, key FROM pragma_index_xinfo(?)', (name,))
    form = connection.execute(
        'SELECT "unique", partial FROM pragma_index_list(?) WHERE name = ?', (table, name)
    ).fetchone()
    return (
        f"on {table}: {'; '.join(' '.join(map(str, column)) for column in columns)}; unique, partial: {form}"
    )
