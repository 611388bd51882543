"""XGBoost and LightGBM by their own interfaces: fits, curves, early stopping, model files."""

import hashlib
import pickle

import lightgbm
import pytest
import xgboost

TREES = {"max_depth": 2, "objective": "binary:logistic", "eval_metric": "auc", "seed": 3, "nthread": 1}
LEAVES = {"objective": "binary", "metric": "auc", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 1}


@pytest.fixture
def parts(loan):
    return loan[["age", "income"]], loan["bad"]


def fit_run(recording, job):
    return next(event for event in recording.events(type_="COMPLETE") if event["job"]["name"] == job)


def settings(recording, job):
    merged = {}
    for event in recording.events():
        if event["job"]["name"] == job:
            merged.update(event["run"]["facets"].get("lineproof_hyperparameters", {}))
    return merged


def xgboost_fit(parts, **more):
    x, y = parts
    train, valid = xgboost.DMatrix(x[:8], label=y[:8]), xgboost.DMatrix(x[8:], label=y[8:])
    return xgboost.train(TREES, train, 6, evals=[(valid, "valid")], verbose_eval=False, **more), valid


def lightgbm_fit(parts, callbacks=()):
    x, y = parts
    train = lightgbm.Dataset(x[:8], label=y[:8])
    valid = lightgbm.Dataset(x[8:], label=y[8:], reference=train)
    return lightgbm.train(
        LEAVES, train, 6, valid_sets=[valid], valid_names=["valid"], callbacks=list(callbacks)
    )


def test_a_native_fit_names_what_it_learned_from_and_what_it_was_validated_on(recording, parts):
    xgboost_fit(parts)
    lightgbm_fit(parts)
    for job, container in (("xgboost.train", "DMatrix"), ("lightgbm.train", "Dataset")):
        done = fit_run(recording, job)
        assert [name["name"].rpartition("/")[2] for name in done["inputs"][:4]] == [
            f"{container}.X",
            f"{container}.y",
        ] * 2
        (model,) = done["outputs"]
        assert model["facets"]["datasetType"]["datasetType"] == "MODEL"
        assert list(model["facets"]["columnLineage"]["fields"]) == ["age", "income"]


def test_settings_are_those_given_and_all_that_the_library_resolved(recording, parts):
    xgboost_fit(parts)
    lightgbm_fit(parts)
    trees, leaves = settings(recording, "xgboost.train"), settings(recording, "lightgbm.train")
    assert trees["given"]["max_depth"] == 2
    assert trees["given"]["num_boost_round"] == 6
    assert trees["resolved"]["min_child_weight"] == 1
    assert trees["splits"]["valid"] == {"rows": 4, "columns": 2}
    assert leaves["given"]["min_data_in_leaf"] == 1
    assert leaves["resolved"]["num_leaves"] == 31


def test_figures_carry_their_round_and_the_program_sees_no_more_than_before(recording, parts):
    seen = {}
    booster, _ = xgboost_fit(parts, evals_result=seen)
    found = fit_run(recording, "xgboost.train")["run"]["facets"]["lineproof_metrics"]["metrics"]
    assert [(one["name"], one["step"], one["value"]) for one in found] == [
        ("valid.auc", step, value) for step, value in enumerate(seen["valid"]["auc"])
    ]
    assert booster.num_boosted_rounds() == 6


def test_early_stopping_is_a_decision(recording, parts):
    booster, _ = xgboost_fit(parts, early_stopping_rounds=1)
    lightgbm_fit(parts, [lightgbm.early_stopping(1, verbose=False)])
    trees, leaves = recording.entries("decision")
    assert trees["kind"] == leaves["kind"] == "early_stopping"
    assert trees["chosen"]["round"] == booster.best_iteration
    assert trees["chosen"] in trees["candidates"]


def test_a_prediction_comes_from_its_features_and_by_the_label(recording, parts):
    booster, _ = xgboost_fit(parts)
    light = lightgbm_fit(parts)
    for result in (booster.predict(xgboost.DMatrix(parts[0])), light.predict(parts[0])):
        assert recording.origins(result)[0] == ({"loan.age", "loan.income"}, {"loan.bad"}, "exact")


def test_a_model_file_is_a_version_of_the_model_and_loading_it_is_that_model(recording, parts):
    booster, _ = xgboost_fit(parts)
    booster.save_model("trees.json")
    lightgbm_fit(parts).save_model("leaves.txt")
    again, light = xgboost.Booster(model_file="trees.json"), lightgbm.Booster(model_file="leaves.txt")
    digests = {
        name: "sha256:" + hashlib.sha256((recording.root / name).read_bytes()).hexdigest()
        for name in ("trees.json", "leaves.txt")
    }
    models = {
        one["name"]: one["facets"]["version"]["datasetVersion"]
        for event in recording.events(type_="RUNNING")
        for one in event.get("outputs", ())
        if one["namespace"] == "model"
    }
    assert models == {"trees": digests["trees.json"], "leaves": digests["leaves.txt"]}
    for result in (again.predict(xgboost.DMatrix(parts[0])), light.predict(parts[0])):
        assert recording.origins(result)[0][2] == "exact"
    assert not [
        line for line in recording.lines if line["kind"] == "file" and not line["body"].get("explained")
    ][1:]


def test_the_estimators_of_both_libraries_record_their_curve_and_validation_data(recording, parts):
    x, y = parts
    trees = xgboost.XGBClassifier(n_estimators=4, eval_metric="logloss", n_jobs=1)
    trees.fit(x[:8], y[:8], eval_set=[(x[8:], y[8:])], verbose=False)
    leaves = lightgbm.LGBMClassifier(n_estimators=4, verbose=-1, n_jobs=1)
    leaves.fit(x[:8], y[:8], eval_X=x[8:], eval_y=y[8:])
    for kind in ("XGBClassifier", "LGBMClassifier"):
        done = fit_run(recording, f"{kind}.fit")
        figures = done["run"]["facets"]["lineproof_metrics"]["metrics"]
        assert [one["step"] for one in figures] == [0, 1, 2, 3]
        names = {one["name"].rpartition("/")[2] for one in done["inputs"]}
        assert {"fit.X", "fit.y", "fit.eval0.X", "fit.eval0.y"} <= names


def test_cross_validation_gives_its_figures(recording, parts):
    x, y = parts
    xgboost.cv(TREES, xgboost.DMatrix(x, label=y), 3, nfold=2)
    figures = fit_run(recording, "xgboost.cv")["run"]["facets"]["lineproof_metrics"]["metrics"]
    assert {one["name"] for one in figures} >= {"train-auc-mean", "test-auc-mean"}


def test_a_fit_that_raises_fails_and_the_error_is_the_librarys_own(recording, parts):
    matrix = xgboost.DMatrix(parts[0], label=parts[1])
    with pytest.raises(xgboost.core.XGBoostError):
        xgboost.train({"objective": "no such"}, matrix, 2)
    (failed,) = recording.events(type_="FAIL")
    assert failed["job"]["name"] == "xgboost.train"


def test_results_are_the_same_recorded_or_not(recording, parts):
    recorded, valid = xgboost_fit(parts)
    recording.session.instrument.enabled = False
    plain, _ = xgboost_fit(parts)
    assert recorded.save_raw() == plain.save_raw()
    assert pickle.loads(pickle.dumps(recorded)).save_raw() == plain.save_raw()
    assert (recorded.predict(valid) == plain.predict(valid)).all()
