"""The SQLite database of an embedded ledger: connections, durability, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from lineproof.errors import CorruptLedgerError, LedgerFullError, LedgerInUseError, LineproofError

__all__ = ["LOCK_TIMEOUT_S", "meaning_errors", "open_database", "snapshot"]

LOCK_TIMEOUT_S = 60.0

_WRITING = "mode=rwc"
# SQLite reports a disk that fills up under its shared memory, or a limit on file sizes, as an I/O error.
_FULL = ("disk is full", "readonly database", "unable to open database", "disk i/o error")
_LOCKED = ("database is locked", "database table is locked")


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
        if mode == _WRITING:
            connection.execute("PRAGMA journal_mode=WAL")
        # What is deleted is overwritten, always: a destroyed payload must not survive in a free page
        # that an earlier rebuild has left.
        connection.execute("PRAGMA secure_delete=ON")
        # An acknowledged entry survives power loss. From groups of 100 up this costs nothing.
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    # By its URL alone the engine takes this for a database in memory, with one connection for all.
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


@contextmanager
def snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that sees one state of a database, and can read an altered one."""
    engine = open_database(path)
    with closing(engine.raw_connection()) as borrowed:
        connection = borrowed.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        # An altered database may hold text that is none; what is expected is never such text.
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
    engine.dispose()


def _mode(path: Path) -> str:
    if not path.exists():
        return _WRITING
    if os.access(path.parent, os.W_OK) and os.access(path, os.W_OK):
        return _WRITING
    # Without a write-ahead log SQLite would have to make one, just to read.
    log = path.with_name(f"{path.name}-wal")
    return "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"


@contextmanager
def meaning_errors(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours.

    Raises:
        LedgerFullError: The disk is full, or the folder may not be written to.
        LedgerInUseError: Another process keeps the ledger locked.
        CorruptLedgerError: Anything else that the database reports.
    """
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
