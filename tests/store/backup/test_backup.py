"""A backup taken while the ledger is in use becomes a ledger again, or says why not."""

import shutil
import threading

import pytest

from lineproof.errors import BackupDamagedError, BackupError, KeyFileError
from lineproof.model.entries import EntryType
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, NewEntry, Scope, tell_witnesses
from lineproof.store.backup import read_manifest, restore_backup, write_backup, write_keys
from lineproof.store.backup.format import digest_of
from lineproof.store.witness.hand import add_witness


def event(number):
    return NewEntry(EntryType.LINEAGE_EVENT, b'{"n":%d}' % number)


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = Ledger.create(tmp_path / "project" / ".lineproof")
    made.append([event(number) for number in range(20)])
    made.objects.put(b"patch")
    return made


def rows(ledger):
    return [(entry.seq, entry.id, entry.payload) for entry in ledger.entries()]


def test_a_backup_becomes_the_same_ledger_again(ledger, tmp_path):
    manifest = write_backup(ledger, tmp_path / "backup", keys=True)
    done = restore_backup(tmp_path / "backup", tmp_path / "elsewhere" / ".lineproof")
    again = Ledger.open(tmp_path / "elsewhere" / ".lineproof")
    assert done.verified.ok, done.verified.failures
    assert rows(again)[: manifest.entries] == rows(ledger)
    assert [one.digest for one in again.objects.kept()] == manifest.objects
    again.append([event(99)])
    assert again.verify().ok


def test_keys_are_apart_unless_asked_for_and_can_follow(ledger, tmp_path):
    person = NewEntry(EntryType.DECISION, b'{"kind":"x"}', subject=Subject("people", "7"))
    ledger.append([person])
    write_backup(ledger, tmp_path / "backup")
    assert not (tmp_path / "backup" / "keys").exists()
    target = tmp_path / "new" / ".lineproof"
    done = restore_backup(tmp_path / "backup", target)
    assert done.verified.scope.log
    again = Ledger.open(target)
    assert again.verify(scope=Scope.LOG).ok
    with pytest.raises(KeyFileError):
        again.append([event(1)])
    again.close()
    ledger.close()
    shutil.copytree(ledger.folder / "keys", target / "keys", dirs_exist_ok=True)
    again = Ledger.open(target)
    again.rebuild()
    again.append([event(1)])
    assert again.verify().ok
    assert rows(again)[: ledger.size()] == rows(ledger)


def test_keys_of_people_that_were_just_made_are_in_a_backup_with_keys(ledger, tmp_path):
    ledger.append([NewEntry(EntryType.DECISION, b'{"kind":"x"}', subject=Subject("people", "7"))])
    assert (ledger.folder / "keys" / "subjects.db-wal").stat().st_size
    write_backup(ledger, tmp_path / "backup", keys=True)
    done = restore_backup(tmp_path / "backup", tmp_path / "new" / ".lineproof")
    assert done.verified.ok, done.verified.failures
    assert rows(Ledger.open(tmp_path / "new" / ".lineproof")) == rows(ledger)


def test_log_and_keys_that_are_both_old_forget_again_by_what_a_witness_lists(ledger, tmp_path):
    ada = Subject("people", "7")
    number = ledger.append([NewEntry(EntryType.CONSENT, b'{"who":"7"}', subject=ada)]).first
    add_witness(ledger, "file", str(tmp_path / "witness"))
    write_backup(ledger, tmp_path / "backup", keys=True)
    ledger.destroy(subjects=[ada], reason="request 17")
    assert tell_witnesses(ledger) == ()
    done = restore_backup(tmp_path / "backup", tmp_path / "new" / ".lineproof")
    again = Ledger.open(tmp_path / "new" / ".lineproof")
    assert done.problems == ()
    assert done.forgotten is not None
    assert done.verified.ok, done.verified.failures
    assert again.entry(number).payload is None
    assert again.vault.find([ada]) == {}


def test_a_witness_that_cannot_be_asked_after_a_restore_is_named(ledger, tmp_path):
    add_witness(ledger, "file", str(tmp_path / "witness"))
    write_backup(ledger, tmp_path / "backup", keys=True)
    (tmp_path / "witness").unlink()
    (tmp_path / "witness").mkdir()
    assert "witness file-witness" in tell_witnesses_of_a_destruction(ledger)
    done = restore_backup(tmp_path / "backup", tmp_path / "new" / ".lineproof")
    assert "witness file-witness" in done.problems[0]


def tell_witnesses_of_a_destruction(ledger):
    ledger.destroy((3,), reason="found personal")
    (problem,) = tell_witnesses(ledger)
    return problem


def test_one_file_is_a_backup_too_and_what_was_cut_off_is_none(ledger, tmp_path):
    write_backup(ledger, tmp_path / "monday.zip", keys=True)
    done = restore_backup(tmp_path / "monday.zip", tmp_path / "new" / ".lineproof")
    assert done.verified.ok
    assert rows(Ledger.open(tmp_path / "new" / ".lineproof")) == rows(ledger)
    with pytest.raises(BackupError, match="already"):
        write_backup(ledger, tmp_path / "monday.zip")
    whole = (tmp_path / "monday.zip").read_bytes()
    for size in (0, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        with pytest.raises(BackupError):
            restore_backup(tmp_path / "cut.zip", tmp_path / "cut" / ".lineproof")


def test_who_has_the_ledger_open_goes_on_with_what_is_restored(ledger, tmp_path):
    write_backup(ledger, tmp_path / "backup")
    before = rows(ledger)
    ledger.append([event(50)])
    restore_backup(tmp_path / "backup", ledger.folder, replace=True)
    assert rows(ledger)[: len(before)] == before
    number = ledger.append([event(51)]).first
    assert Ledger.open(ledger.folder).entry(number).payload == event(51).payload
    assert ledger.verify().ok


def test_a_damaged_ledger_is_put_aside_and_restored(ledger, tmp_path):
    write_backup(ledger, tmp_path / "backup")
    before = rows(ledger)
    ledger.close()
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (ledger.folder / name).unlink(missing_ok=True)
    (ledger.folder / "ledger.db").write_bytes(b"nothing of it is left" * 1000)
    assert restore_backup(tmp_path / "backup", ledger.folder, replace=True).verified.ok
    assert rows(Ledger.open(ledger.folder))[: len(before)] == before


def test_a_log_that_was_forged_with_its_digests_takes_nobodys_place(ledger, tmp_path):
    backup = tmp_path / "backup"
    write_backup(ledger, backup, keys=True)
    log = backup / "log.db"
    old = read_manifest(backup).files["log.db"]
    log.write_bytes(log.read_bytes().replace(b'{"n":7}', b'{"n":8}'))
    text = (backup / "manifest.json").read_text()
    (backup / "manifest.json").write_text(text.replace(old, digest_of(log)))
    with pytest.raises(BackupDamagedError, match="payload 9"):
        restore_backup(backup, ledger.folder, replace=True)
    assert ledger.verify().ok
    assert not list(ledger.folder.glob("replaced-*"))


def test_a_ledger_that_is_there_is_put_aside_only_when_that_is_said(ledger, tmp_path):
    write_backup(ledger, tmp_path / "backup")
    ledger.append([event(50)])
    with pytest.raises(BackupError, match="holds a ledger"):
        restore_backup(tmp_path / "backup", ledger.folder)
    done = restore_backup(tmp_path / "backup", ledger.folder, replace=True, reason="disk failed")
    assert done.verified.ok
    assert done.accepted is not None
    assert (ledger.folder / done.aside.rpartition("/")[2] / "ledger.db").is_file()
    assert Ledger.open(ledger.folder).verify().ok


def test_a_backup_while_others_write_is_one_state_of_the_log(ledger, tmp_path):
    stop = threading.Event()

    def write():
        other = Ledger.open(ledger.folder)
        number = 1000
        while not stop.is_set():
            other.append([event(number)])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(3):
            manifest = write_backup(ledger, tmp_path / "backup", keys=True)
            done = restore_backup(tmp_path / "backup", tmp_path / f"turn{turn}" / ".lineproof")
            assert done.verified.ok, done.verified.failures
            assert done.entries == manifest.entries
    finally:
        stop.set()
        writer.join()


def test_what_was_destroyed_is_in_no_renewed_backup(ledger, tmp_path):
    secret = NewEntry(EntryType.LINEAGE_EVENT, b'{"name":"Rumpelstilzchen"}')
    number = ledger.append([secret]).first
    write_backup(ledger, tmp_path / "backup")
    assert b"Rumpelstilzchen" in (tmp_path / "backup" / "log.db").read_bytes()
    ledger.destroy_payload(number, "found personal")
    write_backup(ledger, tmp_path / "backup")
    assert not [
        path for path in (tmp_path / "backup").rglob("*") if path.is_file() and b"Rumpel" in path.read_bytes()
    ]


@pytest.mark.parametrize(
    "harm", ["altered log", "cut log", "no manifest", "altered manifest", "missing object"]
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_made(ledger, tmp_path, harm):
    backup = tmp_path / "backup"
    manifest = write_backup(ledger, backup, keys=True)
    log = backup / "log.db"
    if harm == "altered log":
        log.write_bytes(log.read_bytes()[:-1] + b"x")
    elif harm == "cut log":
        log.write_bytes(log.read_bytes()[:-100])
    elif harm == "no manifest":
        (backup / "manifest.json").unlink()
    elif harm == "altered manifest":
        (backup / "manifest.json").write_text("{")
    else:
        shutil.rmtree(backup / "objects")
    with pytest.raises(BackupError) as refused:
        restore_backup(backup, tmp_path / "new" / ".lineproof")
    assert refused.value.code == "LP-STORE-42"
    assert not (tmp_path / "new" / ".lineproof" / "ledger.db").exists()
    assert manifest.objects


def test_a_folder_with_something_else_is_left_alone(ledger, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(BackupError, match="not empty"):
        write_backup(ledger, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_spools_in_flight_travel_along(ledger, tmp_path):
    (ledger.spool_folder / "r-1-2.spool").write_text('{"seq":0')
    manifest = write_backup(ledger, tmp_path / "backup", keys=True)
    assert "spool/r-1-2.spool" in manifest.files
    restore_backup(tmp_path / "backup", tmp_path / "new" / ".lineproof")
    assert (tmp_path / "new" / ".lineproof" / "spool" / "r-1-2.spool").exists()
    assert read_manifest(tmp_path / "backup") == manifest


def test_keys_have_a_backup_of_their_own_that_is_renewed_as_a_whole(ledger, tmp_path):
    people = [Subject("people", str(number)) for number in (7, 8)]
    entries = [NewEntry(EntryType.DECISION, b'{"kind":"x"}', subject=one) for one in people]
    first = ledger.append(entries).first
    write_backup(ledger, tmp_path / "backup")
    write_keys(ledger, tmp_path / "keys")
    ledger.destroy(subjects=people[:1], reason="asked")
    write_keys(ledger, tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    target = tmp_path / "new" / ".lineproof"
    restore_backup(tmp_path / "backup", target, keys=tmp_path / "keys")
    again = Ledger.open(target)
    assert [again.entry(first).payload, again.entry(first + 1).payload] == [None, b'{"kind":"x"}']
    assert again.verify().ok


def test_a_copy_of_keys_replaces_nothing_else(ledger, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "thesis.txt").write_text("years of work")
    with pytest.raises(BackupError, match="something else"):
        write_keys(ledger, tmp_path / "keys")
    other = Ledger.create(tmp_path / "other" / ".lineproof")
    write_keys(other, tmp_path / "others")
    with pytest.raises(BackupError):
        write_keys(ledger, tmp_path / "others")
    write_backup(ledger, tmp_path / "backup", keys=True)
    for taken in (tmp_path / "backup", ledger.folder / "keys", ledger.folder, tmp_path / "keys/thesis.txt"):
        with pytest.raises(BackupError):
            write_keys(ledger, taken)
    assert ledger.append([event(1)]).first
    with pytest.raises(KeyFileError, match="another ledger"):
        restore_backup(tmp_path / "backup", tmp_path / "new" / ".lineproof", keys=tmp_path / "others")
