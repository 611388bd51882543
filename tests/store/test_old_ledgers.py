"""Promises about ledgers of every released revision: they are brought up to date with all they hold."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect
from store_case import dump, everything, many

from lineproof.store import Ledger, Scope, migrate, schema

_RELEASED = sorted(path.name[:4] for path in (migrate.MIGRATIONS / "versions").glob("[0-9]*.py"))


@pytest.mark.both_stores
@pytest.mark.parametrize("revision", _RELEASED)
def test_a_ledger_of_a_released_revision_is_brought_up_to_date(store, folder, revision):
    ledger = store(folder)
    ledger.append([*everything(), *many(20)])
    ledger.destroy_payload(4, "test")
    held = dump(ledger)
    _take_back(ledger, revision)
    opened = Ledger.open(folder)
    assert opened.verify(scope=Scope.LOG).ok
    report = opened.verify()
    assert report.ok, report.failures[:3]
    assert dump(opened) == held
    assert opened.append(many(1)).added == 1
    assert opened.verify().ok
    opened.close()


def _take_back(ledger: Ledger, revision: str) -> None:
    """Give a ledger the tables of an earlier revision, and of its rows what they can hold."""
    with ledger.connection() as connection:
        rows = {
            name: [row._asdict() for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
            for name in inspect(connection).get_table_names()
            if name != schema.REVISION_TABLE
        }
    ledger.close()
    database = ledger._database
    if not database.place:
        for path in ledger.folder.glob("ledger.db*"):
            path.unlink()
    with database.engine.begin() as connection:
        if database.place:
            for name in (*rows, schema.REVISION_TABLE):
                connection.exec_driver_sql(f"DROP TABLE {name}")
        _upgrade(connection, revision)
        _fill(connection, rows)
    ledger.close()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _fill(connection: Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    there = inspect(connection)
    for name in there.get_table_names():
        columns = [column["name"] for column in there.get_columns(name)]
        if name == schema.REVISION_TABLE:
            continue
        statement = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"
        for row in rows[name]:
            connection.exec_driver_sql(statement, tuple(row[column] for column in columns))
