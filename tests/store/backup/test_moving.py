"""A backup is how a ledger moves from SQLite to PostgreSQL, and back."""

import shutil

import pytest
from store_case import everything

from lineproof.errors import BackupError
from lineproof.store import Ledger
from lineproof.store.backup import restore_backup, write_backup


def rows(ledger):
    return [(entry.seq, entry.id, entry.payload) for entry in ledger.entries()]


def test_a_ledger_moves_to_postgresql_and_back_and_says_the_same(folder, postgres, tmp_path, monkeypatch):
    here = Ledger.create(folder)
    here.append(everything())
    write_backup(here, tmp_path / "backup", keys=True)
    monkeypatch.setenv("LINEPROOF_STORE", postgres.new_database())
    there = tmp_path / "team" / ".lineproof"
    done = restore_backup(tmp_path / "backup", there)
    assert done.verified.ok, done.verified.failures
    moved = Ledger.open(there)
    assert rows(moved)[: here.size()] == rows(here)
    with pytest.raises(BackupError, match="holds a ledger"):
        restore_backup(tmp_path / "backup", tmp_path / "other" / ".lineproof")
    write_backup(moved, tmp_path / "second", keys=True)
    monkeypatch.delenv("LINEPROOF_STORE")
    shutil.rmtree(folder)
    back = restore_backup(tmp_path / "second", folder)
    assert back.verified.ok, back.verified.failures
    assert rows(Ledger.open(folder))[: here.size()] == rows(moved)[: here.size()]
