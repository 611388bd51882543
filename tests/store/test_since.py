"""Promises about verifying only what was added: it says what it covered, and the past cannot change behind it."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_case import database, many

from lineproof.errors import NoteError, UsageError
from lineproof.store import Ledger, Scope

SIZES = [1, 2, 255, 256, 257, 300, 512, 602]


@pytest.fixture
def full(ledger):
    ledger.append(many(600))
    return ledger


def note(ledger: Ledger) -> str:
    with database(ledger) as connection:
        return connection.execute("SELECT checkpoint FROM head").fetchone()[0]


@pytest.mark.parametrize("since", SIZES)
def test_only_what_came_after_is_read_and_the_outcome_says_so(full, since):
    report = full.verify(since=since)
    assert report.ok, report.failures
    assert (report.checked, report.total) == (602 - since, 602)
    assert report.scope.since == f"entry:{since}"
    assert f"before {since} were not read" in report.warnings[0]


def test_since_the_beginning_is_everything(full):
    report = full.verify(since=0)
    assert report.ok
    assert report.scope.since is None
    assert report.checked == report.total


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(since=st.integers(1, 602), altered=st.integers(1, 601))
def test_every_change_after_the_place_is_found(full, since, altered):
    with database(full) as connection:
        (body,) = connection.execute("SELECT body FROM payload WHERE seq = ?", (altered,)).fetchone()
        connection.execute("UPDATE payload SET body = ? WHERE seq = ?", (body[:-1] + b" ", altered))
        report = full.verify(scope=Scope.LOG, since=since)
        connection.execute("UPDATE payload SET body = ? WHERE seq = ?", (body, altered))
    assert report.ok == (altered < since)
    assert all(one.entry == altered for one in report.failures)


@pytest.mark.parametrize("seq", [300, 601])
def test_a_missing_entry_after_the_place_is_named(full, seq):
    with database(full) as connection:
        connection.execute("DELETE FROM entry WHERE seq = ?", (seq,))
    report = full.verify(since=290)
    assert report.failures[0].kind == "entry"
    assert report.failures[0].entry == seq


@pytest.mark.sqlite_only
def test_stored_hashes_of_the_past_cannot_be_altered_behind_it(full):
    with database(full) as connection:
        connection.execute("UPDATE tile SET hashes = zeroblob(32) WHERE level = 1 AND idx = 0")
    assert not full.verify(since=300).ok


def test_the_log_after_a_checkpoint_that_somebody_kept(ledger):
    ledger.append(many(100))
    kept = note(ledger)
    ledger.append(many(300))
    report = ledger.verify(since=kept)
    assert report.ok
    assert report.scope.since == "entry:102"
    assert report.checked == 300


@pytest.mark.sqlite_only
def test_a_log_that_does_not_hold_the_checkpoint_is_a_fork_or_was_rolled_back(ledger, tmp_path):
    shutil.copytree(ledger.folder, tmp_path / "backup")
    ledger.append(many(100))
    kept = note(ledger)
    backup = Ledger.open(tmp_path / "backup")
    assert backup.verify(since=kept).failures[0].kind == "rollback"
    backup.append(many(200))
    failure = backup.verify(since=kept).failures[0]
    assert (failure.kind, failure.expected, failure.found) == ("fork", kept, note(backup))


def test_a_place_that_the_log_has_not_reached_is_refused(full):
    with pytest.raises(UsageError):
        full.verify(since=603)


def test_the_checkpoint_of_another_log_is_refused(full, tmp_path):
    other = Ledger.create(tmp_path / "other" / ".lineproof")
    for text in (note(other), "no checkpoint", ""):
        with pytest.raises(NoteError):
            full.verify(since=text)
