"""Promises about ledgers of other versions: older ones are brought up to date, with all they hold."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from store_case import database, dump, everything

from lineproof.errors import CorruptLedgerError
from lineproof.store import Ledger, migrate, schema
from lineproof.store.database.sqlite_structure import structure

ROOT = Path(__file__).resolve().parents[2]

_NOW = schema.REVISION
_NEXT = f"{int(_NOW) + 1:04d}"
NEXT = f"""
from alembic import op
import sqlalchemy as sa
revision = "{_NEXT}"
down_revision = "{_NOW}"
def upgrade():
    op.add_column("meta", sa.Column("note", sa.Text()))
"""


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """This version with one more migration."""
    shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / f"{_NEXT}_next.py").write_text(NEXT)
    monkeypatch.setattr(migrate, "MIGRATIONS", tmp_path / "migrations")
    monkeypatch.setattr(schema, "REVISION", _NEXT)


def test_all_migrations_together_make_the_tables_of_a_new_ledger(tmp_path):
    path = tmp_path / "migrated.db"
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    fresh = create_engine(f"sqlite:///{tmp_path / 'fresh.db'}")
    schema.metadata.create_all(fresh)
    with (
        closing(sqlite3.connect(path)) as migrated,
        closing(sqlite3.connect(tmp_path / "fresh.db")) as made,
    ):
        assert structure(migrated) == structure(made)
        assert migrated.execute("SELECT version_num FROM alembic_version").fetchone() == (schema.REVISION,)
    engine.dispose()
    fresh.dispose()


@pytest.mark.sqlite_only
def test_an_older_ledger_is_brought_up_to_date_when_it_is_opened(ledger, next_version):
    ledger.append(everything())
    before = dump(ledger)
    opened = Ledger.open(ledger.folder)
    with database(ledger) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (_NEXT,)
        assert [row[1] for row in connection.execute("PRAGMA table_info(meta)")] == ["key", "value", "note"]
    assert dump(opened) == before
    assert opened.append(everything()).added == 6


@pytest.mark.sqlite_only
def test_a_migration_that_fails_changes_nothing(ledger, next_version, tmp_path):
    broken = tmp_path / "migrations" / "versions" / f"{_NEXT}_next.py"
    broken.write_text(NEXT + "    op.execute('no such statement')\n")
    with pytest.raises(CorruptLedgerError):
        Ledger.open(ledger.folder)
    with database(ledger) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (_NOW,)
        assert [row[1] for row in connection.execute("PRAGMA table_info(meta)")] == ["key", "value"]


def test_the_migrations_are_part_of_what_is_installed(tmp_path):
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
    for file in migrate.MIGRATIONS.rglob("*.py"):
        assert f"lineproof/store/migrations/{file.relative_to(migrate.MIGRATIONS)}" in names
