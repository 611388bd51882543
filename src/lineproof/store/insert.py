"""Writing projected rows: prepared statements, first row of a key wins, identities checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from lineproof.errors import NodeCollisionError
from lineproof.store import schema
from lineproof.store.project import Rows

__all__ = ["insert_rows", "insert_statement"]

Row = tuple[Any, ...]

# Tables whose key is a hash of a name: table, number of columns after the id that make the name.
_NAMED = {"dataset": (1, 2), "version": (1, 2), "col": (1, 2), "job": (1, 2), "run": (1, 1)}
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
    for table, found in rows.tables.items():
        if not found:
            continue
        fresh = _new_nodes(cursor, table, found) if table in _NAMED else found
        # In order, so that neighbours go into one page; of equal keys the first stays first.
        fresh.sort(key=_LEADS[table])
        cursor.executemany(_STATEMENTS[table], fresh)


def _new_nodes(cursor: sqlite3.Cursor, table: str, rows: list[Row]) -> list[Row]:
    """Give the rows whose id is not there yet, one per id."""
    first, count = _NAMED[table]
    stop = first + count
    fresh: dict[int, Row] = {}
    for row in rows:
        before = fresh.setdefault(row[0], row)
        if before is not row and before[first:stop] != row[first:stop]:
            raise _collision(table, before[first:stop], row[first:stop])
    for known in _known_nodes(cursor, table, list(fresh), stop):
        row = fresh.pop(known[0])
        if known[first:stop] != row[first:stop]:
            raise _collision(table, known[first:stop], row[first:stop])
    return list(fresh.values())


def _known_nodes(cursor: sqlite3.Cursor, table: str, ids: list[int], stop: int) -> Iterator[Row]:
    names = ", ".join([column.name for column in schema.metadata.tables[table].columns][:stop])
    for start in range(0, len(ids), _CHUNK):
        piece = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(piece))
        query = f"SELECT {names} FROM {table} WHERE id IN ({marks})"
        yield from cursor.execute(query, piece).fetchall()


def _collision(table: str, one: Row, other: Row) -> NodeCollisionError:
    return NodeCollisionError(f"two {table} names share one identity: {one} and {other}")
