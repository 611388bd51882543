"""The SQLite database of an embedded ledger: connections, durability, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool
from sqlalchemy.schema import CreateTable

from lineproof.errors import CorruptLedgerError, LedgerFullError, LedgerInUseError, LineproofError
from lineproof.store import schema
from lineproof.store.database.interface import LOCK_TIMEOUT_S, Database, Session
from lineproof.store.database.lock import exclusive
from lineproof.store.database.sqlite_structure import structure

__all__ = ["SETTINGS", "SqliteDatabase", "meaning_errors", "open_database"]

# tests/power_loss.py cuts the power under these, and finds out any that are weaker.
SETTINGS = (
    "PRAGMA journal_mode=WAL",
    # What is deleted is overwritten, always: a destroyed payload must not survive in a free page that an earlier
    # rebuild has left.
    "PRAGMA secure_delete=ON",
    # An acknowledged entry survives power loss. From groups of 100 up this costs nothing.
    "PRAGMA synchronous=FULL",
)
_WRITING = "mode=rwc"
# SQLite reports a disk that fills up under its shared memory, or a limit on file sizes, as an I/O error.
_FULL = ("disk is full", "readonly database", "unable to open database", "disk i/o error")
_LOCKED = ("database is locked", "database table is locked")
# A damaged file, no database at all, a table that is not there; a full disk is none of these.
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_MOST_PROBLEMS = 10


def open_database(path: Path) -> Engine:
    """Give the engine of a ledger's database; a folder that may not be written is opened to read."""
    mode = _mode(path)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            timeout=LOCK_TIMEOUT_S,
            isolation_level=None,  # we say BEGIN ourselves
            check_same_thread=False,
        )
        for setting in SETTINGS if mode == _WRITING else SETTINGS[1:]:
            connection.execute(setting)
        return connection

    # By its URL alone the engine takes this for a database in memory, with one connection for all.
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


class SqliteDatabase(Database):
    """One file in the ledger's folder. Writers take turns by a lock on a file beside it.

    Args:
        path: The file.
    """

    errors = (sqlite3.DatabaseError,)

    def __init__(self, path: Path) -> None:
        self.path = path
        self.title = str(path)
        self.engine = open_database(path)

    @property
    def place(self) -> dict[str, str]:
        """Nothing: it is in the folder itself."""
        return {}

    @property
    def writable(self) -> bool:
        """Whether file and folder may be written."""
        return os.access(self.path.parent, os.W_OK) and os.access(self.path, os.W_OK)

    def holds_ledger(self) -> bool:
        """Tell whether the file is there: it gets its name when it is whole."""
        return self.path.is_file()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that is the only one to write."""
        with exclusive(self.path.parent), closing(self.engine.raw_connection()) as borrowed:
            yield _driver(borrowed.driver_connection)

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Give a session that sees one state of the database, and can read an altered one."""
        engine = open_database(self.path)
        with closing(engine.raw_connection()) as borrowed:
            connection = _driver(borrowed.driver_connection)
            # An altered database may hold text that is none; what is expected is never such text.
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")
        engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot and cannot write."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA query_only=OFF")

    def session_of(self, connection: Connection) -> Session:
        """Give the session under a connection of the engine."""
        return _driver(connection.connection.driver_connection)

    @contextmanager
    def second_tables(self) -> Iterator[Session]:
        """Give the projected tables in a temporary file of SQLite's, which goes with its connection."""
        with closing(sqlite3.connect("", isolation_level=None)) as replayed:
            replayed.execute("PRAGMA journal_mode=OFF")
            replayed.execute("PRAGMA synchronous=OFF")
            for table in schema.PROJECTED:
                # Without the secondary indexes: nothing is looked up, all is read in key order.
                replayed.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
            replayed.execute("BEGIN")
            yield replayed

    @contextmanager
    def attempt(self, session: Session) -> Iterator[None]:  # noqa: ARG002 - nothing to do here
        """Do nothing: a failed statement leaves a transaction of SQLite as it was."""
        yield

    def compare_text(self, session: Session) -> None:
        """Give text from now on so that bytes that are no UTF-8 differ from all that are."""
        _driver(session).text_factory = lambda data: data.decode("utf-8", "surrogateescape")

    def structure(self, session: Session) -> dict[tuple[str, str], str]:
        """Describe all objects of the database by kind and name, by what they do."""
        return structure(session)

    def expected_structure(self) -> dict[tuple[str, str], str]:
        """Give the same of a new ledger."""
        engine = create_engine("sqlite://", poolclass=StaticPool)
        schema.metadata.create_all(engine)
        with closing(engine.raw_connection()) as fresh:
            expected = structure(_driver(fresh.driver_connection))
        engine.dispose()
        return expected

    def damage(self, session: Session) -> Iterator[str]:
        """Give what SQLite finds wrong: pages, and indexes that lie about their tables."""
        for (problem,) in session.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})"):
            if problem != "ok":
                yield problem

    def is_damage(self, error: Exception) -> bool:
        """Tell whether an error says that what is stored is not as it was left."""
        return (
            isinstance(error, sqlite3.DatabaseError)
            and getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _DAMAGE
        )

    def forget(self, session: Session, tables: Sequence[Table]) -> None:  # noqa: ARG002 - freed space is overwritten in all
        """Move everything into the database file; waits for readers of an older snapshot."""
        if session.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise LedgerInUseError(
                f"{self.path}-wal still holds the destroyed bytes: a reader keeps it open",
                "end the other lineproof commands; the last of them to end empties it",
            )

    @contextmanager
    def meaning_errors(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        with meaning_errors(self.path):
            yield

    def meaning(self, error: Exception) -> LineproofError:
        """Give our error for one of the driver or of SQLAlchemy."""
        return _meaning(error, self.path)


@contextmanager
def meaning_errors(path: Path) -> Iterator[None]:
    """Turn the errors of a SQLite database into ours; see `Database.meaning_errors`."""
    try:
        yield
    except (sqlite3.DatabaseError, DBAPIError) as error:
        raise _meaning(error, path) from error


def _meaning(error: Exception, path: Path) -> LineproofError:
    text = str(getattr(error, "orig", None) or error)
    lowered = text.lower()
    if any(phrase in lowered for phrase in _FULL):
        return LedgerFullError(f"cannot write {path}: {text}")
    if any(phrase in lowered for phrase in _LOCKED):
        return LedgerInUseError(f"{path} stayed locked by another process for {LOCK_TIMEOUT_S:.0f} s")
    return CorruptLedgerError(f"cannot read {path}: {text}")


def _driver(connection: object) -> sqlite3.Connection:
    assert isinstance(connection, sqlite3.Connection)
    return connection


def _mode(path: Path) -> str:
    if not path.exists():
        return _WRITING
    if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK):
        return _WRITING
    # Without a write-ahead log SQLite would have to make one, just to read.
    log = path.with_name(f"{path.name}-wal")
    return "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
