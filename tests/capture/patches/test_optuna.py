"""Studies of Optuna are searches, their choice a decision."""

import optuna
import pytest
from sklearn.linear_model import LogisticRegression

optuna.logging.set_verbosity(optuna.logging.WARNING)


def test_a_study_is_a_search_with_every_trial_as_a_candidate(recording):
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda trial: trial.suggest_float("c", 0, 1), n_trials=4)
    (decision,) = recording.entries("decision")
    (done,) = recording.events(job="optuna.optimize", type_="COMPLETE")
    assert decision["kind"] == "hyperparameter_search"
    assert decision["run"] == done["run"]["runId"]
    assert decision["chosen"]["params"] == study.best_params
    assert [one["number"] for one in decision["candidates"]] == [0, 1, 2, 3]
    figures = done["run"]["facets"]["lineproof_metrics"]["metrics"]
    assert [one["value"] for one in figures] == [trial.value for trial in study.trials]


def test_what_an_objective_fits_are_runs_inside_the_search(recording, loan):
    def objective(trial):
        c = trial.suggest_float("c", 0.1, 1)
        return LogisticRegression(C=c).fit(loan[["age"]], loan["bad"]).score(loan[["age"]], loan["bad"])

    optuna.create_study().optimize(objective, n_trials=2)
    (search,) = recording.events(job="optuna.optimize", type_="START")
    fits = recording.events(job="LogisticRegression.fit", type_="START")
    assert [fit["run"]["facets"]["parent"]["run"]["runId"] for fit in fits] == [search["run"]["runId"]] * 2


def test_a_study_that_the_program_drives_itself_is_recorded_at_the_end(recording):
    study = optuna.create_study()
    for _ in range(2):
        trial = study.ask()
        study.tell(trial, trial.suggest_float("x", 0, 1))
    recording.session.end("COMPLETE", {})
    (decision,) = recording.entries("decision")
    assert len(decision["candidates"]) == 2


def test_an_objective_that_raises_reaches_the_program_and_fails_the_search(recording):
    def objective(trial):
        raise KeyError("no")

    with pytest.raises(KeyError):
        optuna.create_study().optimize(objective, n_trials=2)
    (failed,) = recording.events(job="optuna.optimize", type_="FAIL")
    assert failed["run"]["facets"]["errorMessage"]["message"].startswith("KeyError")
    assert recording.entries("decision")[0]["candidates"][0]["state"] == "fail"
