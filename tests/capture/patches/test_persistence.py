"""A model that was saved is known by its file, and one that was loaded is that model."""

import contextlib
import hashlib
import io
import pickle

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

MODEL = """
import joblib, pickle
import pandas as pd
from sklearn.linear_model import LogisticRegression
loan = pd.read_csv("loan.csv")
x, y = loan[["age", "id"]], loan["bad"]
model = LogisticRegression().fit(x, y)
"""


def digest(recording, name):
    return "sha256:" + hashlib.sha256((recording.root / name).read_bytes()).hexdigest()


def models(recording):
    return {
        out["name"]: out
        for event in recording.events(type_="RUNNING")
        for out in event.get("outputs", ())
        if out["namespace"] == "model"
    }


SAVE = {
    "joblib": "joblib.dump(model, 'credit.joblib')",
    "pickle": "with open('credit.joblib', 'wb') as file:\n    pickle.dump(model, file)",
    "mapping": "joblib.dump({'model': model, 'threshold': 0.5}, 'credit.joblib')",
    "file object": "with open('credit.joblib', 'wb') as file:\n    joblib.dump(model, file)",
}


@pytest.mark.parametrize("way", SAVE)
def test_a_saved_model_is_a_dataset_version_with_its_features(recording, loan, way):
    recording.script(f"{MODEL}{SAVE[way]}\n")
    recording.session._before_end()
    saved = models(recording)["credit"]
    facets = saved["facets"]
    assert facets["version"]["datasetVersion"] == digest(recording, "credit.joblib")
    assert facets["datasetType"]["datasetType"] == "MODEL"
    assert facets["symlinks"]["identifiers"][0]["name"] == "credit.joblib"
    assert [field["name"] for field in facets["schema"]["fields"]] == ["age", "id"]
    (source,) = facets["columnLineage"]["fields"]["age"]["inputFields"]
    assert (source["namespace"], source["field"]) == ("memory", "age")
    fit = recording.events(job="LogisticRegression.fit", type_="COMPLETE")[0]
    assert facets["lineproof_model"]["fit_run"] == fit["run"]["runId"]


def test_several_models_in_one_file_are_told_apart_by_their_keys(recording, loan):
    recording.script(
        f"{MODEL}joblib.dump({{'a': model, 'b': LogisticRegression().fit(x, y)}}, 'two.joblib')\n"
    )
    assert set(models(recording)) == {"two.a", "two.b"}


def test_a_model_loaded_in_the_same_process_keeps_its_origins(recording, loan):
    variables = recording.script(
        f"{MODEL}joblib.dump(model, 'm.joblib')\nscore = joblib.load('m.joblib').predict(x)\n"
    )
    direct, indirect, precision = recording.origins(variables["score"])[0]
    assert (direct, indirect, precision) == ({"loan.age", "loan.id"}, {"loan.bad"}, "exact")


def test_a_model_from_elsewhere_is_named_by_its_file(recording, loan):
    recording.session.instrument.enabled = False
    joblib.dump(LogisticRegression(C=0.25).fit(loan[["age", "id"]], loan["bad"]), "credit.joblib")
    recording.session.instrument.enabled = True
    variables = recording.script(
        "import joblib, pandas as pd\nmodel = joblib.load('credit.joblib')\n"
        "loan = pd.read_csv('loan.csv')\nscore = model.predict(loan[['age', 'id']])\n"
    )
    direct, indirect, _ = recording.origins(variables["score"])[0]
    assert direct == {"loan.age", "loan.id"}
    assert indirect == {"credit.age", "credit.id"}  # the model's features: the record leads on from there
    end = recording.events(job="LogisticRegression.predict", type_="COMPLETE")[0]
    (model,) = [data for data in end["inputs"] if data["namespace"] == "model"]
    assert model["name"] == "credit"
    assert model["facets"]["version"]["datasetVersion"] == digest(recording, "credit.joblib")


def test_a_model_that_cannot_be_pickled_raises_its_own_error_and_leaves_a_note(recording, loan):
    script = f"{MODEL}model.hook = lambda: None\njoblib.dump(model, 'bad.joblib')\n"
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        recording.script(script)
    assert any(
        "could not be saved by joblib.dump" in gap and "train.py:9" in gap for gap in recording.coverage.gaps
    )
    assert not models(recording)


def test_saved_bytes_are_the_same_with_and_without_recording(recording, loan):
    script = f"{MODEL}joblib.dump(model, 'a.joblib')\nwith open('b.pkl', 'wb') as file: file.write(pickle.dumps(model))\n"
    recording.script(script)
    first = [(recording.root / name).read_bytes() for name in ("a.joblib", "b.pkl")]
    recording.session.instrument.enabled = False
    recording.script(script)
    assert [(recording.root / name).read_bytes() for name in ("a.joblib", "b.pkl")] == first


def test_other_things_that_are_pickled_are_none_of_our_business(recording):
    before = len(recording.lines)
    joblib.dump({"a": np.ones(3)}, io.BytesIO())
    pickle.dump([1, 2], io.BytesIO())
    assert pickle.load(io.BytesIO(pickle.dumps((1, LogisticRegression()))))[0] == 1
    assert len(recording.lines) == before


def test_a_file_that_is_never_closed_is_said_to_be_missing(recording, loan):
    variables = recording.script(f"{MODEL}file = open('open.pkl', 'wb')\npickle.dump(model, file)\n")
    recording.session._before_end()
    assert any("never closed" in gap for gap in recording.coverage.gaps)
    with contextlib.closing(variables["file"]):
        pass


def test_frames_that_travel_as_pickles_keep_their_columns(recording, loan):
    recording.script(
        "import joblib, pickle, pandas as pd\nloan = pd.read_csv('loan.csv')\n"
        "joblib.dump({'x': loan[['age', 'id']], 'y': loan['bad']}, 'split.joblib')\n"
    )
    (written,) = {
        out["name"]: out
        for event in recording.events()
        for out in event.get("outputs", ())
        if out["namespace"] == "file"
    }.values()
    assert written["name"] == "split.joblib"
    variables = recording.script(
        "import joblib\nsplit = joblib.load('split.joblib')\nx, y = split['x'], split['y']\n"
    )
    assert recording.origins(variables["x"])["age"][0] == {"split.age"}
    assert recording.origins(variables["y"])["bad"][0] == {"split.bad"}


def test_a_loaded_model_explains_the_file_it_was_read_from(recording, loan):
    recording.script(f"{MODEL}joblib.dump(model, 'm.joblib')\njoblib.load('m.joblib')\n")
    (model,) = [
        data
        for event in recording.events()
        for data in event.get("inputs", ())
        if data["namespace"] == "model"
    ]
    assert model["facets"]["symlinks"]["identifiers"][0]["name"] == "m.joblib"
