"""Promises about another key over people's keys: nothing is written again but the keys, and nothing is lost."""

from __future__ import annotations

import json

import pytest
from store_case import database

from lineproof.errors import KeyEncryptionKeyError
from lineproof.model.entries import EntryType
from lineproof.model.subjects import Subject
from lineproof.store import KekTarget, Ledger, NewEntry

PEOPLE = [Subject("patients", str(number)) for number in range(30)]


@pytest.fixture
def full(ledger) -> Ledger:
    ledger.append(
        [NewEntry(EntryType.CONSENT, json.dumps({"of": one.id}).encode(), subject=one) for one in PEOPLE]
    )
    return ledger


def bodies(ledger: Ledger) -> list[bytes]:
    with database(ledger) as connection:
        return connection.execute("SELECT body FROM payload ORDER BY seq").fetchall()


def read(ledger: Ledger) -> list[str]:
    return [json.loads(one.payload)["of"] for one in Ledger.open(ledger.folder).entries(2)]


def test_all_is_read_as_before_and_the_key_before_opens_nothing(full):
    before, old = bodies(full), (full.folder / "keys" / "kek").read_text()
    wrapped = [one.wrapped for one in full.vault.find(PEOPLE).values()]
    done = full.rotate_kek()
    assert (done.people, done.setting) == (30, None)
    assert bodies(full) == before
    assert read(full) == [one.id for one in PEOPLE]
    held = b"".join(path.read_bytes() for path in full.folder.rglob("*") if path.is_file())
    assert not any(one in held for one in (old.strip().encode(), *wrapped))
    assert full.verify().ok


@pytest.mark.parametrize("kind", ["file", "env", "command"])
def test_it_moves_to_wherever_the_next_one_is_stated(full, kind, tmp_path, monkeypatch):
    key = "ab" * 32
    monkeypatch.setenv("NEXT", key)
    (full.folder / "keys" / "kek.wrapped").write_text(key)
    value = {"file": str(tmp_path / "kek"), "env": "NEXT", "command": "cat"}[kind]
    done = full.rotate_kek(KekTarget(kind, value))
    with pytest.raises(KeyEncryptionKeyError):
        read(full)
    monkeypatch.setenv(done.setting, key if kind == "env" else value)
    assert read(full) == [one.id for one in PEOPLE]


@pytest.mark.parametrize("point", ["rewrap", "settle"])
def test_a_rotation_that_is_cut_off_leaves_one_key_that_opens_all(full, point, monkeypatch):
    place = {
        "rewrap": "lineproof.store.vault.keystore.SqliteKeyStore.rewrap",
        "settle": "lineproof.store.vault.kek.settle_next",
    }[point]
    monkeypatch.setattr(place, _crash)
    with pytest.raises(KeyboardInterrupt):
        full.rotate_kek()
    monkeypatch.undo()
    full.close()
    assert read(full) == [one.id for one in PEOPLE]
    assert Ledger.open(full.folder).rotate_kek().people == 30
    assert read(full) == [one.id for one in PEOPLE]


def _crash(*_):
    raise KeyboardInterrupt


def test_without_the_present_key_nothing_is_changed(full, monkeypatch):
    full.vault.close()
    monkeypatch.setenv("LINEPROOF_KEK", "cd" * 32)
    with pytest.raises(KeyEncryptionKeyError, match="another"):
        full.rotate_kek(KekTarget("env", "LINEPROOF_KEK"))
    monkeypatch.undo()
    assert read(full) == [one.id for one in PEOPLE]
