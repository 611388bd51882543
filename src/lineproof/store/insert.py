"""Writing projected rows: prepared statements, first row of a key wins, identities checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from operator import itemgetter

from sqlalchemy import Table

from lineproof.store import schema
from lineproof.store.project.rows import NAMED, Row, Rows, check_name

__all__ = ["insert_rows", "insert_statement"]

_CHUNK = 500  # ids in one question


def insert_statement(table: Table) -> str:
    """Give the statement that adds a row unless its key is taken."""
    names = ", ".join(column.name for column in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    return f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})"


_STATEMENTS = {table.name: insert_statement(table) for table in schema.PROJECTED}
# Where the first column of the key stands.
_LEADS = {
    table.name: itemgetter(table.columns.keys().index(next(iter(table.primary_key)).name))
    for table in schema.PROJECTED
}


def insert_rows(cursor: sqlite3.Cursor, rows: Rows) -> None:
    """Insert all rows.

    Raises:
        NodeCollisionError: A node's id is taken by another name.
    """
    for table, nodes in rows.nodes.items():
        for known in _known_nodes(cursor, table, list(nodes)):
            check_name(table, known, nodes.pop(known[0]))
        _insert(cursor, table, list(nodes.values()))
    for table, found in rows.others.items():
        _insert(cursor, table, found)


def _insert(cursor: sqlite3.Cursor, table: str, rows: list[Row]) -> None:
    # In order, so that neighbours go into one page; of equal keys the first stays first.
    rows.sort(key=_LEADS[table])
    cursor.executemany(_STATEMENTS[table], rows)


def _known_nodes(cursor: sqlite3.Cursor, table: str, ids: list[int]) -> Iterator[Row]:
    names = ", ".join(schema.metadata.tables[table].columns.keys()[: NAMED[table]])
    for start in range(0, len(ids), _CHUNK):
        piece = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(piece))
        query = f"SELECT {names} FROM {table} WHERE id IN ({marks})"
        yield from cursor.execute(query, piece).fetchall()
