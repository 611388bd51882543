"""Promises about destroying people's keys: nothing is left in any file, and a backup brings nothing back."""

from __future__ import annotations

import json

import pytest
from store_case import database, dump, event, everything, many

from lineproof import graph
from lineproof.errors import ForgettingError, HeldError, UsageError
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.people import set_of_people
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, NewEntry
from lineproof.store.people import PeopleSets
from lineproof.store.vault import Destruction
from lineproof.store.vault.again import numbers_gone

NAME = "ada.lovelace@example.org"
ADA = Subject("patients", NAME)


def segment(ids, **more) -> NewEntry:
    body = {
        "segment": uuid7(),
        "model_name": "credit",
        "ids": ids,
        "subject_space": "patients",
        "outputs": {"score": [0.5 for _ in ids]},
        "inputs": {"mail": [f"input of {one}" for one in ids]},
        "time": now(),
    }
    return NewEntry(EntryType.PREDICTION_SEGMENT, json.dumps(body | more).encode())


def others(count: int) -> list[str]:
    return [f"somebody-{number}@example.org" for number in range(count)]


def files_with(ledger: Ledger, secret: bytes) -> list[str]:
    return [str(path) for path in ledger.folder.rglob("*") if path.is_file() and secret in path.read_bytes()]


def hold(**covers) -> NewEntry:
    return NewEntry(
        EntryType.HOLD, json.dumps({"hold": uuid7(), "name": "case 7", "time": now(), **covers}).encode()
    )


def secrets_of(ledger: Ledger, subject: Subject) -> dict[str, bytes]:
    """Everything that tells of a person, as bytes."""
    person = ledger.vault.find([subject])[subject]
    with database(ledger) as connection:
        salt, body = connection.execute(
            "SELECT salt, body FROM payload JOIN sealed ON sealed.entry = payload.seq WHERE subject = ?",
            (person.ref.hex(),),
        ).fetchone()
    return {
        "identifier": subject.id.encode(),
        "hash": ledger.vault.hash.of(subject),
        "wrapped key": person.wrapped,
        "key": ledger.vault.kek.unwrap(person.wrapped),
        "salt": salt,
        "ciphertext": body[-40:],
        "payload": f"input of {subject.id}".encode(),
    }


@pytest.mark.sqlite_only
@pytest.mark.parametrize("count", [3, 2500])
def test_after_a_person_is_destroyed_no_file_holds_anything_of_them(ledger, count):
    ledger.append([*many(30), segment([*others(count), NAME])])
    ledger.append([segment([f"{NAME}"], model_name="other"), segment(others(20), model_name="third")])
    ledger.rebuild()
    secrets = secrets_of(ledger, ADA)
    there = {name for name, secret in secrets.items() if files_with(ledger, secret)}
    assert there == {"identifier", "hash", "wrapped key", "salt", "ciphertext"}
    done = ledger.destroy(subjects=[ADA], reason="request 17")
    assert len(done.entries) == 2
    assert {name: files_with(ledger, secret) for name, secret in secrets.items()} == {
        key: [] for key in secrets
    }
    assert ledger.verify().ok


def test_the_entry_reads_shredded_and_says_by_which_entry(ledger):
    number = ledger.append([segment([NAME])]).first
    done = ledger.destroy(subjects=[ADA], reason="request 17")
    shown = graph.Ledger(ledger).show(f"entry:{number}")
    assert (shown.state, shown.destroyed_by, shown.reason) == (
        "shredded",
        f"entry:{done.entry}",
        "request 17",
    )
    assert NAME.encode() not in ledger.entry(done.entry).payload
    assert done.people[0].encode() in ledger.entry(done.entry).payload


def test_the_tables_are_those_that_a_rebuild_gives_without_one(ledger):
    ledger.append([*everything(), segment([*others(10), NAME])])
    done = ledger.destroy(subjects=[ADA], reason="request 17")
    assert not done.rebuilt
    after = dump(ledger)
    assert NAME not in str(after)
    assert [row[0] for row in after["tombstone"]] == list(done.entries)
    ledger.rebuild()
    assert dump(ledger) == after


def test_a_prediction_that_an_earlier_one_kept_out_takes_its_place(ledger):
    first, second = segment([NAME]), segment([NAME], subject_space=None)
    ledger.append([first, second])
    assert dump(ledger)["prediction"][0][-1] == 2
    done = ledger.destroy(subjects=[ADA], reason="request 17")
    assert done.rebuilt
    assert dump(ledger)["prediction"][0][-1] == 3
    assert ledger.verify().ok


def test_what_a_person_is_told_of_next_time_has_a_new_key(ledger):
    ledger.append([segment([NAME])])
    before = ledger.subject_refs(ADA)
    ledger.destroy(subjects=[ADA], reason="request 17")
    ledger.append([segment([NAME])])
    assert ledger.subject_refs(ADA) not in ((), before)
    assert ledger.verify().ok


def test_linked_people_are_destroyed_together_and_others_stay(ledger):
    other = Subject("mails", "a@b")
    ledger.append([segment([NAME, "else"])])
    ledger.append([segment(["a@b"], subject_space="mails", model_name="mail")])
    ledger.link_subjects(ADA, other)
    done = ledger.destroy(subjects=[other], reason="request 17")
    assert len(done.people) == len(done.entries) == 2
    assert [row[1] for row in dump(ledger)["prediction"]] == ["else"]
    assert files_with(ledger, ledger.vault.hash.of(ADA)) == []


def test_somebody_whom_nothing_is_encrypted_for_cannot_be_destroyed(ledger):
    with pytest.raises(UsageError, match="nothing"):
        ledger.destroy(subjects=[ADA], reason="request 17")


def copies(ledger: Ledger, *names: str) -> dict[str, bytes]:
    ledger.vault.close()
    with database(ledger) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {name: (ledger.folder / name).read_bytes() for name in names}


def restore(ledger: Ledger, files: dict[str, bytes]) -> Ledger:
    ledger.close()
    for name, content in files.items():
        for leftover in (ledger.folder / name).parent.glob(f"{(ledger.folder / name).name}-*"):
            leftover.unlink()
        (ledger.folder / name).write_bytes(content)
    return Ledger.open(ledger.folder)


def sound(ledger: Ledger) -> bool:
    """Whether nothing is wrong with it but that it is older than it was, as whoever saw it says."""
    return all(one.kind in {"rollback", "fork"} for one in ledger.verify().failures)


DATABASE, KEYS = "ledger.db", "keys/subjects.db"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("files", [(DATABASE,), (KEYS,)], ids=["the ledger", "the keys"])
def test_a_restored_backup_forgets_again_before_anything_is_served(ledger, files):
    secret = ledger.append([event(job=f"{NAME}.py"), segment([NAME, "else"]), *many(3)]).first
    backup = copies(ledger, *files)
    secrets = secrets_of(ledger, ADA)
    ledger.destroy(subjects=[ADA], reason="request 17")
    ledger.destroy([secret], reason="found later")
    ledger.append(many(2))
    restored = restore(ledger, backup)
    assert {name: files_with(restored, held) for name, held in secrets.items()} == {
        key: [] for key in secrets
    }
    assert restored.entry(secret).payload is None
    assert sound(restored)
    assert [row[1] for row in dump(restored)["prediction"]] == ["else"]
    size = restored.size()
    assert Ledger.open(ledger.folder).size() == size


@pytest.mark.sqlite_only
def test_both_restored_forget_again_by_a_list_that_was_kept_elsewhere(ledger):
    ledger.append([segment([NAME, "else"])])
    backup = copies(ledger, DATABASE, KEYS)
    ledger.destroy(subjects=[ADA], reason="request 17")
    lists = list(ledger.vault.store.destructions())
    restored = restore(ledger, backup)
    assert files_with(restored, NAME.encode())
    done = restored.forget_again(lists)
    assert len(done.people) == 1
    assert files_with(restored, NAME.encode()) == []
    assert sound(restored)
    assert restored.forget_again(lists) is None


PEOPLE = "keys/people.db"


@pytest.fixture
def in_sets(ledger):
    """The sets of people, with ADA and somebody else in one of them."""
    ledger.append([segment(["first"])])
    both = [[ledger.vault.hash.of(Subject("patients", one))] for one in (NAME, "else")]
    sets = PeopleSets(ledger.folder / "keys")
    sets.keep(set_of_people("patients", both))
    sets.forget()  # nobody, but it empties the write-ahead log: copies of the file are whole
    return both[0]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "files", [(PEOPLE,), (PEOPLE, KEYS)], ids=["the sets of people", "all that is beside the ledger"]
)
def test_sets_of_people_that_were_restored_forget_again(ledger, in_sets, files):
    ledger.append([segment([NAME])])
    backup = copies(ledger, DATABASE, KEYS, PEOPLE)
    ledger.destroy(subjects=[ADA], reason="request 17")
    restored = restore(ledger, {name: backup[name] for name in files})
    sets = PeopleSets(restored.folder / "keys")
    assert not sets.knows(in_sets)
    assert files_with(restored, in_sets[0]) == []
    assert sound(restored)


@pytest.mark.sqlite_only
def test_all_restored_the_sets_of_people_forget_by_a_list_kept_elsewhere(ledger, in_sets):
    backup = copies(ledger, DATABASE, KEYS, PEOPLE)
    ledger.subject_refs(ADA)  # who is in a set alone has no key until they are destroyed
    ledger.destroy(subjects=[ADA], reason="request 17")
    with ledger.snapshot() as connection:
        gone = numbers_gone(connection.cursor())
    restored = restore(ledger, backup)
    lists = [Destruction(shred, numbers=numbers) for shred, numbers in gone.items()]
    assert restored.forget_again(lists) is not None
    assert not PeopleSets(restored.folder / "keys").knows(in_sets)
    assert restored.forget_again(lists) is None


def test_a_crash_before_the_keys_followed_is_made_up_for_when_it_is_opened(ledger, monkeypatch):
    ledger.append([segment([NAME])])
    secrets = secrets_of(ledger, ADA)
    monkeypatch.setattr("lineproof.store.vault.keystore.SqliteKeyStore.forget", _crash)
    with pytest.raises(KeyboardInterrupt):
        ledger.destroy(subjects=[ADA], reason="request 17")
    monkeypatch.undo()
    ledger.vault.close()
    opened = Ledger.open(ledger.folder)
    assert files_with(opened, secrets["wrapped key"]) == []
    assert opened.vault.find([ADA]) == {}
    assert opened.verify().ok


def _crash(*_):
    raise KeyboardInterrupt


@pytest.mark.sqlite_only
def test_a_backup_that_may_not_be_written_to_is_not_served(ledger, monkeypatch):
    ledger.append([segment([NAME])])
    backup = copies(ledger, DATABASE)
    ledger.destroy(subjects=[ADA], reason="request 17")
    monkeypatch.setattr(Ledger, "writable", False)
    with pytest.raises(ForgettingError):
        restore(ledger, backup)


@pytest.mark.sqlite_only
def test_nothing_is_lost_of_others_in_a_slot_given_again_after_a_restore(ledger):
    backup = None
    ledger.append([segment(["first"])])
    backup = copies(ledger, DATABASE, KEYS)
    ledger.append([segment([NAME])])
    ledger.destroy(subjects=[ADA], reason="request 17")
    lists = list(ledger.vault.store.destructions())
    restored = restore(ledger, backup)
    restored.append([segment(["another"])])
    assert restored.forget_again(lists) is None
    assert {row[1] for row in dump(restored)["prediction"]} == {"first", "another"}


@pytest.mark.parametrize(
    "covers",
    [
        lambda number, ref: {"entries": [number]},
        lambda number, ref: {"kinds": ["predictions"]},
        lambda number, ref: {"kinds": ["prediction.segment"]},
        lambda number, ref: {"subjects": [ref]},
        lambda number, ref: {"everything": True},
    ],
)
def test_a_legal_hold_stops_destruction_until_it_is_released(ledger, covers):
    number = ledger.append([segment([NAME])]).first
    (ref,) = ledger.subject_refs(ADA)
    ledger.append([hold(**covers(number, ref))])
    for order in ({"entries": [number]}, {"subjects": [ADA]}):
        with pytest.raises(HeldError, match="case 7"):
            ledger.destroy(**order, reason="request 17")
    assert ledger.entry(number).payload is not None
    ledger.append([hold(action="released")])
    assert ledger.destroy(subjects=[ADA], reason="request 17").entries == (number,)


def test_a_hold_over_a_dataset_keeps_the_entries_of_runs_that_touched_it(ledger):
    numbers = ledger.append(everything()).entries
    ledger.append([hold(datasets=["raw*"])])
    with pytest.raises(HeldError):
        ledger.destroy([numbers[1]], reason="request 17")
    assert ledger.destroy([numbers[4]], reason="an approval").entries == (numbers[4],)


@pytest.mark.sqlite_only
def test_a_hold_comes_too_late_for_what_was_destroyed_before(ledger):
    ledger.append([segment([NAME])])
    backup = copies(ledger, DATABASE)
    ledger.destroy(subjects=[ADA], reason="request 17")
    restored = restore(ledger, backup)
    restored.append([hold(everything=True)])
    assert restored.vault.find([ADA]) == {}
    assert sound(Ledger.open(ledger.folder))


def test_a_hold_keeps_objects_that_nothing_names(ledger):
    one, other = ledger.objects.put(b"one"), ledger.objects.put(b"other")
    ledger.append([hold(objects=[one])])
    assert ledger.collect_objects(grace_s=0).held == []  # the hold itself names it
    assert not ledger.objects.has(other)
    ledger.append([hold(action="released"), hold(everything=True)])
    third = ledger.objects.put(b"third")
    assert ledger.collect_objects(grace_s=0).held == [third]
