"""Promises about the lineage of PySpark jobs, read from the analysed plan without any jar."""

from __future__ import annotations

import json

import pytest

EXPECTED = {
    ("risk", "k"): (["people.csv#ssn"], ["people.csv#age", "people.csv#id", "scores.csv#id"], "exact"),
    ("flagged", "c"): (["people.csv#age"], ["people.csv#g"], "exact"),
    ("ranked", "r"): ([], ["people.csv#age", "people.csv#g"], "exact"),
    ("grouped", "total"): (["people.csv#age"], ["people.csv#g"], "exact"),
    ("queried", "age"): (["people.csv#age"], ["people.csv#g", "people.csv#id", "scores.csv#id"], "exact"),
    ("queried", "best"): (["scores.csv#score"], ["people.csv#g", "people.csv#id", "scores.csv#id"], "exact"),
    ("united", "id"): (["people.csv#id", "scores.csv#score"], [], "exact"),
    ("exploded", "letter"): (["people.csv#g"], [], "exact"),
    ("handed", "double"): (["people.csv#age"], [], "exact"),
    ("handed", "g"): (["people.csv#g"], ["people.csv#age"], "exact"),
    ("invented", "a"): ([], [], "unknown"),
    ("mapped", "y"): (["people.csv#age", "people.csv#id"], [], "superset"),
    ("again", "k1"): (["risk.parquet#k"], [], "exact"),
    ("distinct", "id"): (["scores.csv#id"], ["scores.csv#score"], "exact"),
}


@pytest.mark.parametrize(("frame", "column"), EXPECTED)
def test_the_columns_behind_a_column_are_told(recorded, frame, column):
    found = recorded[1][frame][column]
    assert (found["direct"], found["indirect"], found["precision"]) == EXPECTED[frame, column]


def test_a_dropped_column_is_found_again_behind_what_was_made_of_it(recorded, command):
    folder, _ = recorded
    answer = json.loads(command(folder, "trace", "column:risk.parquet#k", "--up", "--json"))
    assert answer["complete"]
    assert any(node["ref"].startswith("column:file::people.csv#ssn@") for node in answer["nodes"])


def test_what_spark_writes_has_the_identity_of_its_content_and_the_run_its_inputs(recorded, command):
    folder, _ = recorded
    (row,) = [json.loads(line) for line in command(folder, "log", "--json").splitlines()]
    assert row["state"] == "COMPLETE"
    assert "dataset:file::risk.parquet@v1" in row["outputs"]
    assert {"dataset:file::people.csv@v1", "dataset:file::scores.csv@v1"} <= set(row["inputs"])
    assert not (row["coverage"] or {}).get("faults")
    assert json.loads(command(folder, "verify", "--json"))["ok"]
