"""psycopg behind the methods that sqlite3 has: what the store writes once runs on both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from itertools import count
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrBinaryDumper, StrDumper
from sqlalchemy import BigInteger, Column, Float, LargeBinary, Table, Text
from sqlalchemy.types import Integer, TypeEngine

from lineproof.store.database.rows import Row

__all__ = ["PostgresConnection", "PostgresCursor", "PostgresSession", "without_nul"]

# PostgreSQL's text cannot hold U+0000. In its place stands the sign for it, in questions as in rows.
_NUL, _SIGN = "\x00", "\u2400"
_numbers = count()
_LONGEST = 600  # bytes of a text in a key: four of them fit into one row of an index
_COPIED = frozenset({"entry", "payload"})  # rows are many, large, and never there already


class _Dumper(StrDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace(_NUL, _SIGN) if _NUL in obj else obj)


class _BinaryDumper(StrBinaryDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace(_NUL, _SIGN) if _NUL in obj else obj)


def without_nul(connection: psycopg.Connection[Any]) -> None:
    """Let a connection write text that PostgreSQL can hold."""
    # The one registered last is the one for values whose format is left open.
    connection.adapters.register_dumper(str, _BinaryDumper)
    connection.adapters.register_dumper(str, _Dumper)


class PostgresConnection(psycopg.Connection[Any]):
    """A connection that ends with whoever held it, as those of SQLite do."""

    def __del__(self, *_: Any) -> None:
        """Close it without a warning: a ledger need not be closed."""
        if not self.closed:
            self.pgconn.finish()


class PostgresSession:
    """A connection in autocommit mode: transactions begin and end as the store says.

    Args:
        driver: The connection.
    """

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self.driver = driver

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; a connection that is lost has none."""
        status = self.driver.info.transaction_status
        return status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def cursor(self) -> PostgresCursor:
        """Give a new cursor."""
        return PostgresCursor(self)

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> PostgresCursor:
        """Run one statement with a cursor of its own."""
        return PostgresCursor(self).execute(statement, values)

    def stream(self, statement: str, values: Sequence[Any], page: int) -> Iterator[Row]:
        """Give the rows of an answer, a page in memory at a time."""
        with self.driver.cursor(f"stream_{next(_numbers)}", binary=True) as cursor:
            cursor.itersize = page
            cursor.execute(_translated(statement), tuple(values))
            yield from cursor


class PostgresCursor:
    """A cursor whose statements have `?` for a value.

    Args:
        session: Where it runs them.
    """

    def __init__(self, session: PostgresSession) -> None:
        self.connection = session
        self._cursor = session.driver.cursor(binary=True)

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> PostgresCursor:
        """Run one statement."""
        self._cursor.execute(_translated(statement), tuple(values))
        return self

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> None:
        """Run one statement for each row."""
        self._cursor.executemany(_translated(statement), [tuple(row) for row in rows])

    def insert(self, table: Table, rows: Sequence[Row], *, first_stays: bool) -> int:
        """Insert rows in order, in one statement; give how many were inserted."""
        if table.name in _COPIED and not first_stays:
            statement, kinds = _copy(table)
            with self._cursor.copy(statement) as copy:
                copy.set_types(kinds)
                for row in rows:
                    copy.write_row(row)
            return len(rows)
        statement, columns = _insertion(table, first_stays)
        self._cursor.execute(
            statement,
            [column(values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)],
        )
        return self._cursor.rowcount

    def as_stored(self, row: Row) -> Row:
        """Give a row as it reads once it is stored."""
        return tuple(value.replace(_NUL, _SIGN) if isinstance(value, str) else value for value in row)

    def among(self, question: str, ids: Sequence[int] | Sequence[str]) -> Iterator[Row]:
        """Give what a question that ends in the name of a column finds for these values of it."""
        if ids:
            yield from self._cursor.execute(f"{question} = ANY(%s)", [list(ids)]).fetchall()

    def fetchone(self) -> Any:
        """Give the next row, or None."""
        return self._cursor.fetchone()

    def fetchmany(self, size: int = 1) -> list[Any]:
        """Give the next rows."""
        return self._cursor.fetchmany(size)

    def fetchall(self) -> list[Any]:
        """Give all rows that are left."""
        return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        """Go through the rows that are left."""
        return iter(self._cursor)

    def close(self) -> None:
        """Give it back."""
        self._cursor.close()


@lru_cache(maxsize=500)
def _translated(statement: str) -> str:
    # No statement of ours has either sign inside of a literal.
    return statement.replace("%", "%%").replace("?", "%s")


@cache
def _copy(table: Table) -> tuple[str, list[str]]:
    names = ", ".join(column.name for column in table.columns)
    kinds = [_kind(column.type) for column in table.columns]
    return f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)", kinds


@cache
def _insertion(table: Table, first_stays: bool) -> tuple[str, list[Callable[[Sequence[Any]], list[Any]]]]:
    """Give a statement that takes a list for each column, and what makes the list."""
    names = ", ".join(column.name for column in table.columns)
    lists = ", ".join(f"%b::{_kind(column.type)}[]" for column in table.columns)
    end = " ON CONFLICT DO NOTHING" if first_stays else ""
    columns: list[Callable[[Sequence[Any]], list[Any]]] = [
        _floats if isinstance(column.type, Float) else _keys if _is_open(column) else list
        for column in table.columns
    ]
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({lists}){end}", columns


def _is_open(column: Column[Any]) -> bool:
    return column.primary_key and isinstance(column.type, Text)


def _keys(values: Sequence[str]) -> list[str]:
    return [value if len(value) <= _LONGEST // 4 else _shortened(value) for value in values]


def _shortened(value: str) -> str:
    data = value.encode()
    if len(data) <= _LONGEST:
        return value
    # Different names stay different; the whole one is in the payload.
    return f"{data[: _LONGEST - 70].decode(errors='ignore')}\u2026{sha256(data).hexdigest()}"


def _floats(values: Sequence[float | None]) -> list[Any]:
    return [None if value is None else float(value) for value in values]


def _kind(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, Float):
        return "float8"
    if isinstance(kind, LargeBinary):
        return "bytea"
    if isinstance(kind, BigInteger):
        return "int8"
    return "int4" if isinstance(kind, Integer) else "text"
