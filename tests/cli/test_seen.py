"""Promises to whoever asks a ledger twice from the command line."""

from __future__ import annotations

import json
import shutil


def test_questions_to_a_ledger_that_was_swapped_exit_with_5_and_show_both_checkpoints(project, lineproof):
    shutil.copytree(".lineproof", "backup")
    assert lineproof("system", "set", "credit", "--owner", "Ada").exit_code == 0
    assert lineproof("log").exit_code == 0
    shutil.rmtree(".lineproof")
    shutil.copytree("backup", ".lineproof")
    asked = lineproof("log", "--json")
    assert asked.exit_code == 5
    error = json.loads(asked.stderr)["error"]
    assert error["code"] == "LP-LEDGER-06"
    assert error["message"].count("\n— lineproof.local/") == 2
    verified = lineproof("verify", "--json")
    assert verified.exit_code == 5
    assert [one["kind"] for one in json.loads(verified.stdout)["failures"]] == ["rollback"]


def test_what_the_remedy_says_helps(project, lineproof):
    shutil.copytree(".lineproof", "backup")
    lineproof("system", "set", "credit", "--owner", "Ada")
    lineproof("log")
    shutil.rmtree(".lineproof")
    shutil.copytree("backup", ".lineproof")
    remedy = json.loads(lineproof("log", "--json").stderr)["error"]["remedy"]
    from pathlib import Path

    Path(remedy.rpartition("remove ")[2]).unlink()
    assert lineproof("log").exit_code == 0


def test_recording_goes_on_whatever_was_seen(project, lineproof, process):
    shutil.copytree(".lineproof", "backup")
    lineproof("system", "set", "credit", "--owner", "Ada")
    lineproof("log")
    shutil.rmtree(".lineproof")
    shutil.copytree("backup", ".lineproof")
    before = sum(1 for _ in lineproof("events", "--json").stdout.splitlines())
    done = process("run", "--", "true")
    assert done.returncode == 0
    assert "LP-" not in done.stderr
    assert before == 0
