"""Promises about what somebody who holds key and file can do: with a witness, nothing unseen.

Every attack here leaves a ledger that verifies by itself, signed with the right key.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_case import many

from lineproof.errors import ForkError, RollbackError
from lineproof.ledger import open_checkpoint
from lineproof.store import Ledger, NewEntry, ask_place
from lineproof.store.witness.hand import add_witness, hand_over

ENTRIES = many(40)


@pytest.fixture(params=["file", "git"])
def place(request, tmp_path: Path) -> tuple[str, str]:
    """Somewhere that the attacker does not reach."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if request.param == "file":
        return "file", str(elsewhere / "checkpoints.jsonl")
    subprocess.run(["git", "init", "-q", "--bare", elsewhere / "audit.git"], check=True)
    return "git", str(elsewhere / "audit.git")


class Story:
    """A ledger that was witnessed at three sizes, and its beginning as a backup.

    Entries 0 and 1 are those of every ledger, 2 and 3 are about the witness; entry 4 + n is `ENTRIES[n]`
    up to the next checkpoint, after which one more is about the witness.
    """

    def __init__(self, tmp_path: Path, place: tuple[str, str]) -> None:
        self.place = place
        self.ledger = Ledger.create(tmp_path / ".lineproof")
        self.unwitnessed = tmp_path / "unwitnessed"
        self._copy(self.ledger.folder, self.unwitnessed)
        add_witness(self.ledger, *place, name="audit")
        self.backup = tmp_path / "backup"
        self._copy(self.ledger.folder, self.backup)
        self.ledger.append(ENTRIES[:10])
        hand_over(self.ledger)  # of 14 entries; entry 14 says so
        self.yesterday = tmp_path / "yesterday"
        self._copy(self.ledger.folder, self.yesterday)
        self.ledger.append(ENTRIES[10:20])
        hand_over(self.ledger)  # of 25 entries

    def rewritten(self, entries: list[NewEntry]) -> Ledger:
        """The ledger as somebody makes it anew from its beginning, with the right key."""
        return self.restored(self.backup, entries)

    def restored(self, backup: Path, entries: list[NewEntry] | None = None) -> Ledger:
        shutil.rmtree(self.ledger.folder)
        self._copy(backup, self.ledger.folder)
        ledger = Ledger.open(self.ledger.folder)
        ledger.append(entries or [])
        return ledger

    @staticmethod
    def _copy(here: Path, there: Path) -> None:
        shutil.copytree(here, there)


@pytest.fixture
def story(tmp_path: Path, place: tuple[str, str]) -> Story:
    return Story(tmp_path, place)


def named(ledger: Ledger) -> list[tuple[Any, ...]]:
    """What `verify` says, and what asking the place says: the same."""
    report = ledger.verify()
    assert all(one.kind != "leaf" for one in report.failures)
    return [(one.kind, one.entry, (one.key or {}).get("entries")) for one in report.failures]


def test_a_ledger_that_has_only_grown_holds_all_that_was_witnessed(story):
    story.ledger.append(ENTRIES[20:])
    report = story.ledger.verify()
    assert report.ok, report.failures
    assert report.warnings == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        pytest.param(lambda found: [*found[:3], ENTRIES[30], *found[4:]], (4, "4 to 13"), id="changed"),
        pytest.param(lambda found: found[:3] + found[4:], (4, "4 to 13"), id="deleted-in-the-middle"),
        pytest.param(lambda found: [*found[:3], ENTRIES[30], *found[3:]], (4, "4 to 13"), id="back-dated"),
        pytest.param(lambda found: [found[1], found[0], *found[2:]], (4, "4 to 13"), id="reordered"),
    ],
)
def test_a_history_rewritten_with_the_right_key_is_a_fork(story, change: Callable[[Any], Any], where):
    ledger = story.rewritten([*change(ENTRIES[:20]), *ENTRIES[20:]])
    (kind, entry, entries), *_ = named(ledger)
    assert kind == "fork"
    # Between the last checkpoint that still holds and the first that does not.
    assert entry <= where[0] <= 13
    assert entries == f"{entry} to 13"


def test_a_late_change_is_placed_between_two_checkpoints(story):
    ledger = story.restored(story.yesterday, [ENTRIES[30], *ENTRIES[11:25]])
    assert named(ledger)[0] == ("fork", 14, "14 to 24")


def test_entries_deleted_at_the_end_are_named(story):
    ledger = story.restored(story.yesterday)
    assert ledger.size() < 25
    assert named(ledger)[0] == ("rollback", ledger.size(), f"{ledger.size()} to 24")


def test_both_checkpoints_are_the_evidence(story):
    signed = story.ledger.verify().checkpoint
    ledger = story.restored(story.yesterday)
    failure = ledger.verify().failures[0]
    with ledger.snapshot() as connection:
        keys = ledger.verifier_keys(connection)
    assert open_checkpoint(failure.expected, keys).size == 25
    assert open_checkpoint(failure.found, keys).size == ledger.size()
    assert signed != failure.found


def test_a_ledger_that_knows_no_witness_any_more_is_held_against_its_place(story, monkeypatch, tmp_path):
    """A backup from before the witness was added names none; to a reader who sees it for the first time."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another reader"))
    ledger = story.restored(story.unwitnessed)
    assert ledger.verify().ok
    with ledger.snapshot() as connection:
        answer = ask_place(connection, ledger.verifier_keys(connection), story.place[1])
    assert [one.kind for one in answer.failures] == ["rollback"]


def test_a_witness_is_handed_no_checkpoint_that_contradicts_what_it_keeps(story):
    ledger = story.restored(story.yesterday)
    with pytest.raises(RollbackError, match="seen more entries"):
        hand_over(ledger)
    ledger.append(ENTRIES[25:])
    with pytest.raises(ForkError, match="another history"):
        hand_over(ledger)


def test_two_forks_cannot_both_be_shown_to_one_witness(story, tmp_path):
    shutil.copytree(story.ledger.folder, tmp_path / "twin")
    twin = Ledger.open(tmp_path / "twin")
    story.ledger.append(ENTRIES[20:22])
    hand_over(story.ledger)
    twin.append(ENTRIES[30:35])
    with pytest.raises(ForkError, match="another history"):
        hand_over(twin)
    assert named(twin)[0][0] == "fork"
    assert story.ledger.verify().ok


def test_a_witness_that_lost_what_it_was_handed_is_named(story):
    kind, where = story.place
    if kind == "file":
        Path(where).write_text(Path(where).read_text().splitlines(keepends=True)[0])
    else:
        branch = f"refs/heads/lineproof.local/{story.ledger.id}"
        subprocess.run(["git", "-C", where, "update-ref", branch, f"{branch}~2"], check=True)
    report = story.ledger.verify()
    assert {one.kind for one in report.failures} == {"witness"}
    assert len(report.failures) == 2


def test_what_nobody_signed_is_no_testimony(tmp_path):
    """Whoever can write to the witness cannot make a sound ledger look forked."""
    place = tmp_path / "checkpoints.jsonl"
    story = Story(tmp_path, ("file", str(place)))
    lines = place.read_text()
    forged = lines.splitlines()[-1].replace("\\n25\\n", "\\n99\\n")
    assert forged not in lines
    place.write_text(lines + forged + "\nnot JSON\n")
    failures = story.ledger.verify().failures
    assert [one.kind for one in failures] == ["witness", "witness"]
