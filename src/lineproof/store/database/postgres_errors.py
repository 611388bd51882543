"""What the errors of PostgreSQL and of the way to it mean."""

from __future__ import annotations

import psycopg
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from lineproof.errors import (
    CorruptLedgerError,
    LedgerFullError,
    LedgerInUseError,
    LineproofError,
    StoreLoginError,
    StoreUnreachableError,
    UnknownDatabaseError,
)
from lineproof.store.database.interface import LOCK_TIMEOUT_S

__all__ = ["connection_lost", "meaning", "refusal"]

_LOGIN = (
    "authentication failed",
    "pg_hba.conf",
    'role "',
    "permission denied",
    "certificate",
)
_LOST = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow, errors.IdleSessionTimeout,
         errors.IdleInTransactionSessionTimeout)  # fmt: skip


def refusal(error: psycopg.Error, title: str) -> LineproofError:
    """Give our error for a connection that did not come to be."""
    # The server's words name the user and the database, never the password.
    text = " ".join(str(error).split()).removeprefix("connection failed: ")
    lowered = text.lower()
    if 'database "' in lowered and "does not exist" in lowered:
        return UnknownDatabaseError(f"there is no such database: {title}")
    said = "fatal" in lowered and any(word in lowered for word in _LOGIN)
    if said or "no password supplied" in lowered:
        return StoreLoginError(f"{title} refuses the login: {text.partition('FATAL:')[2].strip() or text}")
    return StoreUnreachableError(f"cannot reach {title}: {text}")


def connection_lost(error: BaseException) -> bool:
    """Tell whether an error means that the server went away, so that nobody knows what it still did."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, _LOST):
        return True
    # Without a code of the server's, it was not the server that spoke.
    return isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None


def meaning(error: Exception, title: str) -> LineproofError:
    """Give our error for one of psycopg or of SQLAlchemy."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    text = " ".join(str(cause).split())
    if connection_lost(error):
        return StoreUnreachableError(f"{title} went away: {text}")
    if isinstance(cause, (errors.LockNotAvailable, errors.QueryCanceled)):
        return LedgerInUseError(f"{title} stayed locked by another process for {LOCK_TIMEOUT_S:.0f} s")
    if isinstance(cause, (errors.DiskFull, errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)):
        return LedgerFullError(f"cannot write {title}: {text}")
    return CorruptLedgerError(f"cannot read {title}: {text}")
