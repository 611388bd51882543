"""The example, recorded as a user records it: one prediction explained, two trainings compared."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

# In one process: what these tests share takes half a minute to make.
pytestmark = pytest.mark.xdist_group("the example, explained")

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tumour"
LOGGED = """
import lineproof

lineproof.log_predictions(
    model,
    ids=batch["patient_id"],
    inputs=batch.drop(columns=["patient_id", "malignant"]),
    outputs=scored[["score", "decision"]],
    post_processing={"threshold": THRESHOLD, "review_band": REVIEW_BAND},
)
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory, make_project):
    """The example in a folder of its own: prepared, trained, scored, and trained again on other rows."""
    project = make_project(tmp_path_factory.mktemp("example") / "tumour")
    for name in ("prepare.py", "train.py", "make_data.py"):
        shutil.copy(EXAMPLE / name, project.root)
    score = (EXAMPLE / "score.py").read_text()
    before, marker, after = score.partition("scored.to_csv(")
    project.write("score.py", score if "log_predictions" in score else before + LOGGED + marker + after)
    made = project.run(sys.executable, "make_data.py", "--out", "data/raw")
    assert made.returncode == 0, made.stderr
    for script in ("prepare.py", "train.py", "score.py"):
        done = project.lineproof("run", "--quiet", "--", sys.executable, script)
        assert done.returncode == 0, done.stderr
    train = (project.root / "train.py").read_text()
    project.write("train.py", train.replace("random_state=7, stratify=y", "random_state=8, stratify=y"))
    assert project.lineproof("run", "--quiet", "--", sys.executable, "train.py").returncode == 0
    return project


def asked(project, *arguments):
    done = project.lineproof(*arguments, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_the_birth_date_visibly_reaches_a_feature_of_the_prediction(example):
    answer = asked(example, "explain", "prediction:P-0007")
    age = next(one for one in answer["features"] if one["name"] == "age_at_visit")
    for origins in (age["origins"], age["trained_on"]):
        direct = {one["ref"] for one in origins if one["kind"] == "DIRECT"}
        assert direct == {
            "column:file::data/raw/patients.csv#birth_date@v1",
            "column:file::data/raw/measurements.csv#visit_date@v1",
        }
    assert all(one["precision"] == "exact" for one in age["origins"])
    # The classifier knows a birth date, and whatever comes from one is withheld until somebody asks.
    assert age["withheld"].startswith("personal")
    assert "value" not in age


def test_model_threshold_search_and_scripts_of_the_prediction_are_found(example):
    answer = asked(example, "explain", "prediction:P-0007")
    assert answer["model"]["ref"] == "model:tumour@1"
    assert [one["rows"] for one in answer["model"]["training_data"]] == [414, 414]
    assert [one["value"] for one in answer["thresholds"]] == [0.62]
    search = next(one for one in answer["decisions"] if one["kind"] == "hyperparameter_search")
    assert len(search["candidates"]) == 3
    assert answer["code"]["training"]["entry_point"] == "train.py"
    assert answer["code"]["prediction"]["entry_point"] == "score.py"
    assert len([one for one in answer["datasets"] if one["end"]]) == 2


def test_a_tag_on_the_birth_date_withholds_the_age_until_it_is_asked_for(example):
    example.lineproof("tag", "add", "column:patients#birth_date", "PII", "--reason", "names a person")
    age, *others = asked(example, "explain", "prediction:P-0007")["features"]
    assert "PII" in age["withheld"]
    assert "value" not in age
    assert {one["name"] for one in others if "value" not in one} == {"visit_quarter"}  # of a date, too
    assert "value" in asked(example, "explain", "prediction:P-0007", "--values")["features"][0]
    assert example.verified()["ok"]


def test_another_split_is_told_as_other_rows_other_code_and_another_setting(example):
    answer = asked(example, "diff", "model:tumour@1", "model:tumour@2")
    assert {one["role"] for one in answer["data"]} >= {"fit.X", "fit.y"}
    assert "random_state=8" in "\n".join(answer["code"]["script"]["lines"])
    assert {"name": "random_state", "a": 7, "b": 8}.items() <= next(
        one for one in answer["parameters"] if one["name"] == "random_state"
    ).items()
    assert answer["features"] == []
    assert not [
        one
        for one in answer["environment"]
        if one["name"].startswith(("packages", sys.executable, "numerics"))
    ]
    assert "roc_auc_score" in {one["name"] for one in answer["metrics"]}
