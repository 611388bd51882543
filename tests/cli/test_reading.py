"""The commands that answer questions: what they print, as text and as JSON."""

from __future__ import annotations

import json
import os
import stat

import pytest


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_log_lists_runs_newest_first_as_json_lines(project, lineproof):
    result = lineproof("log", "--json")
    assert result.exit_code == 0
    assert [row["job"] for row in lines(result)] == [
        "job:default::score.py",
        "job:default::train.py",
        "job:default::prepare.py",
    ]


def test_log_as_text_names_what_a_person_looks_for(project, lineproof):
    out = lineproof("log", "-n", "2").stdout
    assert "train.py" in out
    assert "credit@1" in out
    assert "auc 0.97" in out
    assert "prepare.py" not in out.replace("prepare.py:", "")


def test_log_of_an_empty_ledger_says_how_to_begin(empty, lineproof):
    lineproof("init")
    result = lineproof("log")
    assert result.stdout == ""
    assert "lineproof run" in result.stderr


def test_events_are_json_lines_with_the_contracted_keys(project, lineproof):
    rows = lines(lineproof("events", "--json"))
    assert list(rows[0]) == [
        "entry", "type", "time", "recorded", "principal", "run", "job",
        "inputs", "outputs", "model", "summary",
    ]  # fmt: skip
    assert [row["entry"] for row in rows] == list(range(len(rows)))
    assert len(lineproof("events", "-n", "3").stdout.splitlines()) == 3


def test_trace_prints_the_contracted_document(project, lineproof):
    (document,) = lines(lineproof("trace", "model:credit", "--json"))
    assert document["root"] == "model:credit@1"
    assert document["complete"] is True
    assert "dataset:file::data/patients.csv@v1" in {node["ref"] for node in document["nodes"]}


def test_trace_prints_a_tree_with_sources_below_what_came_from_them(project, lineproof):
    out = lineproof("trace", "column:clean#age").stdout.splitlines()
    assert out[0] == "column:file::data/clean.csv#age@v1"
    assert any("birth_date" in line and "indirect" not in line for line in out)
    assert any("indirect column:file::data/patients.csv#id@v1" in line for line in out)
    assert out[-1].endswith("complete")


def test_trace_of_a_model_column_by_column_names_each_feature(project, lineproof):
    out = lineproof("trace", "model:credit", "--columns").stdout
    assert "column:model::credit#age@v1" in out
    assert "column:model::credit#radius@v1" in out
    assert "column:file::data/measurements.csv#radius@v1" in out


def test_trace_says_where_it_was_cut(project, lineproof):
    out = lineproof("trace", "model:credit", "--depth", "1").stdout
    assert "cut here" in out
    assert "cut at 1 place: raise --depth or --limit" in out


def test_trace_both_ways_at_once_is_refused(project, lineproof):
    result = lineproof("trace", "model:credit", "--up", "--down")
    assert result.exit_code == 2
    assert "LP-CLI-01" in result.stderr


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("model:credit", ["models/credit.joblib", "features (2)", "written by", "radius"]),
        ("dataset:clean", ["columns (2)", "sha256:c3c3", "read by"]),
        ("column:clean#age", ["comes from", "goes into", "DIRECT"]),
        ("prediction:4711", ["score = 0.25", "age = 40", "threshold"]),
        ("job:train.py", ["COMPLETE", "credit@1"]),
        ("entry:1", ["grant", "commitment", "self_asserted"]),
    ],
)
def test_show_tells_each_kind_as_text_and_as_json(project, lineproof, reference, words):
    text = lineproof("show", reference)
    assert text.exit_code == 0
    assert [word for word in words if word not in text.stdout] == []
    assert lines(lineproof("show", reference, "--json"))[0]["kind"] == reference.partition(":")[0]


def test_show_of_a_run_tells_what_is_inside_it(project, lineproof, recorded):
    run = f"run:{recorded.runs['train.py']}"
    out = lineproof("show", run).stdout
    assert "sklearn.linear_model.LogisticRegression(C=0.5)" in out
    assert "auc = 0.97" in out
    decision = lines(lineproof("show", run, "--json"))[0]["decisions"][0]
    assert "hyperparameter_search" in lineproof("show", decision).stdout


def test_show_coverage_tells_what_the_record_holds(project, lineproof, recorded):
    out = lineproof("show", f"run:{recorded.runs['prepare.py']}", "--coverage").stdout
    assert "exact = 2" in out


def test_an_unknown_reference_is_answered_with_the_nearest(project, lineproof):
    result = lineproof("trace", "dataset:patiens")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(
        "LP-REF-02  no dataset 'patiens' is recorded; nearest: dataset:file::data/"
    )
    assert "\n  do:     try dataset:file::data/patients.csv" in result.stderr


def test_an_error_with_json_is_json_on_stderr(project, lineproof):
    result = lineproof("show", "dataset:patiens", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    error = json.loads(result.stderr)["error"]
    assert list(error) == ["code", "message", "remedy"]
    assert error["code"] == "LP-REF-02"


def test_a_wrong_option_exits_with_2_and_with_json_says_so_in_json(project, lineproof):
    assert lineproof("log", "--nonsense").exit_code == 2
    result = lineproof("log", "--nonsense", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stderr)["error"]["code"] == "LP-CLI-01"


def test_without_a_ledger_every_question_says_how_to_make_one(empty, lineproof):
    for question in (["log"], ["events"], ["verify"], ["rebuild"], ["trace", "model:x"], ["show", "entry:0"]):
        result = lineproof(*question)
        assert result.exit_code == 1
        assert "LP-STORE-01" in result.stderr
        assert "lineproof init" in result.stderr


def test_as_of_and_at_reach_the_answer(project, lineproof):
    assert lineproof("show", "model:credit", "--as-of", "3").exit_code == 2
    assert lineproof("log", "--as-of", "yesterday").exit_code == 2
    (document,) = lines(
        lineproof("trace", "dataset:patients", "--down", "--at", "2026-03-01T10:00:03Z", "--json")
    )
    assert "model:credit@1" not in {node["ref"] for node in document["nodes"]}


def test_markup_and_control_characters_in_names_are_shown_literally(project, lineproof, story_text, recorded):
    from lineproof.store import Ledger

    story = story_text.Story(Ledger.open(project / ".lineproof"))
    key = ("file", "x/[red]a\x1b[31m.csv", "sha256:" + "9" * 64)
    story.event("odd", "COMPLETE", outputs=[story_text.dataset(key, columns=["[bold]c"])])
    out = lineproof("log", "-n", "1").stdout
    assert r"x/[red]a\x1b[31m.csv" in out
    shown = lineproof("trace", "dataset:x/[red]a\x1b[31m.csv", "--columns").stdout
    assert "\x1b" not in shown
    assert "[bold]c" in shown


def test_text_in_a_pipe_carries_no_colour_and_is_not_folded(project, process):
    out = process("trace", "model:credit", "--columns").stdout
    assert "\x1b" not in out
    assert any("column:memory::train.py:10/LogisticRegression#age@v1" in line for line in out.splitlines())


def test_an_ascii_terminal_gets_odd_names_escaped(project, process, story_text):
    from lineproof.store import Ledger

    story = story_text.Story(Ledger.open(project / ".lineproof"))
    story.event("x", "COMPLETE", outputs=[story_text.dataset(("file", "größe.csv", "sha256:" + "9" * 64))])
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = process("log", "-n", "1", env=environment)
    assert result.returncode == 0
    assert r"gr\xf6\xdfe.csv" in result.stdout


def test_a_reader_that_goes_away_is_no_error_worth_a_traceback(project, process):
    import subprocess
    import sys

    events = subprocess.Popen(
        [sys.executable, "-m", "lineproof.cli", "events", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    events.stdout.close()
    assert b"Traceback" not in events.stderr.read()
    events.stderr.close()
    assert events.wait(280) in (0, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_ledger_that_may_not_be_written_can_be_read(project, lineproof):
    folder = project / ".lineproof"
    for path in (folder, *folder.iterdir()):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    assert lineproof("log").exit_code == 0
    folder.chmod(0o700)
