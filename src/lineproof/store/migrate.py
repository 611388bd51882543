"""Bringing the tables of a ledger to the form this version knows."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, inspect

from lineproof.errors import CorruptLedgerError, NewerLedgerError
from lineproof.store import schema
from lineproof.store.database import Database

__all__ = ["MIGRATIONS", "create_tables", "migrate"]

MIGRATIONS = Path(__file__).parent / "migrations"

_FIRST = "0001"  # the revision of the oldest ledgers; revisions compare as text


def create_tables(connection: Connection) -> None:
    """Make all tables of a new ledger."""
    schema.metadata.create_all(connection, checkfirst=False)
    table = schema.REVISION_TABLE
    connection.exec_driver_sql(f"CREATE TABLE {table} (version_num VARCHAR(32) PRIMARY KEY)")
    connection.exec_driver_sql(f"INSERT INTO {table} VALUES ('{schema.REVISION}')")


def migrate(database: Database) -> bool:
    """Bring an older ledger up to date; do nothing to one that is.

    Returns:
        Whether projected tables are of another form than before: they must be made anew from the log.

    Raises:
        NewerLedgerError: It was written by a newer lineproof; nothing was changed.
        CorruptLedgerError: It has no revision.
    """
    if _revision(database) == schema.REVISION:
        return False
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.writing():
        if _revision(database) == schema.REVISION:
            return False  # another process was quicker
        with database.engine.begin() as connection:
            before = _projected(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return _projected(connection) != before


def _projected(connection: Connection) -> dict[str, list[str]]:
    """Give the columns of the projected tables that are there."""
    there = inspect(connection)
    names = {table.name for table in schema.PROJECTED} & set(there.get_table_names())
    return {name: [column["name"] for column in there.get_columns(name)] for name in names}


def _revision(database: Database) -> str:
    """Give the revision of a ledger, which this version knows."""
    with database.engine.connect() as connection:
        there = inspect(connection)
        if not (there.has_table(schema.REVISION_TABLE) and there.has_table("meta")):
            raise CorruptLedgerError(f"{database.title} is not a ledger: it has no revision")
        found = connection.exec_driver_sql(f"SELECT version_num FROM {schema.REVISION_TABLE}").scalar()
        written_by = connection.exec_driver_sql("SELECT value FROM meta WHERE key = 'version'").scalar()
    if not isinstance(found, str) or found < _FIRST:
        raise CorruptLedgerError(f"{database.title} is not a ledger: it has no revision")
    if found > schema.REVISION or not found.isdecimal():
        raise NewerLedgerError(
            f"the ledger in {database.title} was written by lineproof {written_by or '(unknown)'}, this is "
            f"{version('lineproof')}: its tables are at revision {found}, this version knows up to {schema.REVISION}"
        )
    return found
