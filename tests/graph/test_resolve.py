"""What a reference finds, and what an unknown or ambiguous one is told."""

from __future__ import annotations

import pytest

from lineproof.errors import (
    AmbiguousReferenceError,
    CommandError,
    ReferenceSyntaxError,
    UnknownReferenceError,
)
from lineproof.graph import open_ledger
from lineproof.model.references import quote


def ref(ledger, text, **when):
    return ledger.show(text, **when).ref


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("dataset:file::data/patients.csv", "dataset:file::data/patients.csv@v1"),
        ("dataset:data/patients.csv", "dataset:file::data/patients.csv@v1"),
        ("dataset:./data/patients.csv", "dataset:file::data/patients.csv@v1"),
        ("dataset:patients.csv", "dataset:file::data/patients.csv@v1"),
        ("dataset:patients", "dataset:file::data/patients.csv@v1"),
        ("dataset:data/patients", "dataset:file::data/patients.csv@v1"),
        ("dataset:patients@v1", "dataset:file::data/patients.csv@v1"),
        ("dataset:patients@latest", "dataset:file::data/patients.csv@v1"),
        ("dataset:patients@sha256:a1a1", "dataset:file::data/patients.csv@v1"),
        ("dataset:patients@a1a1a1", "dataset:file::data/patients.csv@v1"),
        ("dataset:models/credit.joblib", "model:credit@1"),
        ("dataset:fit.X", "dataset:memory::train.py:10/fit.X@v1"),
        ("model:credit", "model:credit@1"),
        ("model:credit@1", "model:credit@1"),
        ("column:patients#ssn", "column:file::data/patients.csv#ssn@v1"),
        ("column:credit#age", "column:model::credit#age@v1"),
        ("prediction:4711", "prediction:credit@1/4711"),
        ("prediction:credit@1/4711", "prediction:credit@1/4711"),
        ("job:prepare.py", "job:default::prepare.py"),
        ("entry:0", "entry:0"),
    ],
)
def test_a_name_is_found_in_full_or_by_its_end(ledger, asked, found):
    assert ref(ledger, asked) == found


def test_every_reference_of_an_answer_can_be_asked_again(ledger):
    trace = ledger.trace("prediction:4711", columns=True)
    for node in (*trace.nodes, *ledger.trace("dataset:patients", direction="down").nodes):
        assert ref(ledger, node.ref) == node.ref


def test_a_run_is_found_by_a_unique_prefix_of_eight(ledger, story):
    uuid = story.runs["train.py"]
    assert ref(ledger, f"run:{uuid}") == f"run:{uuid}"
    assert ref(ledger, f"run:{uuid[:30].upper()}") == f"run:{uuid}"
    with pytest.raises(ReferenceSyntaxError, match="too short"):
        ledger.show(f"run:{uuid[:7]}")
    with pytest.raises(AmbiguousReferenceError, match=uuid):
        ledger.show(f"run:{uuid[:8]}")  # a time-ordered id: the runs of this test began in one minute


def test_an_unknown_name_is_answered_with_the_nearest_whole_references(ledger):
    with pytest.raises(UnknownReferenceError, match=r"dataset:file::data/patients.csv") as unknown:
        ledger.show("dataset:patiens")
    assert "dataset:file::data/patients.csv" in unknown.value.remedy
    with pytest.raises(UnknownReferenceError, match="model:credit"):
        ledger.show("model:credti")
    with pytest.raises(UnknownReferenceError, match=r"column:file::data/patients.csv#ssn@v1"):
        ledger.show("column:patients#ssm")
    with pytest.raises(UnknownReferenceError, match=r"column:file::data/patients.csv#ssn"):
        ledger.show("column:patient#ssn")
    with pytest.raises(UnknownReferenceError, match="run:"):
        ledger.show("run:00000000")
    with pytest.raises(UnknownReferenceError, match="prediction:4711"):
        ledger.show("prediction:471")


def test_an_unknown_version_is_answered_with_those_there_are(ledger):
    with pytest.raises(UnknownReferenceError, match=r"data/patients.csv@v1"):
        ledger.show("dataset:patients@v2")
    with pytest.raises(UnknownReferenceError, match="model:credit@1"):
        ledger.show("model:credit@0")


def test_an_ambiguous_name_is_answered_with_the_choices(stored, story_text):
    story = story_text.Story(stored)
    for folder in ("a", "b"):
        key = ("file", f"{folder}/x.csv", "sha256:" + "0" * 64)
        story.event(folder, "COMPLETE", inputs=[story_text.dataset(key)])
    ledger = open_ledger(stored.folder)
    with pytest.raises(AmbiguousReferenceError, match=r"dataset:file::a/x.csv, dataset:file::b/x.csv"):
        ledger.show("dataset:x")
    assert ref(ledger, "dataset:a/x") == "dataset:file::a/x.csv@v1"


def test_what_people_name_goes_before_what_lived_in_memory(stored, story_text):
    story = story_text.Story(stored)
    memory = ("memory", "data/x.csv", "frame0:" + "0" * 32)
    file = ("file", "data/x.csv", "sha256:" + "0" * 64)
    story.event("a", "COMPLETE", inputs=[story_text.dataset(memory), story_text.dataset(file)])
    assert ref(open_ledger(stored.folder), "dataset:x") == "dataset:file::data/x.csv@v1"


def test_contents_a_b_a_are_v1_v2_v1(stored, story_text):
    story = story_text.Story(stored)
    first, second = "sha256:" + "0" * 64, "sha256:" + "1" * 64
    entries = [
        story.event(f"run {n}", "COMPLETE", outputs=[story_text.dataset(("file", "x.csv", content))])
        for n, content in enumerate((first, second, first))
    ]
    ledger = open_ledger(stored.folder)
    assert ref(ledger, "dataset:x") == "dataset:file::x.csv@v1"
    assert ref(ledger, "dataset:x", as_of=entries[1]) == "dataset:file::x.csv@v2"
    assert ref(ledger, "dataset:x", as_of=entries[0]) == "dataset:file::x.csv@v1"
    assert [row.version for row in ledger.show("dataset:x").versions] == ["v1", "v2"]
    with pytest.raises(UnknownReferenceError):
        ledger.show("dataset:x@v2", as_of=entries[0])
    with pytest.raises(UnknownReferenceError):
        ledger.show("dataset:x", as_of=0)


def test_scoring_with_an_old_model_does_not_make_it_the_latest(stored, story_text):
    story = story_text.Story(stored)
    newer = ("model", "credit", "sha256:" + "77" * 32)
    story.prepare()
    story.train()
    story.train(credit=newer, run="again")
    story.score()
    ledger = open_ledger(stored.folder)
    assert ref(ledger, "model:credit") == "model:credit@2"
    assert ref(ledger, "prediction:4711") == "prediction:credit@1/4711"


@pytest.mark.parametrize("name", ["a b.csv", "ä@home.csv", "x#1.csv", "ns::y.csv", "100%.csv", "[red].csv"])
def test_odd_characters_in_names_survive_the_round_trip(stored, story_text, name):
    story = story_text.Story(stored)
    key = ("file", f"dir/{name}", "sha256:" + "0" * 64)
    story.event("a", "COMPLETE", inputs=[story_text.dataset(key, columns=[name])])
    ledger = open_ledger(stored.folder)
    root = ledger.trace(f"dataset:{quote(f'dir/{name}')}").root
    assert ledger.show(root).name == f"dir/{name}"
    columns = ledger.trace(root, columns=True).nodes
    assert ledger.show(columns[1].ref).name == name


def test_a_dataset_without_a_version_can_be_asked_for(stored, story_text):
    story = story_text.Story(stored)
    story.event("a", "COMPLETE", inputs=[story_text.dataset(("db", "t", None))])
    assert ref(open_ledger(stored.folder), "dataset:t") == "dataset:db::t@unversioned"
    assert ref(open_ledger(stored.folder), "dataset:db::t@unversioned") == "dataset:db::t@unversioned"


def test_as_of_takes_an_entry_or_a_time(ledger):
    recorded = ledger.show("entry:5").leaf["recorded"]
    assert ledger.trace("dataset:patients", as_of="entry:7").as_of == 7
    assert ledger.trace("dataset:patients", as_of=recorded).as_of >= 5
    with pytest.raises(UnknownReferenceError, match="the last one is"):
        ledger.trace("dataset:patients", as_of=10_000)
    with pytest.raises(CommandError, match="not a time"):
        ledger.trace("dataset:patients", as_of="yesterday")
    with pytest.raises(UnknownReferenceError):
        ledger.trace("dataset:patients", as_of="1999-01-01")


def test_times_with_and_without_a_zone_mean_utc(ledger):
    utc = ledger.trace("dataset:patients", at="2026-03-01T10:00:05Z", direction="down")
    assert utc == ledger.trace("dataset:patients", at="2026-03-01T12:00:05+02:00", direction="down")
    assert utc == ledger.trace("dataset:patients", at="2026-03-01 10:00:05", direction="down")
