"""Naming models and logging predictions, with wrong arguments refused and nothing else ever harmed."""

import datetime as dt
import hashlib

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from lineproof.capture import session as sessions
from lineproof.capture.models import ModelVersion, log_predictions, register_model
from lineproof.errors import CaptureUsageError
from lineproof.model.references import Reference


@pytest.fixture
def model(loan):
    return LogisticRegression().fit(loan[["age"]], loan["bad"])


def registered(recording):
    outputs = [out for event in recording.events(type_="RUNNING") for out in event.get("outputs", ())]
    return [out for out in outputs if out["facets"].get("lineproof_model", {}).get("registered")]


def test_a_registered_model_has_the_name_the_file_and_the_run(recording, model):
    joblib.dump(model, "m.joblib")
    version = register_model(model, name="credit")
    digest = "sha256:" + hashlib.sha256((recording.root / "m.joblib").read_bytes()).hexdigest()
    fit = recording.events(job="LogisticRegression.fit", type_="COMPLETE")[0]["run"]["runId"]
    assert version == ModelVersion(name="credit", digest=digest, fit_run=fit)
    assert version.reference == f"model:credit@{digest}"
    (out,) = registered(recording)
    assert {link["name"] for link in out["facets"]["symlinks"]["identifiers"]} == {"m.joblib", "m"}


def test_a_model_saved_by_other_means_is_found_by_its_path(recording, model):
    (recording.root / "weights.bin").write_bytes(b"anything")
    assert register_model(model, name="w", path="weights.bin").digest.startswith("sha256:")


def test_a_model_in_memory_is_known_by_its_fit(recording, model):
    version = register_model(model, name="in memory")
    assert version.digest is None
    (out,) = registered(recording)
    assert out["facets"]["version"]["datasetVersion"] == f"run:{version.fit_run}"


@pytest.mark.parametrize("name", ["a b", "a@b", "a#b", "a::b", "ä", "100%"])
def test_any_name_makes_a_reference_that_can_be_read_again(recording, model, name):
    version = register_model(model, name=name)
    assert Reference.parse(version.reference).name == name


@pytest.mark.parametrize(
    ("given", "keywords"),
    [
        (None, {"name": "m"}),
        ("text", {"name": "m"}),
        (LogisticRegression, {"name": "m"}),
        (LogisticRegression(), {"name": ""}),
        (LogisticRegression(), {"name": 3}),
        (LogisticRegression(), {"name": "m", "path": "nowhere.joblib"}),
    ],
)
def test_a_model_that_is_none_is_refused(given, keywords):
    with pytest.raises(CaptureUsageError) as refused:
        register_model(given, **keywords)
    assert refused.value.remedy


def segments(recording):
    return recording.entries("prediction.segment")


def test_predictions_are_kept_by_id_in_entries_of_a_thousand(recording, model):
    log_predictions(model, ids=range(2500), outputs=np.zeros(2500))
    found = segments(recording)
    assert [len(one["ids"]) for one in found] == [1000, 1000, 500]
    assert found[2]["ids"][0] == "2000"
    assert found[0]["model_version"].startswith("run:")


@pytest.mark.parametrize(
    ("outputs", "columns"),
    [
        ([0.5, 1.0], {"output": [0.5, 1.0]}),
        (np.array([[0.5, 0.25], [1.0, 0.0]]), {"output_0": [0.5, 1.0], "output_1": [0.25, 0.0]}),
        (pd.Series([1, 2], name="score"), {"score": [1, 2]}),
        (pd.DataFrame({"p": [0.5, np.nan], "label": ["a", None]}), {"p": [0.5, None], "label": ["a", None]}),
        ({"p": np.array([True, False])}, {"p": [True, False]}),
        ({"t": [dt.date(2020, 1, 1), np.inf]}, {"t": ["2020-01-01", "inf"]}),
    ],
)
def test_outputs_of_any_form_become_columns(recording, model, outputs, columns):
    log_predictions(model, ids=["a", "b"], outputs=outputs)
    assert segments(recording)[0]["outputs"] == columns


def test_features_are_kept_and_lead_back_to_their_columns(recording, loan, model):
    version = register_model(model, name="credit")
    rule = {"threshold": 0.5, "rules": ["review"]}
    log_predictions(
        version,
        ids=loan["id"],
        inputs=loan[["age"]],
        outputs=model.predict(loan[["age"]]),
        post_processing=rule,
    )
    (found,) = segments(recording)
    assert found["inputs"]["age"] == loan["age"].tolist()
    assert found["model_name"] == "credit"
    assert found["post_processing"] == rule
    made = {out["name"]: out for event in recording.events() for out in event.get("outputs", ())}
    features = made[found["features_from"]["name"]]
    assert features["facets"]["version"]["datasetVersion"] == found["features_from"]["version"]
    assert features["facets"]["columnLineage"]["fields"]["age"]["inputFields"][0]["name"] == "loan.csv"


@pytest.mark.parametrize(
    "keywords",
    [
        {"ids": [1, 2], "outputs": [1]},
        {"ids": [1, 2], "outputs": {"p": [1, 2], "q": [1]}},
        {"ids": [1, 2], "outputs": [1, 2], "inputs": pd.DataFrame({"a": [1]})},
        {"ids": [1, 1], "outputs": [1, 2]},
        {"ids": "ab", "outputs": [1, 2]},
        {"ids": 5, "outputs": [1]},
        {"ids": [1], "outputs": 0.5},
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_arguments_that_do_not_fit_are_refused_recorded_or_not(request, keywords, recorded):
    if recorded:
        request.getfixturevalue("recording")
    with pytest.raises(CaptureUsageError):
        log_predictions(LogisticRegression(), **keywords)


def test_outside_a_recording_nothing_happens_and_a_log_line_says_so(monkeypatch, caplog):
    monkeypatch.setattr(sessions, "_session", None)
    monkeypatch.setattr("lineproof.capture.models._warned", set())
    for _ in range(2):
        assert register_model(LogisticRegression(), name="m") == ModelVersion(name="m")
        log_predictions("m", ids=[1], outputs=[1])
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert all("lineproof run" in line for line in said)
