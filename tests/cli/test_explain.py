"""`lineproof explain`: one prediction told to a person, or as the contracted document."""

from __future__ import annotations

import json

import msgspec
import pytest

from lineproof.model.entries import EntryType, PredictionSegment
from lineproof.model.identity import uuid7
from lineproof.model.statements import Tag
from lineproof.store import Ledger, NewEntry

TIME = "2026-02-01T00:00:00.000000Z"


@pytest.fixture
def kept(project):
    """The ledger of the project, to add to."""
    return Ledger.open(project / ".lineproof")


def add(kept, type_, body):
    return kept.append([NewEntry(type_, msgspec.json.encode(body))]).first


def tag_age(kept):
    add(
        kept,
        EntryType.TAG,
        Tag(namespace="file", dataset="data/batch.csv", column="age", tags=("PII",), time=TIME),
    )


def test_the_document_has_the_contracted_keys(project, lineproof):
    result = lineproof("explain", "prediction:4711", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    contracted = {
        "prediction", "model", "run", "decisions", "approvals", "features",
        "datasets", "code", "controls", "post_processing", "unknown",
    }  # fmt: skip
    assert contracted <= set(document)
    assert document["features"][0]["name"] == "age"
    assert document["features"][0]["origins"][0]["ref"] == "column:file::data/batch.csv#age@v1"
    assert document["run"]["training"]["job"] == "job:default::train.py"
    assert all(isinstance(line, str) for line in document["unknown"])


def test_the_text_answers_in_the_order_a_person_asks(project, lineproof):
    out = lineproof("explain", "prediction:4711").stdout
    headings = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert headings == [
        "prediction:credit@1/4711",
        "outcome",
        "model",
        "decisions",
        "features (2)",
        "where the data comes from",
        "runs and code",
        "not known",
        headings[-1],
    ]
    assert "  score = 0.25" in out
    assert "learnt from column:file::data/patients.csv#birth_date@v1" in out
    assert "  threshold = 0.5  (post_processing)" in out
    assert all(line == line.rstrip() for line in out.splitlines())


def test_a_personal_value_is_never_printed_unless_asked_for(project, lineproof, kept):
    tag_age(kept)
    for arguments in ((), ("--json",)):
        out = lineproof("explain", "prediction:4711", *arguments).stdout
        assert "withheld" in out
        assert "= 40" not in out
        assert '"value":40' not in out
    out = lineproof("explain", "prediction:4711", "--values").stdout
    assert "age = 40" in out


def test_showing_personal_values_leaves_an_access_entry(project, lineproof, kept):
    tag_age(kept)
    lineproof("explain", "prediction:4711", "--values")
    last = json.loads(lineproof("events", "--json").stdout.splitlines()[-1])
    assert last["type"] == "access"
    assert "prediction:credit@1/4711" in last["summary"]


def test_names_with_markup_are_shown_as_they_are(project, lineproof, kept):
    body = PredictionSegment(
        segment=uuid7(),
        model_name="<script>alert(1)</script>",
        ids=["[bold]7[/bold]"],
        outputs={"[red]score": ["<b>\x1b[31m"]},
        inputs={"[link=x]": ["[/nothing]"]},
        post_processing={"threshold [/]": "<img>"},
        time=TIME,
    )
    add(kept, EntryType.PREDICTION_SEGMENT, body)
    result = lineproof("explain", "prediction:[bold]7[/bold]", "--values")
    assert result.exit_code == 0, result.stderr
    assert "prediction:[bold]7[/bold]" in result.stdout
    assert "[red]score = <b>\\x1b[31m" in result.stdout
    assert "[link=x] = [/nothing]" in result.stdout
    assert "threshold [/] = <img>" in result.stdout
    assert "<script>alert(1)</script>, never registered" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("asked", ["prediction:nobody", "model:credit", "nonsense", "run:01990000"])
def test_what_cannot_be_explained_is_a_usage_error_with_a_remedy(project, lineproof, asked):
    result = lineproof("explain", asked, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    error = json.loads(result.stderr)["error"]
    assert error["code"].startswith("LP-")
    assert error["remedy"]
