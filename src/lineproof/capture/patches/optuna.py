"""Optuna: a study is a search, its choice a decision, with every trial as a candidate."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.sklearn.scores import metric
from lineproof.capture.patches.sklearn.settings import json_value
from lineproof.capture.saved import qualified
from lineproof.model.entries import Decision, EntryType
from lineproof.model.facets import Hyperparameters, Metrics
from lineproof.model.identity import now, uuid7

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.runs import ChildRun
    from lineproof.capture.session import Session

__all__ = ["OptunaPatch"]

_CANDIDATES = 2_000


class OptunaPatch:
    """Observes studies: those that Optuna drives, and those that the program drives by `ask` and `tell`."""

    library = "optuna"

    def install(self, module: ModuleType, session: Session) -> None:
        """Replace the two methods by which trials come to their end."""
        self._session = session
        self._told: dict[int, tuple[weakref.ref[Any], str]] = {}  # studies driven by the program
        self._driven = 0
        session.instrument.replace(module.Study, "optimize", self._optimize)
        session.instrument.replace(module.Study, "tell", self._tell)
        session.at_end(self._settle)

    def _optimize(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The objective is the program's own code: what it fits are runs inside the run of the search."""

        def optimize(study: Any, *args: Any, **kwargs: Any) -> Any:
            child = self._guarded(self._begin, study, kwargs)
            self._driven += 1
            try:
                result = function(study, *args, **kwargs)
            except BaseException as error:
                self._guarded(self._end, study, child, error)
                raise
            finally:
                self._driven -= 1
            self._guarded(self._end, study, child, None)
            return result

        return optimize

    def _tell(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def tell(study: Any, *args: Any, **kwargs: Any) -> Any:
            result = function(study, *args, **kwargs)
            if not self._driven:
                self._guarded(self._heard, study)
            return result

        return tell

    def _guarded(self, step: Callable[..., Any], *args: Any) -> Any:
        if not self._session.listening or self._session.worker:
            return None
        try:
            return step(*args)
        except Exception as error:
            self._session.fault("optuna.Study", error)
            return None

    def _begin(self, study: Any, settings: dict[str, Any]) -> ChildRun:
        given = {
            name: json_value(value)
            for name, value in settings.items()
            if name in ("n_trials", "timeout", "n_jobs")
        }
        described = {**given, **_described(study)}
        facet = Hyperparameters(estimator="optuna.Study", given=given, resolved=described)
        return self._session.child(
            "SEARCH", "optuna.optimize", run_facets={"lineproof_hyperparameters": facet}
        )

    def _end(self, study: Any, child: ChildRun | None, error: BaseException | None) -> None:
        if child is None:
            return
        metrics = self._record(study, self._session.site(), child.run_id)
        facets: dict[str, Any] = {"lineproof_metrics": Metrics(metrics=metrics)}
        if error is not None:
            facets["errorMessage"] = self._session.error_message(error)
        child.end("COMPLETE" if error is None else "FAIL", run_facets=facets)

    def _heard(self, study: Any) -> None:
        self._told.setdefault(id(study), (weakref.ref(study), self._session.site()))

    def _settle(self) -> None:
        """Record the studies that the program drove itself; their end is that of the program."""
        for reference, site in self._told.values():
            study = reference()
            if study is None:
                self._session.gap(f"{site}: a study was dropped before its choice could be recorded")
            else:
                self._record(study, site, self._session.run_id)

    def _record(self, study: Any, site: str, run: str) -> list[Any]:
        trials = study.get_trials(deepcopy=False)
        found = [_candidate(trial) for trial in trials]
        best = _best(study)
        chosen = [one for one in found if one["number"] in best]
        kept = [one for one in found if one["number"] not in best][: _CANDIDATES - len(chosen)]
        self._session.entry(
            EntryType.DECISION,
            Decision(
                decision=uuid7(),
                run=run,
                kind="hyperparameter_search",
                chosen=chosen[0] if len(chosen) == 1 else chosen or None,
                candidates=sorted(chosen + kept, key=lambda one: one["number"]),
                reason=_reason(study, found, best),
                site=site,
                time=now(),
            ),
        )
        return [
            metric(name, value, site, one["number"])
            for one in found
            for name, value in zip(_names(study), one["values"] or (), strict=False)
        ]


def _described(study: Any) -> dict[str, Any]:
    return {
        "sampler": qualified(type(study.sampler)),
        "pruner": qualified(type(study.pruner)),
        "directions": [direction.name.lower() for direction in study.directions],
    }


def _candidate(trial: Any) -> dict[str, Any]:
    spent = trial.duration
    return {
        "number": int(trial.number),
        "params": json_value(dict(trial.params)),
        "values": None if trial.values is None else [float(value) for value in trial.values],
        "state": trial.state.name.lower(),
        "steps": len(trial.intermediate_values),
        "time_s": None if spent is None else spent.total_seconds(),
    }


def _best(study: Any) -> set[int]:
    """Numbers of the best trials; several where there are several objectives."""
    try:
        return (
            {int(trial.number) for trial in study.best_trials}
            if len(study.directions) > 1
            else {int(study.best_trial.number)}
        )
    except ValueError:  # no trial was completed
        return set()


def _names(study: Any) -> list[str]:
    named = getattr(study, "metric_names", None)
    return (
        list(named)
        if named
        else [f"objective_{at}" if at else "objective" for at in range(len(study.directions))]
    )


def _reason(study: Any, found: list[dict[str, Any]], best: set[int]) -> str:
    done = sum(one["state"] == "complete" for one in found)
    pruned = sum(one["state"] == "pruned" for one in found)
    how = " and ".join(
        f"{direction.name.lower()} {name}"
        for direction, name in zip(study.directions, _names(study), strict=False)
    )
    outcome = f"trial {', '.join(map(str, sorted(best)))} was best" if best else "no trial was completed"
    return f"{outcome} to {how}; {done} of {len(found)} trials completed, {pruned} pruned"
