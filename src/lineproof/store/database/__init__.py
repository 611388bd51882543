"""The database under a ledger: SQLite in its folder, or PostgreSQL."""

from lineproof.store.database.interface import LOCK_TIMEOUT_S, Cursor, Database, Session
from lineproof.store.database.lock import exclusive
from lineproof.store.database.rows import as_stored, insert, read_rows, rows_among, stream, transaction
from lineproof.store.database.sqlite import SqliteDatabase, meaning_errors, open_database

__all__ = [
    "LOCK_TIMEOUT_S",
    "Cursor",
    "Database",
    "Session",
    "SqliteDatabase",
    "as_stored",
    "exclusive",
    "insert",
    "meaning_errors",
    "open_database",
    "read_rows",
    "rows_among",
    "stream",
    "transaction",
]
