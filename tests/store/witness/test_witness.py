"""Promises about witnesses: what they keep, what is recorded of it, and what `verify` makes of it."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from store_case import many

from lineproof.errors import CommandError, UnknownReferenceError, WitnessError
from lineproof.model.entries import EntryType
from lineproof.store import Ledger, ask_witnesses, known_witnesses
from lineproof.store.verify import witnessed
from lineproof.store.witness.hand import add_witness, hand_over, remove_witness


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "elsewhere").mkdir()
    return str(tmp_path / "elsewhere" / "checkpoints.jsonl")


def asked(ledger: Ledger):
    with ledger.snapshot() as connection:
        return ask_witnesses(connection, ledger.verifier_keys(connection))


def test_adding_and_keeping_are_entries_of_the_log(ledger, file):
    add_witness(ledger, "file", file, name="audit", reason="the auditor's share", acting_as="Ada")
    hand_over(ledger)
    stated = [json.loads(one.payload) for one in ledger.entries() if one.type is EntryType.WITNESS]
    assert [one["action"] for one in stated] == ["added", "kept", "kept"]
    assert stated[0]["location"] == file
    with ledger.snapshot() as connection:
        (known,) = known_witnesses(connection)
    assert [note.split("\n")[1] for note in known.kept.values()] == ["2", "5"]
    assert ledger.verify().ok


def test_two_ledgers_share_a_file(ledger, file, tmp_path):
    other = Ledger.create(tmp_path / "other" / ".lineproof")
    for one in (ledger, other):
        add_witness(one, "file", file)
    assert [answer.kept for answer in asked(ledger)] == [1]
    assert [answer.kept for answer in asked(other)] == [1]
    assert len(Path(file).read_text().splitlines()) == 2


def test_a_half_written_line_spoils_no_other(ledger, file):
    add_witness(ledger, "file", file)
    with Path(file).open("a") as opened:
        opened.write('{"checkpoint":"linepr')
    hand_over(ledger)
    (answer,) = asked(ledger)
    assert answer.kept == 2
    assert [one.found for one in answer.failures] == [f"line 2 of {file} is not one that was written there"]


def test_a_git_repository_with_files_of_its_own_is_left_as_it_is(ledger, tmp_path):
    where = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", "-b", "main", where], check=True)
    (where / "notes.txt").write_text("mine")
    add_witness(ledger, "git", str(where))
    hand_over(ledger)
    status = subprocess.run(
        ["git", "-C", where, "status", "--porcelain"], check=True, capture_output=True, text=True
    )
    assert status.stdout == "?? notes.txt\n"
    assert asked(ledger)[0].kept == 2
    log = subprocess.run(
        ["git", "-C", where, "log", "--format=%s", f"lineproof.local/{ledger.id}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert log.stdout.splitlines() == ["Checkpoint of 4 entries", "Checkpoint of 2 entries"]


def test_a_repository_that_runs_a_command_when_fetched_from_is_refused(ledger, tmp_path):
    with pytest.raises(WitnessError):
        add_witness(ledger, "git", f"ext::sh -c touch% {tmp_path}/ran")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["file", "git"])
def test_a_place_that_is_not_there_is_said_and_nothing_recorded(ledger, tmp_path, kind):
    with pytest.raises(WitnessError):
        add_witness(ledger, kind, str(tmp_path / "nowhere" / "x"))
    assert ledger.size() == 2


def test_a_place_within_the_ledger_is_no_witness(ledger):
    with pytest.raises(CommandError, match="own folder"):
        add_witness(ledger, "file", str(ledger.folder / "checkpoints.jsonl"))


def test_unknown_kinds_and_names_are_refused(ledger, file):
    with pytest.raises(CommandError, match="no kind of witness"):
        add_witness(ledger, "oracle", file)
    with pytest.raises(UnknownReferenceError):
        hand_over(ledger, ["nobody"])
    add_witness(ledger, "file", file, name="audit")
    with pytest.raises(CommandError, match="already"):
        add_witness(ledger, "file", file, name="audit")


def test_a_removed_witness_is_asked_no_more(ledger, file):
    add_witness(ledger, "file", file, name="audit")
    Path(file).unlink()
    assert "cannot open" in str(asked(ledger)[0].problem)
    remove_witness(ledger, "audit", reason="moved")
    assert asked(ledger) == []
    assert "nobody outside" in ledger.verify().warnings[0]


def test_a_witness_that_cannot_be_reached_leaves_a_warning_not_a_failure(ledger, file):
    add_witness(ledger, "file", file, name="audit")
    Path(file).unlink()
    report = ledger.verify()
    assert report.ok
    assert "witness audit was not asked" in report.warnings[0]


def test_entries_that_wait_long_for_a_witness_are_spoken_of(ledger, file, monkeypatch):
    add_witness(ledger, "file", file)
    ledger.append(many(1))
    assert ledger.verify().warnings == []

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz).replace(year=datetime.now(tz).year + 1)

    monkeypatch.setattr(witnessed, "datetime", Later)
    assert "no witness has seen the entries from 4 on" in ledger.verify().warnings[0]
    hand_over(ledger)
    assert ledger.verify().warnings == []
