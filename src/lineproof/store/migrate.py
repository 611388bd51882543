"""Bringing the tables of a ledger to the form this version knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from lineproof.errors import CorruptLedgerError, NewerLedgerError
from lineproof.store import schema

__all__ = ["create_tables", "migrate"]

_REVISION_TABLE = "alembic_version"  # Alembic's own name, so that its tools work on a ledger


def create_tables(engine: Engine) -> None:
    """Make all tables of a new ledger."""
    with engine.begin() as connection:
        schema.metadata.create_all(connection)
        connection.execute(text(f"CREATE TABLE {_REVISION_TABLE} (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(
            text(f"INSERT INTO {_REVISION_TABLE} VALUES (:revision)"), {"revision": schema.REVISION}
        )


def migrate(engine: Engine, path: Path) -> None:
    """Bring an older ledger up to date; do nothing to one that is.

    Raises:
        NewerLedgerError: It was written by a newer lineproof; nothing was changed.
        CorruptLedgerError: It has no revision.
    """
    found = _revision(engine)
    if found == schema.REVISION:
        return
    if found is None:
        raise CorruptLedgerError(f"{path} is not a ledger: it has no revision")
    if not found.isdigit() or int(found) > int(schema.REVISION):
        raise NewerLedgerError(
            f"the ledger in {path.parent.name} is at revision {found}; this version knows up to {schema.REVISION}"
        )
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table(_REVISION_TABLE):
            return None
        found: str | None = connection.scalar(text(f"SELECT version_num FROM {_REVISION_TABLE}"))
        return found
