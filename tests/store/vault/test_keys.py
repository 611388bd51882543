"""Promises about people's keys: made once, kept apart from the payloads, and gone when they are destroyed."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

import pytest

from lineproof.errors import KeyEncryptionKeyError, KeyFileError, MissingKeyError, SealError
from lineproof.model.identity import uuid7
from lineproof.model.subjects import SUBJECTS_KEY, Subject
from lineproof.store.vault import Destruction, Vault, make_subjects_key
from lineproof.store.vault.envelope import is_sealed
from lineproof.store.vault.kek import from_source

ADA, BOB, EVE = (Subject("patients", name) for name in ("1", "2", "3"))


@pytest.fixture
def keys(tmp_path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    make_subjects_key(folder)
    return folder


@pytest.fixture
def vault(keys) -> Vault:
    return Vault(keys, "a ledger")


def every(refs):
    return refs


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_sealed_for_a_person_opens_with_their_key_alone(vault, keys):
    people = vault.ensure([ADA, BOB], every)
    sealed = vault.seal(b"secret", people[ADA])
    assert is_sealed(sealed)
    assert b"secret" not in sealed
    assert Vault(keys, "a ledger").open(sealed) == b"secret"
    assert vault.open(b'{"plain":1}') == b'{"plain":1}'
    assert vault.seal(b"secret", people[ADA]) != sealed


@pytest.mark.parametrize("at", [6, 14, 30, 42, -1])
def test_a_payload_altered_in_any_part_does_not_open(vault, at):
    sealed = bytearray(vault.seal(b"secret", vault.ensure([ADA], every)[ADA]))
    sealed[at] ^= 1
    with pytest.raises((SealError, MissingKeyError)):
        vault.open(bytes(sealed))


def test_a_person_has_one_key_however_often_they_are_met(vault, keys):
    first = vault.ensure([ADA, BOB, ADA], every)
    again = Vault(keys, "a ledger").ensure([ADA, EVE], every)
    assert again[ADA] == first[ADA]
    assert len({one.ref for one in (first | again).values()}) == 3


def test_keys_that_nothing_was_encrypted_with_are_swept(vault):
    orphan = vault.ensure([ADA], every)[ADA]
    vault.ensure([BOB], lambda refs: [])
    assert vault.find([ADA]) == {}
    assert vault.ensure([ADA], every)[ADA].ref != orphan.ref
    assert set(vault.find([ADA, BOB])) == {ADA, BOB}


def test_a_destroyed_key_leaves_nothing_in_any_file(vault, keys):
    people = vault.ensure([ADA, *(Subject("patients", str(n)) for n in range(10, 500))], every)
    gone, hashed = people[ADA], vault.hash.of(ADA)
    assert gone.wrapped in bytes_of(keys)
    vault.store.forget(Destruction(uuid7(), people=((gone.slot, gone.ref),)), [hashed])
    vault.forget_keys()
    held = bytes_of(keys)
    assert gone.wrapped not in held
    assert hashed not in held
    assert vault.find([ADA]) == {}
    assert len(vault.find(people)) == 490
    assert vault.ensure([ADA], every)[ADA].ref != gone.ref


def test_the_list_of_destructions_names_nobody_and_stays(vault, keys):
    ada = vault.ensure([ADA], every)[ADA]
    done = Destruction(uuid7(), entries=(uuid7(),), people=((ada.slot, ada.ref),))
    vault.store.forget(done)
    vault.close()
    store = Vault(keys, "a ledger").store
    assert list(store.destructions()) == [done]
    assert store.settled() == done.shred


def test_a_slot_that_somebody_else_has_now_is_left_alone(vault):
    ada = vault.ensure([ADA], every)[ADA]
    vault.store.forget(Destruction(uuid7(), people=((ada.slot, bytes(16)),)))
    assert vault.find([ADA]) == {ADA: ada}


def link(vault, one, other):
    vault.made().link(vault.hash.of(one), vault.hash.of(other), vault.fresh())


@pytest.mark.parametrize("known", [(), (ADA,), (BOB,), (ADA, BOB)], ids=len)
def test_linked_identifiers_are_one_person_and_are_destroyed_together(vault, keys, known):
    before = vault.ensure([*known, EVE], every)
    link(vault, ADA, BOB)
    found = vault.find([ADA, BOB])
    group = vault.store.group(found[BOB])
    assert {one.ref for one in group} >= {before[one].ref for one in known}
    assert {found[ADA].ref, found[BOB].ref} == {one.ref for one in group}
    vault.store.forget(Destruction(uuid7(), people=tuple((one.slot, one.ref) for one in group)))
    assert vault.find([ADA, BOB, EVE]) == {EVE: before[EVE]}
    for one in (ADA, BOB):
        assert vault.hash.of(one) not in bytes_of(keys)


def test_a_chain_of_links_is_one_person(vault):
    vault.ensure([ADA, BOB, EVE], every)
    link(vault, ADA, BOB)
    link(vault, EVE, BOB)
    assert len(vault.store.group(vault.find([ADA])[ADA])) == 3


def test_the_key_over_the_keys_comes_from_one_stated_place(keys, monkeypatch, tmp_path):
    key = os.urandom(32)
    (tmp_path / "kek").write_bytes(base64.b64encode(key))
    (keys / "kek.wrapped").write_bytes(bytes(byte ^ 0x55 for byte in key))
    code = "import sys; sys.stdout.buffer.write(bytes(b ^ 0x55 for b in sys.stdin.buffer.read()))"
    sources = {
        "LINEPROOF_KEK": key.hex(),
        "LINEPROOF_KEK_FILE": str(tmp_path / "kek"),
        "LINEPROOF_KEK_COMMAND": f"{sys.executable} -c '{code}'",
    }
    sealed = b""
    for name, value in sources.items():
        monkeypatch.setenv(name, value)
        vault = Vault(keys, "a ledger")
        sealed = sealed or vault.seal(b"secret", vault.ensure([ADA], every)[ADA])
        assert vault.open(sealed) == b"secret"
        assert not (keys / "kek").exists()
        monkeypatch.delenv(name)
    with pytest.raises(KeyEncryptionKeyError, match="cannot read"):
        Vault(keys, "a ledger").open(sealed)
    monkeypatch.setenv("LINEPROOF_KEK", "22" * 32)
    with pytest.raises(KeyEncryptionKeyError, match="another key"):
        Vault(keys, "a ledger").open(sealed)
    monkeypatch.setenv("LINEPROOF_KEK_FILE", "x")
    with pytest.raises(KeyEncryptionKeyError, match="both set"):
        Vault(keys, "a ledger").open(sealed)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("LINEPROOF_KEK", "hunter2"),
        ("LINEPROOF_KEK", "hunter2" * 10),
        ("LINEPROOF_KEK_COMMAND", "sh -c 'echo hunter2; echo hunter2 >&2'"),
        ("LINEPROOF_KEK_COMMAND", "sh -c 'echo hunter2 >&2; exit 3'"),
        ("LINEPROOF_KEK_COMMAND", "nowhere --token hunter2"),
        ("LINEPROOF_KEK_COMMAND", " "),
    ],
)
def test_no_error_tells_what_a_source_gave(keys, kind, value, capfd):
    (keys / "kek.wrapped").write_bytes(b"wrapped")
    with pytest.raises(KeyEncryptionKeyError) as caught:
        from_source(kind, value, keys)
    error = caught.value
    assert "hunter2" not in f"{error}{error.remedy}{error.__cause__}{capfd.readouterr()}"


def test_a_command_that_hangs_is_ended_with_all_it_started(keys, monkeypatch):
    monkeypatch.setattr("lineproof.store.vault.kek._COMMAND_S", 0.2)
    (keys / "kek.wrapped").write_bytes(b"wrapped")
    with pytest.raises(KeyEncryptionKeyError, match="within"):
        from_source("LINEPROOF_KEK_COMMAND", "sh -c 'sleep 60 & wait'", keys)


def test_another_key_of_hashes_is_refused_not_used(vault, keys):
    vault.ensure([ADA], every)
    (keys / SUBJECTS_KEY).write_text("33" * 32)
    with pytest.raises(KeyFileError, match="looked up"):
        Vault(keys, "a ledger").find([ADA])


def test_the_files_of_keys_are_for_their_owner_alone(vault, keys):
    vault.ensure([ADA], every)
    assert {
        path.name: path.stat().st_mode & 0o077
        for path in keys.iterdir()
        if not path.name.endswith(("-shm", "-wal"))
    } == {
        "kek": 0,
        "subjects.db": 0,
        SUBJECTS_KEY: 0,
    }
