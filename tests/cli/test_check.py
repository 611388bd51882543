"""`lineproof check` as it is typed."""

from __future__ import annotations

import json


def test_findings_exit_with_3_and_are_recorded(project, lineproof):
    assert lineproof("system", "set", "lending", "--model", "credit", "--sox-scope").exit_code == 0
    assert lineproof("deploy", "model:credit@1", "--env", "prod").exit_code == 0
    result = lineproof("check", "--framework", "SOX", "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    first = next(one for one in answer["results"] if one["control"] == "SOX-CM-1")
    assert first["result"] == "fail"
    needed = ("control", "framework", "clause", "subject", "result", "evidence", "reason", "remedy")
    assert all(name in one for one in answer["results"] for name in needed)
    assert {"as_of", "catalogue", "results", "summary"} <= answer.keys()
    events = [json.loads(line) for line in lineproof("events", "--json").stdout.splitlines()]
    assert len([one for one in events if one["type"] == "control.result"]) == len(answer["results"])


def test_no_record_leaves_the_ledger_as_it_was(project, lineproof):
    size = len(lineproof("events", "--json").stdout.splitlines())
    lineproof("check", "--no-record")
    assert len(lineproof("events", "--json").stdout.splitlines()) == size


def test_text_says_why_and_what_to_do_and_never_a_bare_percentage(project, lineproof):
    text = lineproof("check", "--no-record").stdout
    assert "no system is stated" in text
    assert "lineproof system set" in text
    assert "%" not in text


def test_nothing_to_find_exits_with_0(project, lineproof):
    lineproof("system", "set", "lending", "--model", "nothing", "--no-sox-scope")
    assert lineproof("check", "--framework", "SOX", "--no-record").exit_code == 0
