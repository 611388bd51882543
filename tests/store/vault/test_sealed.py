"""Promises about payloads of people: encrypted in the files, readable to who has the keys, split per person."""

from __future__ import annotations

import json
import os

import pytest
from store_case import database, dump, everything

from lineproof import graph
from lineproof.errors import EventError, MissingKeyError
from lineproof.ledger import decode_leaf
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, NewEntry, Scope
from lineproof.store.vault.envelope import MAGIC
from lineproof.store.verify import verify_ledger

ADA = Subject("patients", "ada@example.org")
SECRET = "diagnosis-F41"


def about(person: Subject = ADA, text: str = SECRET) -> NewEntry:
    return NewEntry(EntryType.CONSENT, json.dumps({"note": text}).encode(), subject=person)


def segment(ids, *, space="patients", identifier=None, **more) -> NewEntry:
    body = {
        "segment": uuid7(),
        "model_name": "credit",
        "model_version": "sha256:cc",
        "ids": ids,
        "subject_space": space,
        "outputs": {"score": [number / 10 for number, _ in enumerate(ids)]},
        "time": now(),
    }
    return NewEntry(
        EntryType.PREDICTION_SEGMENT,
        json.dumps({k: v for k, v in (body | more).items() if v}).encode(),
        identifier,
    )


def payload_bytes(ledger: Ledger) -> bytes:
    with database(ledger) as connection:
        return b"".join(body for (body,) in connection.execute("SELECT body FROM payload ORDER BY seq"))


def test_what_is_about_a_person_lies_encrypted_and_reads_as_it_was_recorded(ledger):
    number = ledger.append([*everything(), about()]).entries[-1]
    assert SECRET.encode() not in payload_bytes(ledger)
    entry = Ledger.open(ledger.folder).entry(number)
    assert json.loads(entry.payload) == {"note": SECRET}
    assert entry.subject_ref == dump(ledger)["sealed"][-1][1]
    assert ledger.verify().ok


def test_the_log_says_nothing_of_whom_an_entry_is_about(ledger):
    ledger.append([about()])
    with database(ledger) as connection:
        leaves = b"".join(leaf for (leaf,) in connection.execute("SELECT leaf FROM entry"))
        sealed = connection.execute("SELECT subject FROM sealed").fetchone()[0]
        size, leaf = connection.execute(
            "SELECT length(body), leaf FROM payload JOIN entry USING (seq) ORDER BY seq DESC"
        ).fetchone()
    assert decode_leaf(leaf).size == size
    assert sealed.encode() not in leaves
    assert ledger.vault.hash.of(ADA).hex().encode() not in leaves


def test_predictions_of_several_people_become_an_entry_for_each(ledger):
    ledger.append([segment(["1", "2.0", "2", "3"])])
    rows = dump(ledger)
    assert len(rows["sealed"]) == len({ref for _, ref in rows["sealed"]}) == 3
    assert {(row[1], row[3]) for row in rows["prediction"]} == {("1", 0), ("2.0", 0), ("2", 1), ("3", 0)}
    assert ledger.verify().ok


def test_a_prediction_about_a_person_is_shown_as_it_was_recorded(ledger):
    ledger.append([*everything(), segment(["9", "8"], subjects=["ada", "bob"])])
    found = graph.open_ledger(ledger.folder).show("prediction:8")
    assert found.output == {"score": 0.1}
    assert len({ref for _, ref in dump(ledger)["sealed"]}) == 3


def test_predictions_about_nobody_stay_together_and_open(ledger):
    added = ledger.append([segment(["1", "2", "3", "4"], subjects=["", "ada", "", "bob"]), about()])
    assert added.added == 4
    assert [len(json.loads(ledger.entry(n).payload).get("ids", ())) for n in range(2, 6)] == [2, 1, 1, 0]
    assert ledger.entry(2).subject_ref is None
    assert added.entries == (2, 5)


def test_a_repeat_of_what_was_split_is_not_recorded_twice(ledger):
    item = segment([str(number) for number in range(1500)], identifier=uuid7())
    assert ledger.append([item]).added == 1500
    again = ledger.append([item])
    assert again.added == 0
    assert again.entries == (2,)


def test_what_looks_encrypted_already_is_refused(ledger):
    with pytest.raises(EventError, match="begins as"):
        ledger.append([NewEntry(EntryType.DOCUMENT, MAGIC + b"x" * 100)])
    with pytest.raises(EventError, match="about nobody"):
        ledger.append([NewEntry(EntryType.WITNESS, b"{}", subject=ADA)])


def test_keys_of_an_append_that_failed_are_swept_with_the_next_one(ledger):
    with pytest.raises(EventError):
        ledger.append([about(ADA), NewEntry(EntryType.WITNESS, b"{}", subject=ADA)])
    failing = NewEntry(EntryType.CONSENT, b"{}", id="no uuid", subject=Subject("patients", "2"))
    with pytest.raises(Exception, match="UUID"):
        ledger.append([failing])
    ledger.append([about(ADA)])
    assert ledger.vault.find([ADA, failing.subject]).keys() == {ADA}


def test_the_log_verifies_without_any_key_and_the_tables_name_what_is_missing(ledger):
    number = ledger.append([*everything(), segment(["1"])]).entries[-1]
    ledger.vault.close()
    (ledger.folder / "keys" / "subjects.db").rename(ledger.folder.parent / "subjects.db")
    (ledger.folder / "keys" / "kek").unlink()
    opened = Ledger.open(ledger.folder)
    assert opened.verify(scope=Scope.LOG).ok
    report = opened.verify()
    assert {(one.kind, one.entry) for one in report.failures} == {("missing key", 5), ("missing key", number)}
    with pytest.raises(MissingKeyError):
        opened.entry(number)
    assert graph.Ledger(opened).show(f"entry:{number}").state == "missing key"


def test_another_key_of_a_person_is_corrupt_not_missing(ledger):
    number = ledger.append([about()]).first
    ada = ledger.vault.find([ADA])[ADA]
    ledger.vault.store.rewrap(
        lambda _: ledger.vault.kek.wrap(os.urandom(32)), ledger.vault.kek.id, lambda *_: None
    )
    ledger.vault.close()
    report = verify_ledger(
        ledger._database, ledger.folder / "keys", ledger.id, ledger.vault.open, place=ledger.place
    )
    assert [(one.kind, one.entry) for one in report.failures] == [("corrupt", number)]
    assert graph.Ledger(ledger).show(f"entry:{number}").state == "corrupt"
    assert ada.ref.hex() == graph.Ledger(ledger).show(f"entry:{number}").subject_ref


def test_tables_rebuilt_without_a_key_say_so_and_are_whole_again_with_it(ledger):
    ledger.append([*everything(), segment(["1"])])
    before = dump(ledger)
    ledger.vault.close()
    keys = ledger.folder / "keys" / "subjects.db"
    keys.rename(ledger.folder / "elsewhere")
    ledger.rebuild()
    assert "not readable" in str(dump(ledger)["activity"])
    (ledger.folder / "elsewhere").rename(keys)
    assert not ledger.verify().ok
    ledger.rebuild()
    assert dump(ledger) == before
    assert ledger.verify().ok
