"""What a trace promises: all of it, in the right direction, or a word on where it was cut."""

from __future__ import annotations

import msgspec
import pytest

from lineproof.errors import CommandError
from lineproof.graph import open_ledger

pytestmark = pytest.mark.both_stores


def refs(trace, kind=None):
    return {node.ref for node in trace.nodes if kind is None or node.kind == kind}


def pairs(trace, kind=None):
    return {(edge.source, edge.target) for edge in trace.edges if kind is None or edge.kind == kind}


def reach(trace, start):
    """Everything connected with `start` by edges alone, as another program would find it."""
    onward = {}
    for edge in trace.edges:
        near, far = (edge.target, edge.source) if trace.direction == "up" else (edge.source, edge.target)
        onward.setdefault(near, set()).add(far)
    found, waiting = set(), [start]
    while waiting:
        for other in onward.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def test_a_model_leads_back_to_the_raw_files_of_another_process(ledger):
    trace = ledger.trace("model:credit@1")
    assert trace.root == "model:credit@1"
    assert {"dataset:file::data/patients.csv@v1", "dataset:file::data/measurements.csv@v1"} <= reach(
        trace, "model:credit@1"
    )
    assert trace.complete
    assert trace.cut_at == []


def test_edges_point_downstream_whichever_way_was_asked(ledger):
    edge = ("dataset:memory::prepare.py:20/write@v1", "dataset:file::data/clean.csv@v1")
    assert edge in pairs(ledger.trace("dataset:clean"))
    assert edge in pairs(ledger.trace("dataset:patients", direction="down"))


def test_a_raw_file_leads_down_to_the_model_and_what_it_scored(ledger):
    found = reach(ledger.trace("dataset:patients", direction="down"), "dataset:file::data/patients.csv@v1")
    assert {"model:credit@1", "dataset:file::out/scores.csv@v1"} <= found


def test_a_feature_leads_back_to_raw_columns_and_to_no_others(ledger):
    trace = ledger.trace("column:model::credit#age")
    direct = {edge.source for edge in trace.edges if edge.kind == "DIRECT"}
    assert "column:file::data/patients.csv#birth_date@v1" in direct
    found = reach(trace, trace.root)
    assert "column:file::data/patients.csv#ssn@v1" not in found
    assert "column:file::data/measurements.csv#radius@v1" not in found


def test_a_join_key_counts_for_every_column_as_indirect(ledger):
    trace = ledger.trace("column:clean#radius")
    keys = {edge.source for edge in trace.edges if edge.kind == "INDIRECT"}
    assert keys == {
        "column:file::data/patients.csv#id@v1",
        "column:file::data/measurements.csv#id@v1",
    }
    assert all(edge.precision == "exact" for edge in trace.edges)


def test_a_model_column_by_column_is_all_its_features(ledger):
    trace = ledger.trace("model:credit", columns=True)
    features = {node.ref for node in trace.nodes if node.dataset == "model:credit@1"}
    assert features == {"column:model::credit#age@v1", "column:model::credit#radius@v1"}
    assert trace.nodes[0].ref == "model:credit@1"


def test_a_raw_column_leads_down_to_the_features_it_is_in_and_the_scores(ledger):
    trace = ledger.trace("column:patients#birth_date", direction="down")
    found = reach(trace, trace.root)
    assert "column:model::credit#age@v1" in found
    assert "column:model::credit#radius@v1" not in found
    assert "column:file::out/scores.csv#score@v1" in found


def test_a_join_key_leads_down_to_all_columns_of_what_was_joined(ledger):
    trace = ledger.trace("column:patients#id", direction="down", depth=1)
    assert pairs(trace, "INDIRECT") == {
        (trace.root, "column:memory::prepare.py:20/write#age@v1"),
        (trace.root, "column:memory::prepare.py:20/write#radius@v1"),
    }


def test_a_score_comes_from_its_inputs_and_through_the_model_from_the_training_data(ledger):
    trace = ledger.trace("column:scores#score")
    found = reach(trace, trace.root)
    assert "column:file::data/batch.csv#age@v1" in found
    assert "column:model::credit#age@v1" in found
    assert "column:file::data/patients.csv#birth_date@v1" in found


def test_a_prediction_leads_to_its_model_and_its_features(ledger):
    trace = ledger.trace("prediction:4711")
    assert trace.root == "prediction:credit@1/4711"
    assert {"model:credit@1", "dataset:memory::score.py:7/predict.X@v1"} <= {
        edge.source for edge in trace.edges if edge.target == trace.root
    }
    assert "dataset:file::data/patients.csv@v1" in reach(trace, trace.root)


def test_a_run_leads_up_to_what_it_read_and_down_to_what_it_wrote(ledger, story):
    run = f"run:{story.runs['train.py']}"
    up = ledger.trace(run)
    assert (run, "dataset:file::data/clean.csv@v1") == (
        up.root,
        next(edge.source for edge in up.edges if edge.target == run),
    )
    down = ledger.trace(run, direction="down", depth=1)
    assert "model:credit@1" in {edge.target for edge in down.edges if edge.source == run}


def test_the_runs_that_made_the_edges_are_named(ledger, story):
    trace = ledger.trace("dataset:clean", depth=1)
    run = f"run:{story.runs['prepare.py']}"
    assert {edge.run for edge in trace.edges} == {run}
    node = next(node for node in trace.nodes if node.ref == run)
    assert (node.kind, node.name, node.state) == ("run", "prepare.py", "COMPLETE")


def test_a_depth_is_kept_and_the_cut_is_named(ledger):
    trace = ledger.trace("model:credit", depth=1)
    assert not trace.complete
    assert trace.cut_at == [next(node.ref for node in trace.nodes if node.ref.startswith("model:memory"))]
    whole = ledger.trace("model:credit", depth=20)
    assert whole.complete


def test_a_depth_that_just_reaches_the_end_is_complete(ledger):
    trace = ledger.trace("dataset:clean", depth=2)
    assert trace.complete
    assert "dataset:file::data/patients.csv@v1" in refs(trace)


def test_a_limit_is_kept_and_the_cut_is_named(ledger):
    trace = ledger.trace("model:credit", limit=3)
    assert len([node for node in trace.nodes if node.kind != "run"]) == 3
    assert not trace.complete
    assert set(trace.cut_at) <= refs(trace)


def test_a_model_with_more_features_than_the_limit_says_so(ledger):
    trace = ledger.trace("model:credit", columns=True, limit=1)
    assert "model:credit@1" in trace.cut_at


def test_an_answer_as_of_an_entry_leaves_out_what_came_later(ledger, story):
    before_training = ledger.show(f"run:{story.runs['train.py']}").entries[0] - 1
    trace = ledger.trace("dataset:patients", direction="down", as_of=before_training)
    assert trace.as_of == before_training
    assert "dataset:file::data/clean.csv@v1" in refs(trace)
    assert "model:credit@1" not in refs(trace)


def test_an_answer_at_a_time_leaves_out_what_happened_later(ledger):
    trace = ledger.trace("dataset:patients", direction="down", at="2026-03-01T10:00:03Z")
    assert "dataset:file::data/clean.csv@v1" in refs(trace)
    assert "model:credit@1" not in refs(trace)


def test_a_cycle_ends(stored, story_text):
    story = story_text.Story(stored)
    one, other = ("file", "a.csv", "sha256:" + "0" * 64), ("file", "b.csv", "sha256:" + "1" * 64)
    story.event("there", "COMPLETE", inputs=[story_text.dataset(one)], outputs=[story_text.dataset(other)])
    story.event("back", "COMPLETE", inputs=[story_text.dataset(other)], outputs=[story_text.dataset(one)])
    trace = open_ledger(stored.folder).trace("dataset:a")
    assert pairs(trace) == {
        ("dataset:file::a.csv@v1", "dataset:file::b.csv@v1"),
        ("dataset:file::b.csv@v1", "dataset:file::a.csv@v1"),
    }
    assert trace.complete


def test_an_event_that_names_no_columns_gives_a_superset_at_column_level(stored, story_text):
    story = story_text.Story(stored)
    raw, out = ("file", "raw.csv", "sha256:" + "0" * 64), ("file", "out.csv", "sha256:" + "1" * 64)
    story.event(
        "foreign",
        "COMPLETE",
        inputs=[story_text.dataset(raw, columns=["a"])],
        outputs=[story_text.dataset(out, columns=["x"])],
    )
    ledger = open_ledger(stored.folder)
    up = ledger.trace("column:out#x")
    assert [(edge.source, edge.precision) for edge in up.edges] == [("dataset:file::raw.csv@v1", "superset")]
    down = ledger.trace("column:raw#a", direction="down")
    assert [(edge.target, edge.precision) for edge in down.edges] == [
        ("dataset:file::out.csv@v1", "superset")
    ]


def test_a_column_of_unknown_sources_is_never_shown_as_a_source(stored, story_text):
    story = story_text.Story(stored)
    raw, out = ("file", "raw.csv", "sha256:" + "0" * 64), ("file", "out.csv", "sha256:" + "1" * 64)
    lineage = {
        "known": story_text.sources(story_text.field(raw, "a")),
        "lost": story_text.sources(precision="unknown", rule="no provenance"),
        "constant": story_text.sources(rule="constant"),
    }
    story.event(
        "script",
        "COMPLETE",
        inputs=[story_text.dataset(raw, columns=["a"])],
        outputs=[story_text.dataset(out, columns=list(lineage), lineage=lineage)],
    )
    ledger = open_ledger(stored.folder)
    lost = ledger.trace("column:out#lost")
    assert lost.nodes[0].sources == "unknown"
    assert [(edge.source, edge.precision) for edge in lost.edges] == [("dataset:file::raw.csv@v1", "unknown")]
    constant = ledger.trace("column:out#constant")
    assert constant.nodes[0].sources is None
    assert constant.edges == []


def test_a_model_whose_features_nobody_knows_is_never_left_out(stored, story_text):
    story = story_text.Story(stored)
    raw, out = ("file", "raw.csv", "sha256:" + "0" * 64), ("file", "out.csv", "sha256:" + "1" * 64)
    story.event(
        "score",
        "COMPLETE",
        inputs=[story_text.dataset(raw, columns=["a"]), story_text.dataset(story_text.CREDIT, type_="MODEL")],
        outputs=[
            story_text.dataset(
                out, columns=["x"], lineage={"x": story_text.sources(story_text.field(raw, "a"))}
            )
        ],
    )
    edges = open_ledger(stored.folder).trace("column:out#x").edges
    assert {(edge.source, edge.precision) for edge in edges} == {
        ("column:file::raw.csv#a@v1", "exact"),
        ("model:credit@1", "superset"),
    }


def test_a_column_is_not_said_to_come_from_a_model_that_only_was_there(ledger):
    """`clean.csv` was read in the run that has the model; no value of it came from there."""
    trace = ledger.trace("column:batch#age", direction="up")
    assert not any("model" in ref for ref in refs(trace))


def test_a_hub_with_more_neighbours_than_the_limit_is_cut_and_says_so(stored, story_text):
    story = story_text.Story(stored)
    hub = story_text.dataset(("file", "hub.csv", "sha256:" + "0" * 64))
    outputs = [story_text.dataset(("file", f"{n}.csv", f"sha256:{n:064x}")) for n in range(1, 300)]
    story.event("fan", "COMPLETE", inputs=[hub], outputs=outputs)
    trace = open_ledger(stored.folder).trace("dataset:hub", direction="down", limit=10)
    assert len(trace.nodes) == 10 + 1  # and the run
    assert trace.cut_at == ["dataset:file::hub.csv@v1"]


def test_the_same_question_gets_the_same_bytes(ledger):
    asked = [
        msgspec.json.encode(open_ledger(ledger.folder).trace("model:credit", columns=True)) for _ in range(2)
    ]
    assert asked[0] == asked[1]


def test_the_json_has_the_contracted_keys(ledger):
    trace = msgspec.to_builtins(ledger.trace("model:credit"))
    assert list(trace) == ["root", "direction", "as_of", "nodes", "edges", "complete", "cut_at"]
    assert {"from", "to", "kind", "how", "precision", "rule"} <= set(trace["edges"][0])
    assert {"ref", "kind", "name"} <= set(trace["nodes"][0])


def test_what_has_no_lineage_is_refused_with_a_remedy(ledger):
    with pytest.raises(CommandError, match="no lineage") as refused:
        ledger.trace("entry:0")
    assert "show" in refused.value.remedy
