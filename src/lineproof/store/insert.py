"""Writing projected rows: prepared statements, first row of a key wins, identities checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from operator import itemgetter

from sqlalchemy import Table

from lineproof.store import schema
from lineproof.store.project.rows import NAMED, Row, Rows, check_name

__all__ = ["contended", "insert_rows", "insert_statement", "note_contended"]

_CHUNK = 500  # ids in one question
_CONTENDED = "contended"  # in `meta`; ledgers of earlier versions do not have it before their next rebuild


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


def insert_rows(cursor: sqlite3.Cursor, rows: Rows) -> set[str]:
    """Insert all rows.

    Returns:
        Tables of which a row was left out because an earlier one has its key; those of nodes are not named.

    Raises:
        NodeCollisionError: A node's id is taken by another name.
    """
    for table, nodes in rows.nodes.items():
        for known in _known_nodes(cursor, table, list(nodes)):
            check_name(table, known, nodes.pop(known[0]))
        _insert(cursor, table, list(nodes.values()))
    return {table for table, found in rows.others.items() if _insert(cursor, table, found) != len(found)}


def contended(cursor: sqlite3.Cursor) -> set[str] | None:
    """Give the tables of which a row was left out because an earlier one has its key; None when not known."""
    found = cursor.execute("SELECT value FROM meta WHERE key = ?", (_CONTENDED,)).fetchone()
    return None if found is None else set(str(found[0]).split())


def note_contended(cursor: sqlite3.Cursor, tables: set[str], *, afresh: bool = False) -> None:
    """Remember such tables: a row that goes from one of them may have to make place for another.

    Args:
        cursor: In the transaction that inserts the rows.
        tables: What `insert_rows` gave.
        afresh: All of the log has been projected: what was remembered before does not count.
    """
    before = set() if afresh else contended(cursor)
    if afresh or (before is not None and not tables <= before):
        value = " ".join(sorted(tables | (before or set())))
        cursor.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_CONTENDED, value))


def _insert(cursor: sqlite3.Cursor, table: str, rows: list[Row]) -> int:
    """Insert rows; give how many were new."""
    if not rows:
        return 0
    # In order, so that neighbours go into one page; of equal keys the first stays first.
    rows.sort(key=_LEADS[table])
    return cursor.executemany(_STATEMENTS[table], rows).rowcount


def _known_nodes(cursor: sqlite3.Cursor, table: str, ids: list[int]) -> Iterator[Row]:
    names = ", ".join(schema.metadata.tables[table].columns.keys()[: NAMED[table]])
    for start in range(0, len(ids), _CHUNK):
        piece = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(piece))
        query = f"SELECT {names} FROM {table} WHERE id IN ({marks})"
        yield from cursor.execute(query, piece).fetchall()
