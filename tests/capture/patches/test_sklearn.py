"""What a fit, a search, a transform and a predict leave in the record, and that the program is unharmed."""

import contextlib
import io
import json
import pickle
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier


def kinds(recording):
    starts = recording.events(type_="START")
    return [event["job"]["facets"]["jobType"]["jobType"] for event in starts]


def only(found):
    (one,) = found
    return one


def test_a_fit_is_a_run_with_parameters_data_and_features(recording, loan):
    x, y = loan[["age", "id"]], loan["bad"]
    make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(x, y)
    start = only(recording.events(job="Pipeline.fit", type_="START"))
    facet = start["run"]["facets"]["lineproof_hyperparameters"]
    assert facet["estimator"] == "sklearn.pipeline.Pipeline"
    assert facet["given"]["logisticregression__C"] == 0.5
    assert facet["resolved"]["logisticregression__max_iter"] == 100
    assert [step.partition(": ")[2] for step in facet["steps"]] == [
        "sklearn.preprocessing.StandardScaler",
        "sklearn.linear_model.LogisticRegression",
    ]
    assert facet["splits"] == {"X": {"rows": 12, "columns": 2}, "y": {"rows": 12, "columns": 1}}
    seeds = start["run"]["facets"]["lineproof_environment"]["seeds"]
    assert seeds["numpy.random"].startswith("sha256:")
    assert seeds["logisticregression__random_state"] is None
    assert start["run"]["facets"]["parent"]["run"]["runId"] == recording.session.run_id


def test_a_fit_names_its_training_data_and_its_model(recording, loan):
    LogisticRegression().fit(loan[["age", "id"]], loan["bad"])
    end = only(recording.events(job="LogisticRegression.fit", type_="COMPLETE"))
    names = {(data["namespace"], data["name"].rpartition("/")[2]) for data in end["inputs"]}
    assert names == {("memory", "fit.X"), ("memory", "fit.y"), ("file", "loan.csv")}
    model = only(end["outputs"])
    assert model["facets"]["datasetType"]["datasetType"] == "MODEL"
    assert model["facets"]["version"]["datasetVersion"] == f"run:{end['run']['runId']}"
    lineage = model["facets"]["columnLineage"]
    source = only(lineage["fields"]["age"]["inputFields"])
    assert (source["namespace"], source["field"]) == ("memory", "age")
    assert source["version"].startswith("frame0:")
    label = only(lineage["dataset"])
    assert (label["field"], label["transformations"][0]["type"]) == ("bad", "INDIRECT")


def test_the_training_data_leads_back_to_the_file(recording, loan):
    LogisticRegression().fit(loan[["age"]], loan["bad"])
    made = [out for event in recording.events(type_="RUNNING") for out in event.get("outputs", ())]
    x = only(out for out in made if out["name"].endswith("fit.X"))
    source = only(x["facets"]["columnLineage"]["fields"]["age"]["inputFields"])
    assert (source["name"], source["field"]) == ("loan.csv", "age")
    assert source["version"].startswith("sha256:")


def test_a_search_is_a_decision_with_its_candidates(recording, loan):
    search = GridSearchCV(
        DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}, cv=2, scoring="accuracy"
    )
    search.fit(loan[["age", "id"]], loan["bad"])
    assert kinds(recording) == ["SEARCH"]
    decision = only(recording.entries("decision"))
    assert decision["kind"] == "hyperparameter_search"
    assert decision["chosen"]["params"] == search.best_params_
    assert decision["chosen"]["mean_score"] == pytest.approx(search.best_score_)
    assert [one["params"]["max_depth"] for one in decision["candidates"]] == [1, 2, 3]
    assert {"std_score", "rank", "fit_time_s"} <= set(decision["candidates"][0])
    assert "accuracy" in decision["reason"]
    end = only(recording.events(job="GridSearchCV.fit", type_="COMPLETE"))
    assert decision["run"] == end["run"]["runId"]
    figure = only(end["run"]["facets"]["lineproof_metrics"]["metrics"])
    assert figure["value"] == pytest.approx(search.best_score_)


@pytest.mark.parametrize("refit", [False, "f1", lambda results: 0])
def test_searches_by_several_measures_are_recorded_as_they_decide(recording, loan, refit):
    search = GridSearchCV(
        DecisionTreeClassifier(random_state=0),
        {"max_depth": [1, 2]},
        cv=2,
        scoring=["f1", "accuracy"],
        refit=refit,
    )
    search.fit(loan[["age", "id"]], loan["bad"])
    decision = only(recording.entries("decision"))
    assert set(decision["candidates"][0]["scores"]) == {"f1", "accuracy"}
    assert not recording.coverage.faults


def test_candidates_drawn_from_distributions_and_estimators_are_json(recording, loan):
    from scipy.stats import uniform

    model = make_pipeline(StandardScaler(), LogisticRegression())
    RandomizedSearchCV(model, {"logisticregression__C": uniform(0.1, 1)}, n_iter=2, cv=2).fit(
        loan[["age", "id"]], loan["bad"]
    )
    choice = {"logisticregression": [LogisticRegression(C=0.3), DecisionTreeClassifier()]}
    GridSearchCV(model, choice, cv=2).fit(loan[["age", "id"]], loan["bad"])
    decision = recording.entries("decision")[-1]
    assert decision["candidates"][0]["params"]["logisticregression"] == {
        "class": "sklearn.linear_model.LogisticRegression",
        "settings": {"C": 0.3},
    }
    assert not recording.coverage.faults


def test_a_prediction_is_a_run_that_names_its_model(recording, loan):
    model = LogisticRegression().fit(loan[["age"]], loan["bad"])
    model.predict_proba(loan[["age"]])
    end = only(recording.events(job="LogisticRegression.predict_proba", type_="COMPLETE"))
    fit = only(recording.events(job="LogisticRegression.fit", type_="COMPLETE"))
    versions = {data["facets"]["version"]["datasetVersion"] for data in end["inputs"]}
    assert f"run:{fit['run']['runId']}" in versions
    out = only(end["outputs"])
    assert out["facets"]["datasetType"]["datasetType"] == "PREDICTIONS"
    assert out["facets"]["columnLineage"]["dataset"][0]["field"] == "age"


def test_a_failed_fit_is_recorded_by_type_and_place_alone(recording, loan):
    script = (
        "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
        "loan = pd.read_csv('loan.csv')\n"
        "LogisticRegression().fit(loan[['job']], loan['bad'])\n"
    )
    with pytest.raises(ValueError, match="clerk"):
        recording.script(script)
    end = only(recording.events(type_="FAIL"))
    assert end["run"]["facets"]["errorMessage"]["message"].startswith("ValueError at train.py:4")
    assert "clerk" not in json.dumps(end)


def test_figures_are_recorded_with_their_place(recording, loan):
    recording.script(
        "import pandas as pd\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.metrics import accuracy_score, confusion_matrix\n"
        "from sklearn.model_selection import cross_val_score, cross_validate\n"
        "loan = pd.read_csv('loan.csv')\n"
        "x, y = loan[['age', 'id']], loan['bad']\n"
        "model = LogisticRegression().fit(x, y)\n"
        "accuracy_score(y, model.predict(x))\n"
        "confusion_matrix(y, model.predict(x))\n"
        "model.score(x, y)\n"
        "cross_val_score(model, x, y, cv=2)\n"
        "cross_validate(model, x, y, cv=2, scoring=['f1'])\n"
    )
    found = recording.metrics()
    assert found["accuracy_score"] == found["LogisticRegression.score"]
    assert {"cross_val_score.LogisticRegression", "cross_validate.LogisticRegression.test_f1"} <= set(found)
    assert "confusion_matrix" not in found


def test_a_split_is_remembered_with_its_settings(recording, loan):
    train, _, y, _ = sklearn.model_selection.train_test_split(
        loan[["age"]], loan["bad"], test_size=0.25, random_state=3, stratify=loan["bad"]
    )
    LogisticRegression().fit(train, y)
    start = only(recording.events(job="LogisticRegression.fit", type_="START"))
    split = start["run"]["facets"]["lineproof_hyperparameters"]["splits"]["split"]
    assert split["settings"] == {"test_size": 0.25, "random_state": 3, "stratify": True}
    assert (split["part"], split["train"]["rows"], split["test"]["rows"]) == ("train", 9, 3)


def test_only_the_outermost_call_is_a_run(recording, loan):
    x, y = loan[["age", "id"]], loan["bad"]
    RandomForestClassifier(n_estimators=5, n_jobs=2).fit(x, y)
    GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1, 2]}, cv=2
    ).fit(x, y)
    assert kinds(recording) == ["FIT", "SEARCH"]


def test_fits_in_threads_of_the_program_are_runs_of_their_own(recording, loan):
    x, y = loan[["age", "id"]], loan["bad"]
    threads = [threading.Thread(target=lambda: LogisticRegression().fit(x, y)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds(recording) == ["FIT"] * 3


def test_a_prediction_in_a_loop_does_not_flood_the_record(recording, loan):
    model = LogisticRegression().fit(loan[["age"]], loan["bad"])
    for _ in range(60):
        result = model.predict(loan[["age"]])
    assert kinds(recording).count("PREDICT") == 20
    assert any("more than 20 times" in gap for gap in recording.coverage.gaps)
    assert recording.origins(result)[0][0] == {"loan.age"}  # still followed


def test_learning_in_parts_adds_up(recording, loan):
    model = SGDClassifier(random_state=0)
    model.partial_fit(loan[["age"]][:6], loan["bad"][:6], classes=[0, 1])
    model.partial_fit(loan[["id"]].set_axis(["age"], axis=1)[6:], loan["bad"][6:])
    direct, indirect, _ = recording.origins(model.predict(loan[["age"]]))[0]
    assert direct | indirect == {"loan.age", "loan.id", "loan.bad"}


class Majority(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.inner_ = LogisticRegression().fit(x, y)
        return self

    def predict(self, x):
        return self.inner_.predict(x)


def test_estimators_of_the_user_are_runs_and_what_they_use_is_not(recording, loan):
    Majority().fit(loan[["age"]], loan["bad"]).predict(loan[["age"]])
    assert [event["job"]["name"] for event in recording.events(type_="START")] == [
        "Majority.fit",
        "Majority.predict",
    ]


def test_features_are_counted_by_how_well_they_are_known(recording, loan):
    LogisticRegression().fit(loan[["age", "id"]], loan["bad"])
    (recording.root / "x.json").write_text(json.dumps([[1, 2, 3], [4, 5, 7]] * 6), encoding="utf-8")
    measured = np.array(json.loads((recording.root / "x.json").read_text(encoding="utf-8")))
    LogisticRegression().fit(measured, [0, 1] * 6)
    assert recording.coverage.features == {"exact": 2, "superset": 0, "unknown": 3}


def test_secrets_and_large_values_in_settings_are_not_kept(recording):
    class Remote(BaseEstimator):
        def __init__(self, api_key=None, weights=None, function=None, text=""):
            self.api_key, self.weights, self.function, self.text = api_key, weights, function, text

        def fit(self, x, y=None):
            return self

    Remote(api_key="hunter2", weights=np.ones(5), function=sorted, text="y" * 5000).fit(np.zeros((2, 2)))
    facet = only(recording.events(type_="START"))["run"]["facets"]["lineproof_hyperparameters"]
    assert "hunter2" not in json.dumps(facet)
    assert facet["resolved"]["weights"]["shape"] == [5]
    assert facet["resolved"]["function"] == "builtins.sorted"
    assert facet["resolved"]["text"]["length"] == 5000


@pytest.mark.parametrize(
    "x",
    [
        pd.DataFrame(np.arange(24.0).reshape(12, 2), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        pd.DataFrame(np.arange(24.0).reshape(12, 2), columns=["a", "a"]),
        np.arange(24.0).reshape(12, 2),
        np.arange(24.0).reshape(12, 2).tolist(),
    ],
    ids=["levels", "repeated", "array", "lists"],
)
@pytest.mark.filterwarnings("ignore:The feature names:UserWarning")
def test_any_kind_of_table_can_be_fitted_and_is_recorded(recording, x):
    model = DecisionTreeClassifier(random_state=0)
    if isinstance(x, pd.DataFrame) and not x.columns.is_unique:
        with pytest.raises(ValueError):
            model.fit(x, [0, 1] * 6)  # the library's own refusal passes
        x = x.to_numpy()
    model.fit(x, [0, 1] * 6).predict(x)
    assert not recording.coverage.faults
    model = only(recording.events(job="DecisionTreeClassifier.fit", type_="COMPLETE"))["outputs"][0]
    assert len({field["name"] for field in model["facets"]["schema"]["fields"]}) == 2


PROGRAM = """
import pickle, sys, numpy as np, pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, FunctionTransformer
np.random.seed(1)
frame = pd.DataFrame({"a": np.random.normal(size=200), "b": np.random.normal(size=200), "c": ["x", "y"] * 100})
y = (frame["a"] + np.random.normal(size=200) > 0).astype(int)
columns = make_column_transformer((StandardScaler(), ["a", "b"]), (OneHotEncoder(), ["c"]), (FunctionTransformer(np.abs), ["a"]))
train, test, y_train, y_test = train_test_split(frame, y, test_size=0.3)
search = GridSearchCV(make_pipeline(columns, LogisticRegression()), {"logisticregression__C": [0.1, 1]}, cv=3)
search.fit(train, y_train)
forest = RandomForestClassifier(20, n_jobs=2).fit(train[["a", "b"]], y_train)
search.cv_results_ = search.refit_time_ = None
result = pickle.dumps((search.predict_proba(test), forest.predict_proba(test[["a", "b"]]), search, forest, np.random.rand(3)))
"""


def test_results_models_and_draws_are_the_same_with_and_without_recording(recording):
    with_recording = recording.script(PROGRAM)["result"]
    recording.session.instrument.enabled = False
    without = recording.script(PROGRAM)["result"]
    assert with_recording == without


def test_clones_copies_and_pickles_know_nothing_of_us(recording, loan):
    model = LogisticRegression().fit(loan[["age"]], loan["bad"])
    assert not [name for name in vars(model) if "lineproof" in name]
    assert b"lineproof" not in pickle.dumps(model)
    assert vars(clone(model)) == vars(LogisticRegression())


WORKERS = """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
class Scale(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0)
        return self
    def transform(self, X):
        return X - self.mean_
x = np.random.default_rng(0).normal(size=(60, 3))
y = (x[:, 0] > 0).astype(int)
search = GridSearchCV(make_pipeline(Scale(), LogisticRegression()), {"logisticregression__C": [0.1, 1]}, cv=3, n_jobs=JOBS)
print(search.fit(x, y).best_score_)
"""

HARNESS = """
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Recording, sessions, LIBRARIES
recording = Recording(Path(os.getcwd()), libraries=LIBRARIES)
sessions._session = recording.session
exec(compile(Path("program.py").read_text(), os.path.abspath("program.py"), "exec"))
print([e["job"]["facets"]["jobType"]["jobType"] for e in recording.events(type_="START")], file=sys.stderr)
print(recording.coverage.faults, file=sys.stderr)
"""


def test_a_class_of_the_script_still_travels_to_worker_processes(tmp_path, request):
    (tmp_path / "program.py").write_text(WORKERS.replace("JOBS", "2"), encoding="utf-8")
    harness = HARNESS.format(tests=str(request.path.parent.parent))
    (tmp_path / "harness.py").write_text(harness, encoding="utf-8")
    recorded = subprocess.run(
        [sys.executable, "harness.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    with contextlib.redirect_stdout(io.StringIO()) as plain:
        exec(WORKERS.replace("JOBS", "1"), {"__name__": "plain"})
    assert recorded.stdout == plain.getvalue(), recorded.stderr
    assert recorded.stderr.splitlines()[-2:] == ["['SEARCH']", "UNSET"]


def _other_tool(kind, name):
    """Wrap a method the way experiment trackers do."""
    import functools

    original = getattr(kind, name)

    @functools.wraps(original)
    def tracked(self, *args, **kwargs):
        calls.append(name)
        return original(self, *args, **kwargs)

    calls = []
    setattr(kind, name, tracked)
    return calls


@pytest.mark.parametrize("when", ["before", "after"])
def test_another_tool_that_wraps_fit_works_beside_us(tmp_path, monkeypatch, request, when):
    class Mine(LogisticRegression):
        def fit(self, x, y):
            return super().fit(x, y)

    calls = _other_tool(Mine, "fit") if when == "before" else None
    monkeypatch.chdir(tmp_path)
    recording = request.getfixturevalue("recording")
    calls = _other_tool(Mine, "fit") if calls is None else calls
    Mine().fit(np.arange(6.0).reshape(-1, 1), [0, 1, 0, 1, 0, 1])
    assert calls == ["fit"]
    assert kinds(recording) == ["FIT"]


def test_transformers_with_set_output_keep_their_frames_and_origins(recording, loan):
    class Doubler(TransformerMixin, BaseEstimator):
        def fit(self, x, y=None):
            return self

        def transform(self, x):
            return x * 2

        def get_feature_names_out(self, names=None):
            return np.asarray(["a2", "i2"], dtype=object)

    result = Doubler().set_output(transform="pandas").fit(loan[["age", "id"]]).transform(loan[["age", "id"]])
    assert list(result.columns) == ["a2", "i2"]
    assert {name: found[0] for name, found in recording.origins(result).items()} == {
        "a2": {"loan.age"},
        "i2": {"loan.id"},
    }
