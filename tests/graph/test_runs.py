"""What `log`, `events` and `show` promise to tell."""

from __future__ import annotations

import msgspec
import pytest

from lineproof.graph import open_ledger
from lineproof.model.lineage import RunState


def test_the_log_tells_a_run_each_newest_first(ledger, story):
    rows = list(ledger.log())
    assert [row.job for row in rows] == [
        "job:default::score.py",
        "job:default::train.py",
        "job:default::prepare.py",
    ]
    assert [row.run for row in rows] == [
        f"run:{story.runs[job]}" for job in ("score.py", "train.py", "prepare.py")
    ]
    assert len(list(ledger.log(limit=1))) == 1


def test_a_row_of_the_log_counts_what_happened_inside_the_run(ledger):
    train = list(ledger.log())[1]
    assert train.inputs == ["dataset:file::data/clean.csv@v1"]
    assert train.models == ["model:credit@1"]
    assert train.metrics == {"auc": 0.97}
    assert train.state is RunState.COMPLETE
    assert train.principal.startswith("principal:")
    assert list(msgspec.to_builtins(train)) == [
        "run", "job", "state", "start", "end", "principal", "commit",
        "inputs", "outputs", "models", "metrics", "coverage",
    ]  # fmt: skip


def test_the_log_tells_commit_and_coverage(ledger):
    prepare = list(ledger.log())[2]
    assert prepare.commit == "0123456789abcdef" * 2
    assert prepare.coverage == {"features": {"exact": 2}}


def test_runs_inside_runs_are_told_when_asked_for(ledger):
    jobs = [row.job for row in ledger.log(inner=True)]
    assert "job:default::fit.LogisticRegression" in jobs


def test_a_run_without_an_end_is_running(stored, story_text):
    story_text.Story(stored).event("a", "START")
    assert next(open_ledger(stored.folder).log()).state is RunState.RUNNING


def test_a_run_that_ended_without_saying_how_is_incomplete_and_so_are_the_runs_inside(stored, story_text):
    story = story_text.Story(stored)
    story.event("a", "START")
    story.event("fit", "START", parent="a")
    story.event("a", "ABORT", facets={"lineproof_process": {"complete": False, "signal": "SIGKILL"}})
    rows = list(open_ledger(stored.folder).log(inner=True))
    assert [row.state for row in rows] == [RunState.INCOMPLETE] * 2


def test_a_run_that_was_stopped_and_said_so_is_aborted(stored, story_text):
    story = story_text.Story(stored)
    story.event("a", "ABORT", facets={"lineproof_process": {"complete": True}})
    assert next(open_ledger(stored.folder).log()).state is RunState.ABORT


def test_as_of_an_entry_a_run_stands_where_it_stood(ledger, story):
    start = ledger.show(f"run:{story.runs['train.py']}").entries[0]
    row = next(ledger.log(as_of=start))
    assert (row.job, row.state, row.end) == ("job:default::train.py", RunState.RUNNING, None)


def test_events_tell_every_entry_once_in_order(ledger):
    rows = list(ledger.events())
    assert [row.entry for row in rows] == list(range(len(rows)))
    assert [row.type for row in rows[:2]] == ["key", "grant"]
    assert [row.entry for row in ledger.events(limit=3)] == [row.entry for row in rows[-3:]]
    assert next(row.entry for row in ledger.events(since=4)) == 4


def test_an_event_names_datasets_with_versions_and_its_model(ledger):
    saved = next(row for row in ledger.events() if row.model == "model:credit@1")
    assert {"dataset": "model:credit", "version": "v1"} in msgspec.to_builtins(saved.outputs)
    assert saved.job == "job:default::train.py"


def test_a_destroyed_payload_leaves_a_line_that_says_so(stored, story_text):
    story = story_text.Story(stored)
    gone = story.event("secret", "COMPLETE", inputs=[story_text.dataset(("file", "x.csv", "sha256:00"))])
    stored.destroy_payload(gone, "holds a name")
    ledger = open_ledger(stored.folder)
    row = list(ledger.events())[gone]
    assert "destroyed" in row.summary
    detail = ledger.show(f"entry:{gone}")
    assert detail.payload is None
    assert (detail.destroyed_by, detail.reason) == (f"entry:{gone + 1}", "holds a name")


def test_a_run_shows_its_settings_figures_and_decisions(ledger, story):
    detail = ledger.show(f"run:{story.runs['train.py']}")
    fit = detail.inner[0]
    assert fit.estimator == "sklearn.linear_model.LogisticRegression"
    assert fit.given == {"C": 0.5}
    assert [metric.name for metric in detail.metrics] == ["auc"]
    decision = ledger.show(detail.decisions[0])
    assert decision.chosen == {"C": 0.5}
    assert len(decision.candidates) == 2
    assert decision.run == f"run:{story.runs['train.py/fit']}"


def test_a_run_inside_names_the_one_it_is_in(ledger, story):
    detail = ledger.show(f"run:{story.runs['train.py/fit']}")
    assert detail.parent == f"run:{story.runs['train.py']}"


def test_a_model_shows_features_file_and_the_run_that_wrote_it(ledger, story):
    detail = ledger.show("model:credit")
    assert [column.name for column in detail.columns] == ["age", "radius"]
    assert detail.also == ["file::models/credit.joblib"]
    assert detail.written_by == [f"run:{story.runs['train.py']}"]
    assert detail.read_by == [f"run:{story.runs['predict']}"]


def test_a_prediction_shows_what_went_in_and_came_out(ledger):
    detail = ledger.show("prediction:4712")
    assert detail.model == "model:credit@1"
    assert detail.output == {"score": 0.75}
    assert detail.input == {"age": 50, "radius": 2.0}
    assert detail.post_processing == {"threshold": 0.5}


def test_a_column_shows_its_next_neighbours(ledger):
    detail = ledger.show("column:clean#age")
    assert [edge.source for edge in detail.sources if edge.kind == "DIRECT"] == [
        "column:memory::prepare.py:20/write#age@v1"
    ]
    assert detail.targets


@pytest.mark.parametrize("text", ["job:train.py", "entry:1", "dataset:patients"])
def test_whatever_is_shown_is_json(ledger, text):
    assert msgspec.json.decode(msgspec.json.encode(ledger.show(text)))["ref"]


def test_a_principal_shows_who_stands_behind_it(ledger):
    row = next(ledger.log())
    detail = ledger.show(row.principal)
    assert detail.ref == row.principal
    assert detail.auth_method == "self_asserted"
