"""Promises to whoever asks a ledger twice from the command line."""

from __future__ import annotations

import json
import shutil

import pytest


@pytest.fixture
def swapped(project, lineproof):
    """A project whose ledger was put back to what it was before this user looked at it last."""
    shutil.copytree(".lineproof", "backup")
    assert lineproof("system", "set", "credit", "--owner", "Ada").exit_code == 0
    shutil.rmtree(".lineproof")
    shutil.copytree("backup", ".lineproof")


def test_verify_of_a_ledger_that_was_swapped_exits_with_5_and_shows_both_checkpoints(swapped, lineproof):
    done = lineproof("verify", "--json")
    assert done.exit_code == 5
    (failure,) = json.loads(done.stdout)["failures"]
    assert failure["kind"] == "rollback"
    assert (
        failure["expected"].count("\n— lineproof.local/")
        == failure["found"].count("\n— lineproof.local/")
        == 1
    )
    shown = lineproof("verify")
    assert shown.exit_code == 5
    assert shown.stdout.count("\n              — lineproof.local/") == 2


@pytest.mark.parametrize("question", [["log"], ["events", "--json"], ["rebuild"], ["witness", "list"]])
def test_other_commands_say_so_in_one_line_and_go_on(swapped, lineproof, question):
    done = lineproof(*question)
    assert done.exit_code == 0
    (line,) = [line for line in done.stderr.splitlines() if "LP-LEDGER-06" in line]
    assert "--accept-restored" in line


def test_recording_goes_on_and_says_so(swapped, process):
    done = process("run", "--", "true")
    assert done.returncode == 0
    assert done.stderr.count("LP-LEDGER-06") == 1
    assert "COMPLETE" in done.stderr


def test_a_restore_on_purpose_is_accepted_once(swapped, lineproof):
    done = lineproof("verify", "--accept-restored", "the disk broke")
    assert done.exit_code == 0, done.stdout
    assert "accepted" in done.stderr
    assert lineproof("verify").exit_code == 0
    assert "LP-LEDGER" not in lineproof("log").stderr
    assert "restored ledger accepted" in lineproof("events").stdout
    assert "nothing to accept" in lineproof("verify", "--accept-restored", "again").stderr


def test_python_warns(swapped):
    import lineproof

    with pytest.warns(UserWarning, match="LP-LEDGER-06"):
        lineproof.open()
