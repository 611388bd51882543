"""Promises about the list of destructions that witnesses keep: both files restored, and still forgotten."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lineproof.model.entries import EntryType
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, NewEntry, Scope, forget_again
from lineproof.store.witness.hand import add_witness, hand_over

pytestmark = pytest.mark.sqlite_only  # a folder is put back, and with it the tables

NAME = "ada.lovelace@example.org"
ADA = Subject("patients", NAME)


@pytest.fixture(params=["file", "git"])
def place(request, tmp_path) -> tuple[str, str]:
    if request.param == "git":
        subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "w.git")], check=True)
    return request.param, str(tmp_path / ("w.git" if request.param == "git" else "witness"))


def about(subject: Subject) -> NewEntry:
    return NewEntry(EntryType.CONSENT, json.dumps({"who": subject.id}).encode(), subject=subject)


def brought_back(ledger: Ledger, tmp_path: Path) -> Ledger:
    """The whole folder of the ledger as it was before."""
    ledger.close()
    shutil.rmtree(ledger.folder)
    shutil.copytree(tmp_path / "backup", ledger.folder)
    return Ledger.open(ledger.folder)


def test_a_whole_folder_restored_forgets_again_by_what_a_witness_keeps(ledger, place, tmp_path):
    kind, location = place
    number = ledger.append([about(ADA), about(Subject("patients", "2"))]).first
    add_witness(ledger, kind, location)
    ledger.close()
    shutil.copytree(ledger.folder, tmp_path / "backup")
    ledger.destroy(subjects=[ADA], reason="request 17")
    hand_over(ledger)
    hand_over(ledger)
    restored = brought_back(ledger, tmp_path)
    assert NAME in restored.entry(number).payload.decode()
    found = forget_again(restored)
    assert found.problems == ()
    assert found.destroyed.entries == (number,)
    assert restored.vault.find([ADA]) == {}
    assert restored.entry(number).payload is None
    assert restored.entry(number + 1).payload is not None
    assert restored.verify(scope=Scope.TABLES).ok
    assert {one.kind for one in restored.verify().failures} == {
        "fork",
        "rollback",
    }  # it is older, and says so
    assert forget_again(restored).destroyed is None


def test_a_list_that_the_ledger_did_not_sign_destroys_nothing(ledger, tmp_path):
    number = ledger.append([about(ADA)]).first
    add_witness(ledger, "file", str(tmp_path / "witness"))
    ledger.close()
    shutil.copytree(ledger.folder, tmp_path / "backup")
    ledger.destroy(subjects=[ADA], reason="request 17")
    hand_over(ledger)
    path = tmp_path / "witness"
    path.write_text(path.read_text().replace(" person 1 ", " person 2 "))
    restored = brought_back(ledger, tmp_path)
    found = forget_again(restored)
    assert found.destroyed is None
    assert "signature" in found.problems[0]
    assert restored.entry(number).payload is not None


def test_a_long_list_is_handed_over_in_parts(ledger, tmp_path):
    people = [Subject("patients", str(number)) for number in range(700)]
    ledger.append([about(one) for one in people])
    add_witness(ledger, "file", str(tmp_path / "witness"))
    ledger.close()
    shutil.copytree(ledger.folder, tmp_path / "backup")
    ledger.destroy(subjects=people, reason="all of them")
    hand_over(ledger)
    restored = brought_back(ledger, tmp_path)
    assert len(forget_again(restored).destroyed.people) == 700
