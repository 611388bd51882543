"""Promises to who opens a ledger whose whole folder, keys and all, was put back by hand from an old copy."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import lineproof
from lineproof.errors import ForgettingError
from lineproof.model.entries import EntryType
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, NewEntry
from lineproof.store.backup import restore_backup, write_backup
from lineproof.store.witness.hand import add_witness, hand_over

pytestmark = pytest.mark.sqlite_only  # a folder is put back, and with it the tables

ADA = Subject("patients", "ada.lovelace@example.org")


@pytest.fixture(params=["file", "git"])
def witness(request, tmp_path) -> tuple[str, str]:
    if request.param == "git":
        subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "w.git")], check=True)
    return request.param, str(tmp_path / ("w.git" if request.param == "git" else "witness"))


def with_a_copy_from_before(ledger: Ledger, witness: tuple[str, str], copy: Path) -> int:
    """Record a person, copy the folder, destroy the person; the witness was told. Gives the entry."""
    told = NewEntry(EntryType.CONSENT, json.dumps({"who": ADA.id}).encode(), subject=ADA)
    number = ledger.append([told]).first
    add_witness(ledger, *witness)
    ledger.look()
    ledger.close()
    shutil.copytree(ledger.folder, copy)
    ledger.destroy(subjects=[ADA], reason="request 17")
    hand_over(ledger)
    ledger.close()
    return number


def put_back(ledger: Ledger, copy: Path) -> None:
    shutil.rmtree(ledger.folder)
    shutil.copytree(copy, ledger.folder)


def test_who_saw_it_later_is_served_nothing_that_was_destroyed_since(ledger, witness, tmp_path):
    number = with_a_copy_from_before(ledger, witness, tmp_path / "copy")
    put_back(ledger, tmp_path / "copy")
    said: list[str] = []
    opened = lineproof.open(ledger.folder, tell=said.append).stored
    assert "not the ledger that you saw here last" in said[0]
    assert "gone again" in said[1]
    assert opened.entry(number).payload is None
    assert opened.vault.find([ADA]) == {}


def test_who_never_saw_it_is_not_served_it_either(ledger, witness, tmp_path, monkeypatch):
    number = with_a_copy_from_before(ledger, witness, tmp_path / "copy")
    put_back(ledger, tmp_path / "copy")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "somebody-else"))
    with pytest.warns(UserWarning, match="gone again"):
        opened = lineproof.open(ledger.folder).stored
    assert opened.entry(number).payload is None


def test_without_the_key_that_signs_it_is_refused_each_time_until_the_key_is_back(
    ledger, tmp_path, monkeypatch
):
    number = with_a_copy_from_before(ledger, ("file", str(tmp_path / "witness")), tmp_path / "copy")
    put_back(ledger, tmp_path / "copy")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "somebody-else"))
    key = (ledger.folder / "keys/ledger.key").rename(tmp_path / "ledger.key")
    for _ in range(2):
        with pytest.raises(ForgettingError, match="destroyed is back"):
            lineproof.open(ledger.folder)
    key.rename(ledger.folder / "keys/ledger.key")
    with pytest.warns(UserWarning, match="gone again"):
        opened = lineproof.open(ledger.folder).stored
    assert opened.entry(number).payload is None


def test_a_backup_restored_without_the_key_that_signs_is_refused_too(ledger, tmp_path):
    told = NewEntry(EntryType.CONSENT, b'{"of":"nobody"}')
    number = ledger.append([told]).first
    add_witness(ledger, "file", str(tmp_path / "witness"))
    write_backup(ledger, tmp_path / "backup")
    ledger.destroy(entries=[number], reason="found personal later")
    hand_over(ledger)
    ledger.close()
    elsewhere = tmp_path / "elsewhere/.lineproof"
    with pytest.raises(ForgettingError, match="key that signs"):
        restore_backup(tmp_path / "backup", elsewhere)
    with pytest.raises(ForgettingError):
        lineproof.open(elsewhere)


def test_a_witness_that_cannot_be_asked_is_named_on_the_first_contact(ledger, tmp_path, monkeypatch):
    with_a_copy_from_before(ledger, ("file", str(tmp_path / "witness")), tmp_path / "copy")
    (tmp_path / "witness").unlink()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "somebody-else"))
    with pytest.warns(UserWarning, match="may be back: witness"):
        lineproof.open(ledger.folder)
