"""Bringing the tables of a ledger to the form this version knows."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from lineproof.errors import CorruptLedgerError, NewerLedgerError
from lineproof.store import schema
from lineproof.store.sequencer import exclusive

__all__ = ["MIGRATIONS", "REVISION_TABLE", "create_tables", "migrate"]

MIGRATIONS = Path(__file__).parent / "migrations"

_FIRST = "0001"  # the revision of the oldest ledgers; revisions compare as text
REVISION_TABLE = "alembic_version"  # Alembic's own name, so that its tools work on a ledger


def create_tables(engine: Engine) -> None:
    """Make all tables of a new ledger."""
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        connection.exec_driver_sql(f"CREATE TABLE {REVISION_TABLE} (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO {REVISION_TABLE} VALUES (?)", (schema.REVISION,))


def migrate(engine: Engine, path: Path) -> None:
    """Bring an older ledger up to date; do nothing to one that is.

    Raises:
        NewerLedgerError: It was written by a newer lineproof; nothing was changed.
        CorruptLedgerError: It has no revision.
    """
    if _revision(engine, path) == schema.REVISION:
        return
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with exclusive(path.parent):
        if _revision(engine, path) == schema.REVISION:
            return  # another process was quicker
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _revision(engine: Engine, path: Path) -> str:
    """Give the revision of a ledger, which this version knows."""
    with engine.connect() as connection:
        there = connection.exec_driver_sql(
            "SELECT count(*) FROM sqlite_master WHERE name IN (?, 'meta')", (REVISION_TABLE,)
        ).scalar_one()
        if there != 2:  # noqa: PLR2004 - both tables
            raise CorruptLedgerError(f"{path} is not a ledger: it has no revision")
        found = connection.exec_driver_sql(f"SELECT version_num FROM {REVISION_TABLE}").scalar()
        written_by = connection.exec_driver_sql("SELECT value FROM meta WHERE key = 'version'").scalar()
    if not isinstance(found, str) or found < _FIRST:
        raise CorruptLedgerError(f"{path} is not a ledger: it has no revision")
    if found > schema.REVISION or not found.isdecimal():
        raise NewerLedgerError(
            f"the ledger in {path.parent.name} was written by lineproof {written_by or '(unknown)'}, this is "
            f"{version('lineproof')}: its tables are at revision {found}, this version knows up to {schema.REVISION}"
        )
    return found
