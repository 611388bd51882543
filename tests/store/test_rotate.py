"""Promises about a ledger's keys: a new one takes over in the log, and nothing signed before is lost."""

from __future__ import annotations

import json
import shutil

import pytest
from store_case import database, many

from lineproof.errors import NoteError
from lineproof.ledger import SigningKey, VerifierKey, endorse, key_chain, open_checkpoint
from lineproof.store import Ledger, verify_entry_proof, verify_export
from lineproof.store.sequencer import append_group
from lineproof.store.witness.hand import add_witness, hand_over


def public(ledger: Ledger) -> VerifierKey:
    return VerifierKey.parse((ledger.folder / "keys" / "ledger.vkey").read_text().strip())


def note(ledger: Ledger) -> str:
    with database(ledger) as connection:
        return connection.execute("SELECT checkpoint FROM head").fetchone()[0]


def test_a_new_key_signs_from_its_entry_on(ledger):
    ledger.append(many(3))
    old, before = public(ledger), note(ledger)
    rotated = ledger.rotate_key("yearly")
    ledger.append(many(3))
    new = public(ledger)
    assert str(new) == rotated.verifier_key != str(old)
    assert open_checkpoint(before, [old]).size == rotated.entry
    assert open_checkpoint(note(ledger), [new]).size == rotated.entry + 4
    with pytest.raises(NoteError):
        open_checkpoint(note(ledger), [old])
    assert json.loads(ledger.entry(rotated.entry).payload)["reason"] == "yearly"
    report = ledger.verify()
    assert report.ok, report.failures


def test_the_old_private_key_is_gone(ledger):
    old = (ledger.folder / "keys" / "ledger.key").read_bytes()
    ledger.rotate_key("it may have leaked")
    assert all(old != file.read_bytes() for file in (ledger.folder / "keys").iterdir())
    assert {file.name for file in (ledger.folder / "keys").iterdir()} == {
        "ledger.key",
        "ledger.vkey",
        "subjects.key",
    }


def test_whoever_has_an_old_public_key_is_led_to_the_present_one(ledger, tmp_path):
    keys = [public(ledger)]
    for _ in range(3):
        ledger.append(many(2))
        ledger.rotate_key("yearly")
        keys.append(public(ledger))
    ledger.export(tmp_path / "published", payloads=True)
    for key in keys:
        report = verify_export(tmp_path / "published", key)
        assert report.ok, report.failures
    # A verifier with an old key beside the ledger is led on too.
    (ledger.folder / "keys" / "ledger.vkey").write_text(str(keys[0]))
    assert ledger.verify().ok
    proof = ledger.prove(1)
    assert all(verify_entry_proof(proof, [key]).ok for key in keys)
    stranger = SigningKey.generate(keys[0].name)
    assert not verify_entry_proof(proof, [stranger.verifier]).ok


def test_a_key_that_nobody_handed_over_to_is_not_followed(ledger, tmp_path):
    old = public(ledger)
    ledger.rotate_key("yearly")
    ledger.export(tmp_path / "published")
    chain = tmp_path / "published" / "keys.jsonl"
    first, second = map(json.loads, chain.read_text().splitlines())
    for endorsement in (None, "", endorse(SigningKey.generate(old.name), public(ledger))):
        chain.write_text(json.dumps(first) + "\n" + json.dumps(second | {"endorsement": endorsement}) + "\n")
        assert not verify_export(tmp_path / "published", old).ok
        assert verify_export(tmp_path / "published", public(ledger)).ok


def test_a_stranger_cannot_put_a_key_into_the_log(ledger):
    """A head signed by a key that the log names, but that its predecessor has not signed for."""
    ledger.append(many(2))
    old = SigningKey.parse((ledger.folder / "keys" / "ledger.key").read_text())
    old_public = (ledger.folder / "keys" / "ledger.vkey").read_text()
    rotated = ledger.rotate_key("yearly")
    new = SigningKey.parse((ledger.folder / "keys" / "ledger.key").read_text())
    assert old.verifier != new.verifier
    stated = [(str(old.verifier), None), (rotated.verifier_key, endorse(new, old.verifier))]
    assert key_chain(stated, old.verifier) == [old.verifier]
    # An altered endorsement in the ledger is named, beside the payload that no longer fits its leaf.
    with database(ledger) as connection:
        (body,) = connection.execute("SELECT body FROM payload WHERE seq = ?", (rotated.entry,)).fetchone()
        altered = json.dumps(json.loads(body) | {"endorsement": None}).encode()
        connection.execute("UPDATE payload SET body = ? WHERE seq = ?", (altered, rotated.entry))
    failures = {(one.kind, one.entry, one.field) for one in ledger.verify().failures}
    assert ("entry", rotated.entry, "endorsement") in failures
    (ledger.folder / "keys" / "ledger.vkey").write_text(old_public)
    assert any(one.kind == "checkpoint" for one in ledger.verify().failures)


def test_witnesses_and_readers_go_on_over_a_rotation(ledger, tmp_path):
    add_witness(ledger, "file", str(tmp_path / "checkpoints.jsonl"))
    assert ledger.look() is None
    before = note(ledger)
    ledger.rotate_key("yearly")
    assert ledger.look() is None
    hand_over(ledger)
    report = ledger.verify()
    assert report.ok, report.failures
    assert report.warnings == []
    assert ledger.verify(since=before).ok


def test_another_process_that_was_open_goes_on_with_the_new_key(ledger):
    other = Ledger.open(ledger.folder)
    other.append(many(1))
    ledger.rotate_key("yearly")
    other.append(many(1))
    assert ledger.verify().ok


@pytest.mark.parametrize("left", ["nothing committed", "half a key", "committed"])
def test_a_rotation_that_was_killed_is_finished_or_never_was(ledger, tmp_path, left):
    ledger.append(many(2))
    old = (ledger.folder / "keys" / "ledger.key").read_text()
    next_key = ledger.folder / "keys" / "ledger.key.next"
    if left == "committed":
        before = shutil.copytree(ledger.folder / "keys", tmp_path / "keys")
        ledger.rotate_key("yearly")
        (ledger.folder / "keys" / "ledger.key").rename(next_key)
        for file in before.iterdir():
            shutil.copy(file, ledger.folder / "keys")
    else:
        text = SigningKey.generate(public(ledger).name).export()
        next_key.write_text(text if left == "nothing committed" else text[:40])
    assert ledger.verify().ok
    ledger.append(many(2))
    assert not next_key.exists()
    assert ((ledger.folder / "keys" / "ledger.key").read_text() == old) == (left != "committed")
    assert ledger.verify().ok
    assert ledger.rotate_key("again").entry == ledger.size() - 1
    assert ledger.verify().ok


def test_a_rotation_that_fails_leaves_the_old_key_in_place(ledger, monkeypatch):
    monkeypatch.setattr("lineproof.store.rotate.append_group", _fail)
    with pytest.raises(RuntimeError):
        ledger.rotate_key("yearly")
    monkeypatch.setattr("lineproof.store.rotate.append_group", append_group)
    ledger.append(many(1))
    assert ledger.verify().ok
    assert ledger.size() == 3


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("the disk is gone")


def test_a_private_key_is_never_readable_by_others(ledger):
    ledger.rotate_key("yearly")
    assert (ledger.folder / "keys" / "ledger.key").stat().st_mode & 0o077 == 0
