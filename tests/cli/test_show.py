"""`lineproof show`: what it withholds, and who sees it all the same."""

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
    return Ledger.open(project / ".lineproof")


def add(kept, type_, body):
    return kept.append([NewEntry(type_, msgspec.json.encode(body))]).first


@pytest.fixture
def segment(project, lineproof):
    """The entry of the predictions in the ledger."""
    rows = map(json.loads, lineproof("events", "--json").stdout.splitlines())
    return next(f"entry:{row['entry']}" for row in rows if row["type"] == "prediction.segment")


def tag_age(kept):
    tag = Tag(namespace="file", dataset="data/batch.csv", column="age", tags=("PII",), time=TIME)
    add(kept, EntryType.TAG, tag)


def test_an_entry_shows_no_value_of_a_personal_column(project, lineproof, kept, segment):
    tag_age(kept)
    detail = json.loads(lineproof("show", segment, "--json").stdout)
    assert detail["payload"]["inputs"]["age"] == "withheld: personal"
    assert "age" in detail["withheld"]
    assert "withheld: personal" in lineproof("show", segment).stdout


def test_values_that_nobody_knows_the_origin_of_are_withheld(project, lineproof, kept):
    body = PredictionSegment(
        segment=uuid7(), model_name="m", ids=["1"], outputs={"y": [1]}, inputs={"x": [40]}, time=TIME
    )
    entry = add(kept, EntryType.PREDICTION_SEGMENT, body)
    detail = json.loads(lineproof("show", f"entry:{entry}", "--json").stdout)
    assert detail["payload"]["inputs"] == {"x": "withheld: not known whether it is personal"}
    assert detail["payload"]["outputs"] == {"y": [1]}


def test_whoever_asks_for_values_gets_them_and_leaves_an_entry(project, lineproof, kept, segment):
    tag_age(kept)
    detail = json.loads(lineproof("show", segment, "--values", "--reason", "a complaint", "--json").stdout)
    assert isinstance(detail["payload"]["inputs"]["age"], list)
    assert detail["withheld"] == []
    last = json.loads(lineproof("events", "--json").stdout.splitlines()[-1])
    assert (last["type"], segment in last["summary"]) == ("access", True)


def test_values_that_a_profile_keeps_of_a_personal_column_are_withheld(project, lineproof, kept):
    tag_age(kept)
    metrics = {"columnMetrics": {"age": {"min": 17, "max": 93, "nullCount": 2}, "n": {"min": 1}}}
    dataset = {"namespace": "file", "name": "data/batch.csv", "inputFacets": {"dataQualityMetrics": metrics}}
    event = {
        "eventTime": TIME,
        "eventType": "OTHER",
        "producer": "https://example.org/profiler",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": uuid7()},
        "job": {"namespace": "default", "name": "profiler"},
        "inputs": [dataset],
        "outputs": [],
    }
    entry = add(kept, EntryType.LINEAGE_EVENT, event)
    detail = json.loads(lineproof("show", f"entry:{entry}", "--json").stdout)
    (shown,) = detail["payload"]["inputs"]
    assert shown["inputFacets"]["dataQualityMetrics"]["columnMetrics"] == {
        "age": {"min": "withheld: personal", "max": "withheld: personal", "nullCount": 2},
        "n": {"min": 1},
    }


def test_the_ledger_verifies_whatever_is_withheld(project, lineproof, kept, segment):
    tag_age(kept)
    lineproof("show", segment)
    assert json.loads(lineproof("verify", "--json").stdout)["ok"]


def test_what_a_person_decides_is_the_same_kind_of_entry_as_what_code_decides(project, lineproof):
    run = json.loads(lineproof("log", "--json").stdout.splitlines()[0])["run"]
    done = lineproof(
        "decide", "threshold", "--chosen", "0.4", "--candidate", "0.5", "--reason", "fewer missed cases",
        "--run", run, "--as", "Ada", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    (decision,) = json.loads(lineproof("show", run, "--json").stdout)["decisions"][-1:]
    shown = json.loads(lineproof("show", decision, "--json").stdout)
    assert (shown["decision"], shown["chosen"], shown["candidates"]) == ("threshold", 0.4, [0.5, 0.4])
    assert (shown["made_by"], shown["reason"]) == ("person", "fewer missed cases")
    assert lineproof("decide", "threshold", "--chosen", "1", "--reason", " ").exit_code == 2
    assert lineproof("decide", "x", "--chosen", "1", "--reason", "y", "--run", "model:credit").exit_code == 2
