"""What the store asks of a database, whichever it is.

Statements are written once, for both: `?` stands for a value, and what SQLite and PostgreSQL spell
differently is a function of this room, never a condition where a statement is used.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Table

from lineproof.errors import LineproofError

__all__ = ["LOCK_TIMEOUT_S", "Cursor", "Database", "Session"]

LOCK_TIMEOUT_S = 60.0  # how long a writer waits for its turn


class Cursor(Protocol):
    """A cursor of the driver: `sqlite3.Cursor` as it is, psycopg's behind the same methods."""

    @property
    def connection(self) -> Session:
        """The session it belongs to."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Any:
        """Run one statement for each row."""

    def fetchone(self) -> Any:
        """Give the next row, or None."""

    def fetchmany(self, size: int = ...) -> list[Any]:
        """Give the next rows."""

    def fetchall(self) -> list[Any]:
        """Give all rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Go through the rows that are left."""

    def close(self) -> None:
        """Give it back."""


class Session(Protocol):
    """A connection as the driver gives it: what reads and writes rows without an expression in between."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement with a cursor of its own."""

    def cursor(self) -> Cursor:
        """Give a new cursor."""


class Database(ABC):
    """The database of one ledger.

    Attributes:
        engine: For what is asked in SQLAlchemy's expressions.
        title: How messages name it; never holds a password.
        errors: What its driver raises.
    """

    engine: Engine
    title: str
    errors: tuple[type[Exception], ...]

    @property
    @abstractmethod
    def place(self) -> dict[str, str]:
        """What a folder may remember of where it is; empty when it is in the folder itself."""

    @property
    @abstractmethod
    def writable(self) -> bool:
        """Whether this process may write to it, as far as that can be told without trying."""

    @abstractmethod
    def holds_ledger(self) -> bool:
        """Tell whether a ledger has been founded in it.

        Raises:
            StoreError: It cannot be asked.
        """

    @abstractmethod
    def writing(self) -> AbstractContextManager[Session]:
        """Give a session that is the only one to write, until the context ends or its process does.

        Raises:
            LedgerInUseError: Another process kept it for too long.
        """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Session]:
        """Give a session that sees one state of the database, and can read an altered one."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one snapshot and cannot write."""

    @abstractmethod
    def session_of(self, connection: Connection) -> Session:
        """Give the session under a connection of the engine."""

    @abstractmethod
    def second_tables(self) -> AbstractContextManager[Session]:
        """Give a session with the projected tables, empty and without indexes; they go with the context."""

    @abstractmethod
    def attempt(self, session: Session) -> AbstractContextManager[None]:
        """See that a session can be asked further when a statement in the context fails."""

    @abstractmethod
    def compare_text(self, session: Session) -> None:
        """Give text from now on so that bytes that are no UTF-8 differ from all that are."""

    @abstractmethod
    def structure(self, session: Session) -> dict[tuple[str, str], str]:
        """Describe all objects of the database by kind and name, by what they do."""

    @abstractmethod
    def expected_structure(self) -> dict[tuple[str, str], str]:
        """Give the same of a new ledger."""

    @abstractmethod
    def damage(self, session: Session) -> Iterator[str]:
        """Give what the database itself finds wrong with its files."""

    @abstractmethod
    def is_damage(self, error: Exception) -> bool:
        """Tell whether an error of the driver says that what is stored is not as it was left."""

    @abstractmethod
    def forget(self, session: Session, tables: Sequence[Table]) -> None:
        """See that what was deleted from these tables is in no file of the database any more."""

    @abstractmethod
    def meaning(self, error: Exception) -> LineproofError:
        """Give our error for one of the driver or of SQLAlchemy."""

    @abstractmethod
    def meaning_errors(self) -> AbstractContextManager[None]:
        """Turn the database's errors into ours.

        Raises:
            LedgerFullError: The disk is full, or may not be written to.
            LedgerInUseError: Another process keeps the ledger locked.
            StoreUnreachableError: The server cannot be reached, or went away.
            CorruptLedgerError: Anything else that the database reports.
        """

    def close(self) -> None:
        """Close what is kept open."""
        self.engine.dispose()
