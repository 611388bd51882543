"""What the two databases do differently with many rows, and how a transaction begins."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from typing import Any, Protocol, cast, overload

from sqlalchemy import Table

from lineproof.store.database.interface import Cursor, Session

__all__ = ["BulkCursor", "BulkSession", "as_stored", "insert", "rows_among", "stream", "transaction"]

Row = tuple[Any, ...]

_CHUNK = 500  # ids in one question to SQLite
_PAGE = 2000  # rows fetched at a time


class BulkCursor(Protocol):
    """A cursor that takes many values in one statement."""

    def insert(self, table: Table, rows: Sequence[Row], *, first_stays: bool) -> int:
        """Insert rows in order; give how many were inserted."""

    def as_stored(self, row: Row) -> Row:
        """Give a row as it reads once it is stored."""

    def among(self, question: str, ids: Sequence[int] | Sequence[str]) -> Iterator[Row]:
        """Give what a question that ends in the name of a column finds for these values of it."""


class BulkSession(Protocol):
    """A session whose cursors hold a whole answer, if they are not told otherwise."""

    def stream(self, statement: str, values: Sequence[Any], page: int) -> Iterator[Row]:
        """Give the rows of an answer, a page in memory at a time."""

    def cursor(self) -> Cursor:
        """Give a new cursor."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""


@overload
def transaction(session: sqlite3.Connection) -> AbstractContextManager[sqlite3.Cursor]: ...
@overload
def transaction(session: Session) -> AbstractContextManager[Cursor]: ...


@contextmanager
def transaction(session: Session) -> Iterator[Any]:
    """Hold the write lock from the first statement on; all of it is durable at the end, or none."""
    with closing(session.cursor()) as cursor:
        cursor.execute("BEGIN IMMEDIATE" if isinstance(session, sqlite3.Connection) else "BEGIN")
        try:
            yield cursor
            cursor.execute("COMMIT")
        except BaseException:
            if cast("BulkSession", session).in_transaction:
                cursor.execute("ROLLBACK")
            raise


def insert(cursor: Cursor, table: Table, rows: Sequence[Row], *, first_stays: bool = False) -> int:
    """Insert rows, their values in the order of the table's columns.

    Args:
        cursor: In a transaction.
        table: The table.
        rows: In the order in which they are inserted.
        first_stays: Leave out a row whose key is taken, by one there already or by an earlier one of these.

    Returns:
        How many were inserted.
    """
    if not rows:
        return 0
    if isinstance(cursor, sqlite3.Cursor):
        return cursor.executemany(_statement(table, first_stays), rows).rowcount
    return cast("BulkCursor", cursor).insert(table, rows, first_stays=first_stays)


def as_stored(cursor: Cursor, row: Row) -> Row:
    """Give a row as it reads once it is stored."""
    return row if isinstance(cursor, sqlite3.Cursor) else cast("BulkCursor", cursor).as_stored(row)


def rows_among(cursor: Cursor, question: str, ids: Sequence[int] | Sequence[str]) -> Iterator[Row]:
    """Give what `SELECT … WHERE column` finds for these values of the column; the order is not defined."""
    if not isinstance(cursor, sqlite3.Cursor):
        yield from cast("BulkCursor", cursor).among(question, ids)
        return
    for start in range(0, len(ids), _CHUNK):
        piece = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(piece))
        yield from cursor.execute(f"{question} IN ({marks})", piece).fetchall()


def stream(session: Session, statement: str, values: Sequence[Any] = ()) -> Iterator[Row]:
    """Give the rows of an answer, a page in memory at a time. The session is in a transaction."""
    if not isinstance(session, sqlite3.Connection):
        yield from cast("BulkSession", session).stream(statement, values, _PAGE)
        return
    with closing(session.execute(statement, values)) as cursor:
        while page := cursor.fetchmany(_PAGE):
            yield from page


def read_rows(session: Session, statement: str, values: Sequence[Any] = ()) -> list[Row] | None:
    """Give all rows of an answer that is short, or None when a text in it is none that UTF-8 carries.

    For many rows in a hurry: text is not looked at one by one.
    """
    if not isinstance(session, sqlite3.Connection):
        return session.execute(statement, values).fetchall()
    factory = session.text_factory
    session.text_factory = str
    try:
        return session.execute(statement, values).fetchall()
    except sqlite3.OperationalError as error:
        if "Could not decode to UTF-8" not in str(error):
            raise
        return None
    finally:
        session.text_factory = factory


@cache
def _statement(table: Table, first_stays: bool) -> str:
    names = ", ".join(column.name for column in table.columns)
    marks = ", ".join("?" for _ in table.columns)
    return f"INSERT {'OR IGNORE ' if first_stays else ''}INTO {table.name} ({names}) VALUES ({marks})"
