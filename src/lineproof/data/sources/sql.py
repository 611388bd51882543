"""Tables and queries of databases, through SQLAlchemy: read in batches, on a connection that may not write."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import enum
import json
import uuid
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from lineproof.data.sources.columnar import no_rows
from lineproof.data.sources.interface import TypesWidened, unique_names
from lineproof.data.sources.urls import shown
from lineproof.errors import (
    CommandError,
    CredentialsError,
    DataAccessError,
    DataError,
    EmptyDataError,
    MissingReaderError,
    SourceLostError,
)

__all__ = ["SqlSource", "is_database"]

_ROWS = 1 << 13  # per batch: rows of a database are Python objects until they are columns
_TEXT = "values of several kinds, as text"
_REFUSED = ("password", "authentication", "no pg_hba", "access denied", "role ", "not authorized")
_DIALECTS = frozenset(
    (
        "sqlite",
        "postgresql",
        "postgres",
        "mysql",
        "mariadb",
        "oracle",
        "mssql",
        "duckdb",
        "snowflake",
        "trino",
    )
)


def is_database(url: str) -> bool:
    """Say whether a URL is of a database."""
    return url.partition("://")[0].partition("+")[0].lower() in _DIALECTS


class SqlSource:
    """A table or a query. It has no bytes of its own, thus no digest: its identity is the fingerprint.

    Everything is read in one transaction, so from one snapshot where the database has snapshots.
    """

    files: tuple[Path, ...] = ()

    def __init__(self, url: str, *, table: str | None = None, query: str | None = None) -> None:
        """Name what to read; the database is opened by `batches`.

        Args:
            url: Of the database, perhaps with credentials.
            table: A table or view, `schema.table` where it is in another schema than the default one.
            query: A statement that gives rows, instead of a table.

        Raises:
            CommandError: Not exactly one of table and query was given.
        """
        if (table is None) == (query is None):
            raise CommandError(
                f"{shown(url)} is a database: say which table or query", "--table NAME or --query 'SELECT …'"
            )
        self.place = shown(url)
        self.name = table.rpartition(".")[2] if table else ""
        self._url = url
        self._table = table
        self._query = query
        self._kinds: dict[str, str] = {}  # class of type of each column as far as it is known
        self._raw = False  # whether declared types are left aside

    def digest(self) -> str | None:
        """Give none: a database has no bytes that stay the same."""
        return None

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        engine = self._engine()
        rows = 0
        try:
            with engine.connect() as connection, contextlib.closing(self._result(connection)) as result:
                names = unique_names(list(result.keys()))
                yield no_rows(pa.schema([(name, pa.null()) for name in names]))
                for part in result.partitions(_ROWS):
                    yield self._batch(names, part)
                    rows += len(part)
        except sa.exc.ResourceClosedError:
            raise EmptyDataError(f"{self.place}: the query gives no rows", "give a SELECT") from None
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise self._explained(error, rows) from None
        except ValueError:
            if self._raw:
                raise
            self._raw = True  # SQLite holds what its declared types do not allow
            raise TypesWidened from None
        finally:
            engine.dispose()

    def _engine(self) -> sa.Engine:
        try:
            url = sa.make_url(self._url)
            file = url.database if url.get_backend_name() == "sqlite" else None
            if file and file != ":memory:" and not file.startswith("file:") and not Path(file).is_file():
                raise DataAccessError(f"{file} does not exist")
            if url.drivername in ("postgresql", "postgres"):
                url = url.set(drivername="postgresql+psycopg")
            return sa.create_engine(url, poolclass=sa.pool.NullPool, hide_parameters=True)
        except (ImportError, sa.exc.NoSuchModuleError):
            scheme = self.place.partition(":")[0]
            raise MissingReaderError(
                f"{self.place}: no driver for {scheme} is installed",
                "pip install 'lineproof[postgres]'"
                if scheme.startswith("postgres")
                else "install its SQLAlchemy dialect",
            ) from None
        except sa.exc.ArgumentError:
            raise DataAccessError(f"{self.place} is not the URL of a database") from None

    def _result(self, connection: sa.Connection) -> sa.CursorResult[Any]:
        """Begin to read, on the server's cursor where it has one."""
        options: dict[str, Any] = {"stream_results": True, "max_row_buffer": _ROWS, "no_parameters": True}
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        if connection.dialect.name == "postgresql":
            options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        connection = connection.execution_options(**options)
        if self._query is not None:
            return connection.exec_driver_sql(self._query)
        schema, _, name = (self._table or "").rpartition(".")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # of types that only this database knows
            table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)
            if not len(table.columns):
                raise EmptyDataError(f"{self.place}: table {self._table} has no columns")
            return connection.execute(sa.select(*map(self._readable, table.columns)))

    def _readable(self, column: Any) -> Any:
        """Give a column as values that Python has; what only this database knows, as its text."""
        untyped = isinstance(column.type, sa.types.NullType)
        if self._raw or (untyped and self._url.startswith("sqlite")):
            return sa.type_coerce(column, sa.types.NullType()).label(column.name)
        if untyped:
            return sa.cast(column, sa.Text).label(column.name)
        return column

    def _batch(self, names: list[str], rows: Sequence[Any]) -> Any:
        columns = [
            self._column(name, list(values))
            for name, values in zip(names, zip(*rows, strict=True), strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, names)

    def _column(self, name: str, values: list[Any]) -> Any:
        """Give a part of a column.

        Raises:
            TypesWidened: Its values are of other kinds than those before; from now on they are text.
        """
        known = self._kinds.get(name, "null")
        if known == _TEXT:
            return pa.array([None if value is None else _text(value) for value in values], pa.string())
        try:
            found = pa.array([_plain(value) for value in values])
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            self._kinds[name] = _TEXT
            raise TypesWidened from None
        kind = "null" if found.null_count == len(found) else _kind(found.type)
        if kind in (known, "null") or known == "null":
            self._kinds[name] = known if kind == "null" else kind
            return found
        if {kind, known} == {"int", "float"}:
            self._kinds[name] = "float"
            if kind == "int":
                return found.cast(pa.float64(), safe=False)
        else:
            self._kinds[name] = _TEXT
        raise TypesWidened

    def _explained(self, error: Exception, rows: int) -> DataError:
        """Say what went wrong without the text of the driver, which may hold data or credentials."""
        what = str(getattr(error, "orig", "")).lower()
        if isinstance(error, sa.exc.NoSuchTableError) or "no such table" in what or "does not exist" in what:
            if rows or self._kinds:
                return SourceLostError(f"{self.place}: the table went away after {rows:,} rows had been read")
            missing = self._table or "a table or column of the query"
            return DataAccessError(f"{self.place}: {missing} does not exist", "check its name and schema")
        if any(word in what for word in _REFUSED):
            return CredentialsError(f"{self.place} refuses the credentials, or got none")
        if rows:
            return SourceLostError(
                f"{self.place} broke off after {rows:,} rows: {type(getattr(error, 'orig', error)).__name__}"
            )
        return DataAccessError(
            f"{self.place} cannot be read: {type(getattr(error, 'orig', error)).__name__}",
            "check host, port, database and the statement",
        )


def _kind(kind: Any) -> str:
    """Give the class of an Arrow type, as far as the parts of one column may not differ in it."""
    t = pa.types
    if t.is_floating(kind) or t.is_integer(kind):
        return "float" if t.is_floating(kind) else "int"
    return "decimal" if t.is_decimal(kind) else str(kind)


def _plain(value: Any) -> Any:
    """Give a value as Arrow knows it."""
    if isinstance(
        value, (str, int, float, bool, bytes, decimal.Decimal, dt.date, dt.time, dt.timedelta, type(None))
    ):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (dict, list, bool)):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    if isinstance(value, uuid.UUID):
        return str(value)
    return str(value)
