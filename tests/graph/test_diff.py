"""What changed between two runs: only what differs, and what could not be compared."""

from __future__ import annotations

import msgspec
import pytest

from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.graph import open_ledger

SCRIPT = b"import pandas\nC = 0.5\nprint(C)\n"


@pytest.fixture
def begun(stored, story_text):
    """A ledger in which nothing is told yet."""
    return story_text.Story(stored)


@pytest.fixture
def compare(begun):
    ledger = open_ledger(begun.ledger.folder)
    return lambda a="a", b="b", **options: ledger.diff(
        f"run:{begun.runs[a]}", f"run:{begun.runs[b]}", **options
    )


def tell(begun, run, *, job="train.py", inputs=(), outputs=(), **facets):
    """Record a run that starts, reads, writes and completes."""
    named = {f"lineproof_{name}": body for name, body in facets.items()}
    begun.event(job, "START", run=run, facets=named)
    begun.event(job, "RUNNING", run=run, inputs=inputs, outputs=outputs)
    begun.event(job, "COMPLETE", run=run, facets={"lineproof_coverage": {"features": {"exact": 1}}})


def settings(estimator, given, resolved):
    return {"estimator": estimator, "given": given, "resolved": resolved}


def sized(described, rows, **columns):
    facet = {"fingerprint": "frame0:1", "rows": rows}
    if columns:
        facet["columns"] = columns
    described["facets"]["lineproof_fingerprint"] = facet
    return described


def by_name(changes):
    return {one.name: (one.a, one.b) for one in changes}


# Data


def test_an_input_of_the_same_name_and_another_content_says_what_differs(begun, compare, story_text):
    def patients(content, rows, columns):
        return sized(story_text.dataset(("file", "p.csv", content), columns=columns), rows)

    tell(begun, "a", inputs=[patients("sha256:1", 100, ["id", "age", "zip"])])
    tell(begun, "b", inputs=[patients("sha256:2", 140, ["id", "age", "income"])])
    (change,) = compare().data
    assert (change.dataset, change.change, change.role) == ("dataset:file::p.csv", "changed", "input")
    assert (change.a, change.b) == ("dataset:file::p.csv@v1", "dataset:file::p.csv@v2")
    assert (change.rows.a, change.rows.b) == (100, 140)
    assert (change.columns.added, change.columns.removed) == (["income"], ["zip"])


def test_types_and_contents_of_columns_that_differ_are_named(begun, compare, story_text):
    one = sized(story_text.dataset(("file", "p.csv", "sha256:1"), columns=["id", "age"]), 10, id="i", age="x")
    two = sized(story_text.dataset(("file", "p.csv", "sha256:2"), columns=["id", "age"]), 10, id="i", age="y")
    two["facets"]["schema"]["fields"][0]["type"] = "str"
    tell(begun, "a", inputs=[one])
    tell(begun, "b", inputs=[two])
    columns = compare().data[0].columns
    assert by_name(columns.type_changed) == {"id": ("float64", "str")}
    assert columns.content_changed == ["age"]


def test_an_input_that_one_run_lacks_and_one_that_moved_are_told_apart(begun, compare, story_text):
    tell(
        begun,
        "a",
        inputs=[
            story_text.dataset(("file", n, c)) for n, c in (("x.csv", "sha256:1"), ("old.csv", "sha256:2"))
        ],
    )
    tell(
        begun,
        "b",
        inputs=[
            story_text.dataset(("file", n, c)) for n, c in (("y.csv", "sha256:3"), ("new.csv", "sha256:2"))
        ],
    )
    assert {(one.dataset, one.change) for one in compare().data} == {
        ("dataset:file::x.csv", "removed"),
        ("dataset:file::y.csv", "added"),
        ("dataset:file::new.csv", "renamed"),
    }


def test_a_table_in_memory_is_compared_by_its_place_whatever_line_that_is_on(begun, compare, story_text):
    for run, line, content in (("a", 10, "frame0:1"), ("b", 14, "frame0:2")):
        tell(begun, run)
        table = story_text.dataset(("memory", f"train.py:{line}/fit.X", content), columns=["x"])
        begun.event("fit", "COMPLETE", run=f"{run}/fit", parent=run, inputs=[table])
    (change,) = compare().data
    assert (change.dataset, change.role, change.change) == ("train.py/fit.X", "fit.X", "changed")


def test_an_input_without_a_recorded_content_is_unknown_not_the_same(begun, compare, story_text):
    for run in ("a", "b"):
        tell(begun, run, inputs=[story_text.dataset(("db", "loans", None))])
    answer = compare()
    assert answer.data == []
    assert "whether dataset:db::loans is the same: its content was not recorded" in answer.unknown


# Code


def test_changed_lines_of_the_script_are_given_where_both_texts_were_kept(begun, compare):
    before = begun.ledger.objects.put(SCRIPT)
    after = begun.ledger.objects.put(SCRIPT.replace(b"0.5", b"0.7"))
    for run, digest in (("a", before), ("b", after)):
        tell(
            begun,
            run,
            code={"entry_point": "train.py", "entry_digest": digest, "commit": "abc", "dirty": True},
        )
    code = compare().code
    assert by_name(code.changes) == {"entry_digest": (before, after)}
    assert (code.script.added, code.script.removed) == (1, 1)
    assert code.script.lines == ["@@ -2 +2 @@", "-C = 0.5", "+C = 0.7"]


def test_a_text_that_was_not_kept_is_unknown(begun, compare):
    for run, digest in (("a", "sha256:" + "1" * 64), ("b", "sha256:" + "2" * 64)):
        tell(begun, run, code={"entry_point": "train.py", "entry_digest": digest, "commit": "abc"})
    answer = compare()
    assert answer.code.script is None
    assert any("which lines of train.py differ" in line for line in answer.unknown)


def test_files_with_other_uncommitted_changes_on_one_commit_are_named(begun, compare):
    def patch(text):
        return begun.ledger.objects.put(
            b"diff --git a/lib.py b/lib.py\n+" + text + b"\ndiff --git a/same.py b/same.py\n+x\n"
        )

    for run, text in (("a", b"one"), ("b", b"two")):
        code = {"entry_point": "t.py", "entry_digest": "sha256:1", "commit": "abc", "dirty": True}
        tell(begun, run, code=code | {"patch_digest": patch(text)})
    assert compare().code.files == ["lib.py"]


# Settings, figures, surroundings


def test_settings_are_compared_estimator_by_estimator_and_say_who_set_them(begun, compare):
    for run, given, tol in (("a", {"C": 0.5}, 1), ("b", {}, 2)):
        tell(begun, run)
        resolved = {"C": given.get("C", 1.0), "tol": tol, "max_iter": 100}
        begun.event(
            "fit",
            "COMPLETE",
            run=f"{run}/fit",
            parent=run,
            facets={"lineproof_hyperparameters": settings("sklearn.LogisticRegression", given, resolved)},
        )
    found = {one.name: one for one in compare().parameters}
    assert set(found) == {"C", "tol"}
    assert (found["C"].a, found["C"].b, found["C"].given) == (0.5, 1.0, "a")
    assert found["tol"].given == "neither"
    assert found["C"].estimator == "sklearn.LogisticRegression"


def test_an_estimator_that_only_one_run_has_is_one_line(begun, compare):
    tell(begun, "a", hyperparameters=settings("Tree", {"depth": 3}, {"depth": 3, "leaf": 1}))
    tell(begun, "b", hyperparameters=settings("Forest", {}, {"leaf": 1}))
    found = {one.estimator: one for one in compare().parameters}
    assert (found["Tree"].name, found["Tree"].a, found["Tree"].b) == (None, {"depth": 3}, msgspec.UNSET)
    assert found["Forest"].b == {}


def test_a_setting_that_is_none_is_not_the_same_as_one_that_is_not_there(begun, compare):
    tell(begun, "a", hyperparameters=settings("Tree", {"depth": None}, {}))
    tell(begun, "b", hyperparameters=settings("Tree", {}, {}))
    (change,) = compare().parameters
    assert b'"a":null' in msgspec.json.encode(change)
    assert b'"b":' not in msgspec.json.encode(change)


def test_the_command_line_is_a_parameter(begun, compare):
    tell(begun, "a", process={"argv": ["train.py", "--depth", "3"]})
    tell(begun, "b", process={"argv": ["train.py", "--depth", "4"]})
    assert [one.name for one in compare().parameters] == ["command line"]


def test_packages_python_and_seeds_are_compared_name_by_name(begun, compare):
    tell(begun, "a", environment={"packages": {"numpy": "1", "old": "1"}, "python": {"version": "3.11"}})
    tell(begun, "b", environment={"packages": {"numpy": "2", "new": "1"}, "python": {"version": "3.12"}})
    assert by_name(compare().environment) == {
        "packages.numpy": ("1", "2"),
        "packages.old": ("1", msgspec.UNSET),
        "packages.new": (msgspec.UNSET, "1"),
        "python.version": ("3.11", "3.12"),
    }


def test_libraries_loaded_in_another_order_are_the_same_libraries(begun, compare):
    pools = [{"prefix": "libgomp", "version": None}, {"prefix": "blas", "version": "1"}]
    tell(begun, "a", environment={"numerics": {"pools": pools}})
    tell(begun, "b", environment={"numerics": {"pools": pools[::-1]}})
    assert compare().environment == []


def test_metrics_give_both_values_and_the_difference(begun, compare):
    def measured(*figures):
        return {"metrics": [{"name": name, "value": value, "step": step} for name, value, step in figures]}

    tell(
        begun,
        "a",
        metrics=measured(("auc", 0.75, None), ("loss", 3.0, 1), ("loss", 1.0, 2), ("same", 1.0, None)),
    )
    tell(
        begun,
        "b",
        metrics=measured(("auc", 0.5, None), ("loss", 2.0, 1), ("loss", 1.0, 2), ("same", 1.0, None)),
    )
    found = {one.name: one for one in compare().metrics}
    assert set(found) == {"auc", "loss"}
    assert (found["auc"].a, found["auc"].b, found["auc"].delta) == (0.75, 0.5, -0.25)
    assert found["loss"].earlier
    assert found["loss"].delta == 0


# Features


def test_features_that_came_went_or_come_from_elsewhere_are_told(begun, compare, story_text):
    raw = ("file", "raw.csv", "sha256:1")

    def model(content, **features):
        lineage = {
            name: story_text.sources(story_text.field(raw, origin)) for name, origin in features.items()
        }
        key = ("model", "credit", content)
        return story_text.dataset(key, columns=list(features), lineage=lineage, type_="MODEL")

    tell(begun, "a", inputs=[story_text.dataset(raw)], outputs=[model("sha256:8", age="birth", zip="zip")])
    tell(begun, "b", inputs=[story_text.dataset(raw)], outputs=[model("sha256:9", age="ssn", income="pay")])
    found = {one.name: one for one in compare().features}
    assert {name: one.change for name, one in found.items()} == {
        "age": "origins",
        "zip": "removed",
        "income": "added",
    }
    assert found["age"].of == "model:credit"
    assert found["age"].origins_removed == ["column:file::raw.csv#birth DIRECT"]
    assert found["age"].origins_added == ["column:file::raw.csv#ssn DIRECT"]


# The whole


def test_equal_runs_differ_in_nothing(begun, compare):
    for run in ("a", "b"):
        tell(
            begun,
            run,
            code={"entry_point": "train.py", "entry_digest": "sha256:1", "commit": "abc", "dirty": False},
            environment={"packages": {"numpy": "1"}},
        )
    answer = compare()
    assert answer.same
    assert answer.unknown == []
    assert answer.notes == []


def test_what_was_not_recorded_of_a_run_is_unknown(begun, compare):
    begun.event("train.py", "START", run="a")
    tell(begun, "b")
    answer = compare()
    ref = f"run:{begun.runs['a']}"
    assert f"the code of {ref}: none is recorded" in answer.unknown
    assert f"the environment of {ref}: none is recorded" in answer.unknown
    assert any(line.startswith(f"{ref} is RUNNING") for line in answer.notes)


def test_runs_of_different_jobs_are_compared_with_a_warning(begun, compare):
    tell(begun, "a")
    tell(begun, "b", job="other.py")
    assert any("different jobs" in note for note in compare().notes)


def test_a_run_compared_with_itself_says_so(begun, compare):
    tell(begun, "a")
    answer = compare("a", "a")
    assert answer.same
    assert "itself" in answer.notes[0]


def test_models_stand_for_the_runs_that_trained_them(ledger, story_text, stored):
    told = story_text.tell(stored)
    told.train(credit=("model", "credit", "sha256:" + "77" * 32), run="again")
    answer = open_ledger(stored.folder).diff("model:credit@1", "model:credit@2")
    assert (answer.a, answer.b) == (f"run:{told.runs['train.py']}", f"run:{told.runs['again']}")
    assert answer.metrics == []


def test_a_model_without_recorded_training_cannot_be_compared(begun, story_text):
    model = ("model", "bought", "sha256:9")
    tell(begun, "a", inputs=[story_text.dataset(model, type_="MODEL")])
    with pytest.raises(UnknownReferenceError, match="not recorded"):
        open_ledger(begun.ledger.folder).diff("model:bought@1", f"run:{begun.runs['a']}")


def test_only_runs_and_models_are_compared(ledger, story_text):
    with pytest.raises(CommandError, match="no run"):
        ledger.diff("dataset:patients", "dataset:patients")


def test_what_was_destroyed_is_said(begun, compare, story_text):
    tell(begun, "a")
    gone = begun.event(
        "train.py", "RUNNING", run="b", inputs=[story_text.dataset(("file", "x.csv", "sha256:1"))]
    )
    tell(begun, "b")
    by = begun.ledger.destroy_payload(gone, "request 9")
    assert any(f"entry:{gone} destroyed by entry {by}" in line for line in compare().unknown)


def test_runs_in_a_circle_of_parents_and_data_end(begun, compare, story_text):
    one, two = ("file", "one.csv", "sha256:1"), ("file", "two.csv", "sha256:2")
    for run, here, there in (("a", one, two), ("b", two, one)):
        lineage = {"x": story_text.sources(story_text.field(there, "x"))}
        tell(
            begun,
            run,
            inputs=[story_text.dataset(there)],
            outputs=[story_text.dataset(here, columns=["x"], lineage=lineage)],
        )
    begun.event("train.py", "RUNNING", run="a", parent="b")
    begun.event("train.py", "RUNNING", run="b", parent="a")
    assert compare().a == f"run:{begun.runs['a']}"
