"""Promises about what an event leaves in the graph: every edge says how it is known, none is dropped silently."""

from __future__ import annotations

import json
from typing import Any

import pytest
from store_case import dataset, event, everything, facet, many, source

from lineproof.model.entries import EntryType
from lineproof.model.identity import node_id
from lineproof.store import NewEntry
from lineproof.store.project import UNVERSIONED, Rows, project

pytestmark = pytest.mark.both_stores

BY_COLUMNS, BY_POSITION = "columnLineage", "inputs*outputs"


def rows_of(*entries: NewEntry, first: int = 2) -> Rows:
    rows = Rows()
    for seq, entry in enumerate(entries, start=first):
        project(seq, entry.type, entry.payload, rows)
    return rows


def version(name: str, content: str = UNVERSIONED, namespace: str = "file") -> int:
    return node_id("version", namespace, name, content)


def column(name: str, content: str, field: str, namespace: str = "file") -> int:
    return node_id("column", namespace, name, content, field)


def edges(rows: Rows) -> set[tuple[Any, ...]]:
    """(src, dst, kind, how, precision, rule) of each edge."""
    return {row[:6] for row in rows.tables["edge"]}


def written(*, inputs: Any = (), outputs: Any = ()) -> set[tuple[Any, ...]]:
    return edges(rows_of(event(inputs=inputs, outputs=outputs)))


def out(sources: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return dataset("out.csv", "sha256:b", sources=sources, **more)


def test_columns_carry_what_the_event_says_of_them_and_their_datasets_follow():
    stated = {
        "x": {
            "inputFields": [source("in.csv", "a", version="sha256:a")],
            "how": "planned",
            "precision": "superset",
            "rule": "sum",
        }
    }
    assert written(inputs=[dataset("in.csv", "sha256:a")], outputs=[out(stated)]) == {
        (
            column("in.csv", "sha256:a", "a"),
            column("out.csv", "sha256:b", "x"),
            "DIRECT",
            "planned",
            "superset",
            "sum",
        ),
        (
            version("in.csv", "sha256:a"),
            version("out.csv", "sha256:b"),
            "DIRECT",
            "planned",
            "superset",
            BY_COLUMNS,
        ),
    }


def test_of_several_columns_the_strongest_speaks_for_the_dataset():
    weak = {
        "inputFields": [source("in.csv", "a", "INDIRECT", version="sha256:a")],
        "precision": "unknown",
    }
    strong = {"inputFields": [source("in.csv", "b", version="sha256:a")]}
    found = written(outputs=[out({"x": weak, "y": strong})])
    above = (version("in.csv", "sha256:a"), version("out.csv", "sha256:b"))
    assert {edge[2:5] for edge in found if edge[:2] == above} == {("DIRECT", "observed", "exact")}


def test_what_decided_about_all_columns_is_an_indirect_edge_to_the_dataset():
    lineage = facet(fields={}, dataset=[source("in.csv", "filter", "INDIRECT", version="sha256:a")])
    target = version("out.csv", "sha256:b")
    assert written(outputs=[dataset("out.csv", "sha256:b", columnLineage=lineage)]) == {
        (column("in.csv", "sha256:a", "filter"), target, "INDIRECT", "observed", "exact", BY_COLUMNS),
        (version("in.csv", "sha256:a"), target, "INDIRECT", "observed", "exact", BY_COLUMNS),
    }


@pytest.mark.parametrize("named_by", ["namespace", "type"])
def test_a_model_among_the_inputs_reaches_an_output_whose_columns_are_told(named_by):
    model = (
        dataset("model::m", "sha256:m")
        if named_by == "namespace"
        else dataset("m", "sha256:m", datasetType=facet(datasetType="MODEL"))
    )
    stated = {"score": {"inputFields": [source("in.csv", "a", version="sha256:a")]}}
    found = written(inputs=[dataset("in.csv", "sha256:a"), model], outputs=[out(stated)])
    node = version("m", "sha256:m", "model" if named_by == "namespace" else "file")
    assert (node, version("out.csv", "sha256:b"), "DIRECT", "observed", "exact", "model") in found


@pytest.mark.parametrize(
    "silent",
    [
        {},
        {"columnLineage": facet(fields={})},
        {"columnLineage": facet(fields={"x": {"inputFields": []}})},
        {"columnLineage": "malformed"},
    ],
    ids=["none", "no field", "no source", "malformed"],
)
def test_an_output_that_says_nothing_may_have_come_from_every_input(silent):
    inputs = [dataset("a.csv", "sha256:1"), dataset("b.csv", "sha256:2")]
    target = version("out.csv", "sha256:b")
    found = written(inputs=inputs, outputs=[dataset("out.csv", "sha256:b", **silent)])
    assert found == {
        (version("a.csv", "sha256:1"), target, "DIRECT", "observed", "superset", BY_POSITION),
        (version("b.csv", "sha256:2"), target, "DIRECT", "observed", "superset", BY_POSITION),
    }


def test_outputs_that_say_and_outputs_that_do_not_stand_side_by_side():
    stated = {"x": {"inputFields": [source("in.csv", "a", version="sha256:a")]}}
    found = written(
        inputs=[dataset("in.csv", "sha256:a")], outputs=[out(stated), dataset("other.csv", "sha256:c")]
    )
    rules = {edge[1]: edge[5] for edge in found}
    assert rules[version("out.csv", "sha256:b")] == BY_COLUMNS
    assert rules[version("other.csv", "sha256:c")] == BY_POSITION


def test_very_many_inputs_and_outputs_meet_in_one_node_and_keep_every_connection():
    inputs = [dataset(f"in{number}.csv", "sha256:1") for number in range(200)]
    outputs = [dataset(f"out{number}.csv", "sha256:2") for number in range(200)]
    found = written(inputs=inputs, outputs=outputs)
    assert len(found) == 400
    hubs = {edge[1] for edge in found if edge[0] == version("in7.csv", "sha256:1")}
    assert len(hubs) == 1
    (hub,) = hubs
    assert {edge[0] for edge in found if edge[1] == hub} == {
        version(f"in{number}.csv", "sha256:1") for number in range(200)
    }
    assert {edge[1] for edge in found if edge[0] == hub} == {
        version(f"out{number}.csv", "sha256:2") for number in range(200)
    }
    assert {edge[4] for edge in found} == {"superset"}


def test_a_source_without_version_is_the_one_that_the_event_reads():
    stated = {"x": {"inputFields": [source("in.csv", "a")]}}
    found = written(inputs=[dataset("in.csv", "sha256:a")], outputs=[out(stated)])
    target = column("out.csv", "sha256:b", "x")
    assert (column("in.csv", "sha256:a", "a"), target, "DIRECT", "observed", "exact", BY_COLUMNS) in found


def test_a_source_without_version_of_which_two_were_read_may_be_either():
    stated = {"x": {"inputFields": [source("in.csv", "a")]}}
    inputs = [dataset("in.csv", "sha256:1"), dataset("in.csv", "sha256:2")]
    found = written(inputs=inputs, outputs=[out(stated)])
    target = column("out.csv", "sha256:b", "x")
    assert {edge[0]: edge[4] for edge in found if edge[1] == target} == {
        column("in.csv", "sha256:1", "a"): "superset",
        column("in.csv", "sha256:2", "a"): "superset",
    }


def test_a_source_that_the_event_names_nowhere_is_kept_unversioned():
    stated = {"x": {"inputFields": [source("elsewhere.csv", "a")]}}
    found = written(outputs=[out(stated)])
    assert version("elsewhere.csv") in {edge[0] for edge in found}


@pytest.mark.parametrize(
    ("stated", "how", "precision"),
    [
        ({}, "observed", "exact"),
        ({"how": "rumour"}, "inferred", "exact"),
        ({"precision": "rather"}, "observed", "unknown"),
    ],
)
def test_a_word_nobody_knows_never_makes_an_edge_look_better(stated, how, precision):
    field = {"inputFields": [source("in.csv", "a", version="sha256:a")], **stated}
    assert {edge[3:5] for edge in written(outputs=[out({"x": field})])} == {(how, precision)}


def test_a_source_that_is_both_has_both_edges():
    both = source("in.csv", "a", version="sha256:a")
    both["transformations"] = [{"type": "DIRECT"}, {"type": "INDIRECT"}]
    found = written(outputs=[out({"x": {"inputFields": [both]}})])
    target = column("out.csv", "sha256:b", "x")
    assert {edge[2] for edge in found if edge[1] == target} == {"DIRECT", "INDIRECT"}


def test_nothing_comes_from_itself():
    stated = {"x": {"inputFields": [source("out.csv", "x", version="sha256:b")]}}
    assert written(inputs=[dataset("out.csv", "sha256:b")], outputs=[out(stated)]) == set()


def test_events_about_a_job_or_a_dataset_alone_are_projected_too():
    job = {"eventTime": "t", "job": {"namespace": "n", "name": "j"}, "inputs": [dataset("a.csv", "sha256:1")]}
    alone = {"eventTime": "t", "dataset": dataset("b.csv", "sha256:2", columns=["x"])}
    rows = rows_of(*(NewEntry(EntryType.LINEAGE_EVENT, json.dumps(body).encode()) for body in (job, alone)))
    assert {row[0] for row in rows.tables["version"]} == {
        version("a.csv", "sha256:1"),
        version("b.csv", "sha256:2"),
    }
    assert rows.tables["run"] == []
    assert [row[2] for row in rows.tables["col"]] == ["x"]


def test_an_event_in_another_producers_words_keeps_its_own_facets():
    body = json.loads(event(inputs=[dataset("a.csv", custom={"x": 1})], spark_version={"v": "3"}).payload)
    rows = rows_of(NewEntry(EntryType.LINEAGE_EVENT, json.dumps(body).encode()))
    assert {row[1]: json.loads(row[3]) for row in rows.tables["facet"]} == {
        "custom": {"x": 1},
        "spark_version": {"v": "3"},
    }


def test_projecting_is_a_function_of_the_entry_alone():
    """Not of what was projected before, beside it, or in which group."""
    entries = [*everything(), *many(3)]
    together = rows_of(*entries)
    apart = [rows_of(entry, first=seq) for seq, entry in enumerate(entries, start=2)]
    for table, rows in together.tables.items():
        each = [row for one in apart for row in one.tables[table]]
        if table in together.nodes:  # of one node the first row stays
            each = list({row[0]: row for row in reversed(each)}.values())
        assert sorted(rows, key=repr) == sorted(each, key=repr)
