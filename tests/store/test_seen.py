"""Promises to whoever looks twice: what was seen of a ledger is held against it."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from store_case import database, many

from lineproof.errors import ForkError, RollbackError
from lineproof.store import Ledger
from lineproof.store.keys import create_keys
from lineproof.store.seen import seen_file


@pytest.fixture
def backup(ledger, tmp_path):
    """A copy of a ledger as it was before this user looked at it last."""
    ledger.append(many(3))
    shutil.copytree(ledger.folder, tmp_path / "backup")
    ledger.append(many(300))
    ledger.demand_growth()
    return tmp_path / "backup"


def restored(ledger: Ledger, backup) -> Ledger:
    shutil.rmtree(ledger.folder)
    shutil.copytree(backup, ledger.folder)
    return Ledger.open(ledger.folder)


def test_a_ledger_that_grows_is_opened_again_and_again(ledger):
    for _ in range(3):
        ledger.demand_growth()
        ledger.append(many(200))
        ledger.demand_growth()
    assert seen_file(ledger.id).is_file()


def test_a_backup_in_place_of_the_ledger_is_noticed(ledger, backup):
    with pytest.raises(RollbackError, match="had 305 entries and has 5 now") as raised:
        restored(ledger, backup).demand_growth()
    assert raised.value.exit_code == 5
    assert raised.value.message.count(f"\n— lineproof.local/{ledger.id} ") == 2
    assert str(seen_file(ledger.id)) in raised.value.remedy


def test_two_forks_shown_to_one_reader_are_noticed(ledger, backup):
    twin = restored(ledger, backup)
    twin.append(many(400))
    with pytest.raises(ForkError, match="first 305 entries"):
        twin.demand_growth()
    # It is not forgotten by looking.
    with pytest.raises(ForkError):
        twin.demand_growth()


def test_verify_names_it_beside_everything_else(ledger, backup):
    report = restored(ledger, backup).verify()
    assert [one.kind for one in report.failures] == ["rollback"]
    assert "\n305\n" in report.failures[0].expected
    assert "\n5\n" in report.failures[0].found


def test_a_ledger_under_another_key_is_another_ledger(ledger, backup):
    shutil.rmtree(ledger.folder / "keys")
    create_keys(ledger.folder / "keys", ledger.id)
    ledger.demand_growth()  # the head is as it was seen
    other = Ledger.create(ledger.folder.parent / "other" / ".lineproof")
    with database(ledger) as connection, database(other) as source:
        (checkpoint,) = source.execute("SELECT checkpoint FROM head").fetchone()
        connection.execute("UPDATE head SET checkpoint = ?", (checkpoint.replace(other.id, ledger.id),))
    with pytest.raises(ForkError, match="never handed over"):
        ledger.demand_growth()


def test_an_altered_head_that_was_looked_at_once_is_no_evidence(ledger, folder):
    """Else whoever can write to the file for a moment could accuse the ledger for ever."""
    ledger.demand_growth()
    with database(ledger) as connection:
        (signed,) = connection.execute("SELECT checkpoint FROM head").fetchone()
        connection.execute("UPDATE head SET checkpoint = ?", (signed.replace("\n2\n", "\n9\n", 1),))
    seen_file(ledger.id).unlink()
    ledger.demand_growth()
    with database(ledger) as connection:
        connection.execute("UPDATE head SET checkpoint = ?", (signed,))
    ledger.demand_growth()
    assert ledger.verify().ok


@pytest.mark.parametrize("content", [b"", b"{", b'{"key":"x","checkpoint":"y"}', b"\xff" * 20_000])
def test_a_damaged_memory_is_made_anew(ledger, content):
    ledger.demand_growth()
    seen_file(ledger.id).write_bytes(content)
    ledger.demand_growth()
    assert b"lineproof.local" in seen_file(ledger.id).read_bytes()


def test_without_a_place_to_remember_nothing_breaks(ledger, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    ledger.demand_growth()
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    ledger.demand_growth()


def test_a_ledger_without_its_public_key_is_still_read(ledger):
    shutil.rmtree(ledger.folder / "keys")
    ledger.demand_growth()


def test_it_costs_less_than_five_milliseconds(ledger):
    ledger.append(many(700))
    ledger.demand_growth()
    costs = []
    for _ in range(7):
        ledger.append(many(1))
        opened = Ledger.open(ledger.folder)
        start = time.process_time()
        opened.demand_growth()
        costs.append(time.process_time() - start)
    assert sorted(costs)[3] < 0.005
