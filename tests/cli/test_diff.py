"""`lineproof diff`: what changed between two runs, for a person or as the contracted document."""

from __future__ import annotations

import json

import pytest

from lineproof.store import Ledger

KEYS = {"a", "b", "code", "data", "parameters", "environment", "metrics", "features", "unknown"}


@pytest.fixture
def twice(project, story_text):
    """Two runs of one script in the project's ledger that differ in everything; their references."""
    story = story_text.Story(Ledger.open(project / ".lineproof"))
    objects = story.ledger.objects
    for run, value in (("a", "1"), ("b", "2")):
        script = objects.put(f"x = 0\n[bold] = {value}\n".encode())
        story.event(
            "again.py",
            "COMPLETE",
            run=run,
            inputs=[
                story_text.dataset(("file", "<script>.csv", f"sha256:{value}"), columns=["x", f"c{value}"])
            ],
            facets={
                "lineproof_code": {"entry_point": "again.py", "entry_digest": script},
                "lineproof_environment": {"packages": {"numpy": value}},
                "lineproof_hyperparameters": {"estimator": "E", "given": {"[/p]": value}, "resolved": {}},
                "lineproof_metrics": {"metrics": [{"name": "auc", "value": float(value)}]},
            },
        )
    return [f"run:{story.runs[run]}" for run in ("a", "b")]


def test_the_document_has_the_contracted_keys(twice, lineproof):
    result = lineproof("diff", *twice, "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert set(document) >= KEYS
    assert [document["a"], document["b"]] == twice
    assert document["metrics"] == [{"name": "auc", "a": 1.0, "b": 2.0, "delta": 1.0, "earlier": False}]
    assert document["data"][0]["columns"]["added"] == ["c2"]


def test_the_text_tells_the_effect_first_and_the_surroundings_last(twice, lineproof):
    result = lineproof("diff", *twice)
    assert result.exit_code == 0
    headings = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert headings[2:-1] == ["metrics", "data", "code", "parameters", "environment", "not known"]
    assert "  auc: 1 -> 2  (+1)" in result.stdout
    assert "    +[bold] = 2" in result.stdout
    assert "dataset:file::<script>.csv  changed" in result.stdout
    assert "[/p]: 1 -> 2" in result.stdout
    assert "packages.numpy: 1 -> 2" in result.stdout
    assert all(line == line.rstrip() for line in result.stdout.splitlines())


def test_runs_without_a_recorded_difference_are_said_to_have_none(twice, lineproof):
    result = lineproof("diff", twice[0], twice[0])
    assert result.exit_code == 0
    assert "no difference recorded" in result.stdout
    assert "a run does not differ from itself" in result.stdout


def test_a_prefix_of_a_run_and_a_model_name_a_run(project, lineproof):
    runs = [json.loads(line)["run"] for line in lineproof("log", "--json").stdout.splitlines()]
    result = lineproof("diff", runs[0][: len("run:") + 30], "model:credit@1", "--json")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert [document["a"], document["b"]] == [runs[0], runs[1]]
    assert "different jobs" in document["notes"][0]


@pytest.mark.parametrize(
    "asked", ["run:00000000-nobody", "prediction:4711", "model:nobody@1", "dataset:clean"]
)
def test_what_cannot_be_compared_is_a_usage_error(project, lineproof, asked):
    result = lineproof("diff", asked, "model:credit@1", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert json.loads(result.stderr)["error"]["remedy"]
