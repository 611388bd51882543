"""A ledger's tables in PostgreSQL: connections, the one writer, and what verification needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors, sql
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateTable

from lineproof.errors import LineproofError, UnknownDatabaseError
from lineproof.store import schema
from lineproof.store.database import postgres_indexes  # noqa: F401 - what it registers is what counts
from lineproof.store.database.address import PostgresAddress
from lineproof.store.database.interface import LOCK_TIMEOUT_S, Database, Session
from lineproof.store.database.postgres_errors import connection_lost, meaning, refusal
from lineproof.store.database.postgres_session import PostgresConnection, PostgresSession, without_nul
from lineproof.store.database.postgres_structure import structure

__all__ = ["PostgresDatabase"]

_DEFAULTS: dict[str, Any] = {"connect_timeout": 10, "application_name": "lineproof"}
_KNOWS_IDLE_SESSIONS = 140000
_LOCK = 0x6C70_7266  # the first half of our advisory locks; the second is the schema's
# Who stops in the middle holds up everybody: the server ends its session, and with it what it had locked.
_STOPPED_S = 30
_SETTINGS = {
    "lock_timeout": f"{LOCK_TIMEOUT_S:.0f}s",
    "idle_in_transaction_session_timeout": f"{_STOPPED_S}s",
    "idle_session_timeout": f"{_STOPPED_S}s",
    "synchronous_commit": "on",  # whatever the server's habit: an acknowledged entry is on its disk
}
_OWN_SCHEMA = "SELECT current_schema()::regnamespace::oid::int8"
_TEMPORARY_SCHEMA = "SELECT pg_my_temp_schema()::int8"


class PostgresDatabase(Database):
    """One schema of a PostgreSQL database. Writers take turns by an advisory lock.

    Args:
        address: Where it is.
    """

    errors = (psycopg.Error,)

    def __init__(self, address: PostgresAddress) -> None:
        self.address = address
        self.title = address.title
        self.engine = self._engine()
        self._writers = self._engine(autocommit=True)

    def _engine(self, *, autocommit: bool = False) -> Engine:
        def connect() -> psycopg.Connection[Any]:
            return self._connect(autocommit=autocommit)

        engine = create_engine(
            "postgresql+psycopg://",
            creator=connect,
            poolclass=QueuePool,
            pool_pre_ping=not autocommit,
            isolation_level="AUTOCOMMIT" if autocommit else "REPEATABLE READ",
        )

        # What the dialect sets up on its own connections stays; ours comes on top.
        @event.listens_for(engine, "connect")
        def _connected(connection: Any, _record: Any) -> None:
            without_nul(connection)

        return engine

    def _connect(self, *, autocommit: bool) -> psycopg.Connection[Any]:
        try:
            connection = PostgresConnection.connect(**_DEFAULTS | self.address.parameters)
        except psycopg.Error as error:
            raise refusal(error, self.title) from None
        connection.autocommit = True
        if autocommit:
            calls = sql.SQL(", ").join(
                sql.SQL("set_config({}, {}, false)").format(name, value)
                for name, value in _SETTINGS.items()
                if name != "idle_session_timeout" or connection.info.server_version >= _KNOWS_IDLE_SESSIONS
            )
            connection.execute(sql.SQL("SELECT {}").format(calls))
        connection.autocommit = autocommit
        return connection

    @property
    def place(self) -> dict[str, str]:
        """The parameters that say where it is."""
        return self.address.place

    @property
    def writable(self) -> bool:
        """Whether the server takes writes: a standby does not."""
        with self.meaning_errors(), self.engine.connect() as connection:
            return not connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one()

    def holds_ledger(self) -> bool:
        """Tell whether its tables are there: they come with the first entries in one transaction."""
        with self.meaning_errors(), self.engine.connect() as connection:
            if connection.exec_driver_sql("SELECT current_schema()").scalar_one() is None:
                raise UnknownDatabaseError(
                    f"the search_path of {self.title} names no schema that is there",
                    "make it: CREATE SCHEMA name; then `lineproof init`",
                )
            found = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_class WHERE relname IN (%s, 'head') "
                "AND relnamespace = current_schema()::regnamespace",
                (schema.REVISION_TABLE,),
            )
            return bool(found.scalar_one() == 2)  # noqa: PLR2004 - both tables

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that is the only one to write: it holds the advisory lock of its schema.

        The lock falls with the session, whoever ends it: the process, its machine, the server.
        """
        with self._elected() as session:
            try:
                yield session
            finally:
                # A session that is lost holds nothing any more.
                with suppress(psycopg.Error):
                    session.execute(
                        f"SELECT pg_advisory_unlock({_LOCK}, current_schema()::regnamespace::oid::int4)"
                    )

    @contextmanager
    def _elected(self) -> Iterator[PostgresSession]:
        for attempt in (1, 2):
            borrowed = self._writers.raw_connection()
            session = PostgresSession(borrowed.driver_connection)  # type: ignore[arg-type]  # psycopg's
            try:
                session.execute(
                    f"SELECT pg_advisory_lock({_LOCK}, current_schema()::regnamespace::oid::int4)"
                )
            except BaseException as error:
                borrowed.invalidate()
                # One of the pool may be of before the server's last start: nothing was asked of it yet.
                if attempt == 1 and connection_lost(error):
                    continue
                raise
            break
        try:
            yield session
        finally:
            if session.driver.closed or session.in_transaction:
                borrowed.invalidate()
            else:
                borrowed.close()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Give a session that sees one state of the database."""
        with closing(self._connect(autocommit=True)) as driver:
            without_nul(driver)
            driver.execute("SET idle_in_transaction_session_timeout = 0")
            driver.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield PostgresSession(driver)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot and cannot write."""
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            yield connection

    def session_of(self, connection: Connection) -> Session:
        """Give the session under a connection of the engine."""
        return PostgresSession(connection.connection.driver_connection)  # type: ignore[arg-type]  # psycopg's

    @contextmanager
    def second_tables(self) -> Iterator[Session]:
        """Give the projected tables as temporary ones of a session of their own."""
        with closing(self._connect(autocommit=True)) as driver:
            without_nul(driver)
            driver.execute("SET idle_in_transaction_session_timeout = 0")
            driver.execute("SET search_path = pg_temp")
            driver.execute("BEGIN")
            for table in schema.PROJECTED:
                driver.execute(str(CreateTable(table).compile(dialect=postgresql.dialect())))  # type: ignore[no-untyped-call]
            yield PostgresSession(driver)

    @contextmanager
    def attempt(self, session: Session) -> Iterator[None]:
        """Go back to before the statement that failed."""
        session.execute("SAVEPOINT attempt")
        try:
            yield
        except Exception as error:
            if not connection_lost(error):
                session.execute("ROLLBACK TO SAVEPOINT attempt")
            raise
        session.execute("RELEASE SAVEPOINT attempt")

    def compare_text(self, session: Session) -> None:
        """Do nothing: PostgreSQL holds no text that is not UTF-8."""

    def structure(self, session: Session) -> dict[tuple[str, str], str]:
        """Describe all objects of the schema by kind and name, by what they do."""
        return structure(session, session.execute(_OWN_SCHEMA).fetchone()[0])

    def expected_structure(self) -> dict[tuple[str, str], str]:
        """Give the same of a new ledger, made among temporary tables and taken back."""
        engine = self._engine()
        with engine.connect() as connection, connection.begin() as begun:
            connection.exec_driver_sql("SET LOCAL search_path = pg_temp")
            schema.metadata.create_all(connection, checkfirst=False)
            session = self.session_of(connection)
            expected = structure(session, session.execute(_TEMPORARY_SCHEMA).fetchone()[0])
            begun.rollback()
        engine.dispose()
        return expected

    def damage(self, session: Session) -> Iterator[str]:  # noqa: ARG002 - same
        """Give nothing: PostgreSQL checks its own pages when they are read (`data_checksums`)."""
        yield from ()

    def is_damage(self, error: Exception) -> bool:
        """Tell whether an error says that what is stored is not as it was left."""
        return isinstance(
            error, (psycopg.ProgrammingError, psycopg.DataError, errors.DataCorrupted, errors.IndexCorrupted)
        )

    def forget(self, session: Session, tables: Sequence[Table]) -> None:
        """Write the tables anew without what was deleted; the old files go with it.

        What the server's write-ahead log and its backups still hold is for the server to age out.
        """
        for table in tables:
            session.execute(f"VACUUM (FULL) {table.name}")

    @contextmanager
    def meaning_errors(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        try:
            yield
        except (psycopg.Error, DBAPIError) as error:
            raise self.meaning(error) from error

    def meaning(self, error: Exception) -> LineproofError:
        """Give our error for one of the driver or of SQLAlchemy."""
        return meaning(error, self.title)

    def close(self) -> None:
        """Close what is kept open."""
        super().close()
        self._writers.dispose()
