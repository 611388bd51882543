"""A search over settings is a decision: what was tried, what was chosen, by which measure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.sklearn.scores import metric
from lineproof.capture.patches.sklearn.settings import json_value
from lineproof.capture.patches.sklearn.transforms import is_library_class
from lineproof.model.entries import Decision, EntryType
from lineproof.model.facets import Metrics
from lineproof.model.identity import now, uuid7

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["is_search", "record_search"]

_CANDIDATES = 2_000


def is_search(estimator: Any) -> bool:
    """Whether fitting this estimator tries candidates and picks one."""
    return any(kind.__name__ == "BaseSearchCV" and is_library_class(kind) for kind in type(estimator).__mro__)


def record_search(session: Session, search: Any, site: str, run: str | None) -> dict[str, Any]:
    """Record the decision of a fitted search.

    Returns:
        Run facets of the search's own run: its best score.
    """
    results = getattr(search, "cv_results_", None)
    if results is None:
        return {}
    measure = _measure(search, results)
    found = _candidates(results, measure)
    best = getattr(search, "best_index_", None)
    if best is None and isinstance(search.refit, bool) and "rank_test_score" in results:
        best = int(results["rank_test_score"].argmin())
    session.entry(
        EntryType.DECISION,
        Decision(
            decision=uuid7(),
            run=run,
            kind="hyperparameter_search",
            chosen=None if best is None else found[int(best)],
            candidates=_kept(found, best),
            reason=_reason(search, measure, len(found)),
            site=site,
            time=now(),
        ),
    )
    score = getattr(search, "best_score_", None)
    if score is None:
        return {}
    return {"lineproof_metrics": Metrics(metrics=[metric(f"best_{measure}", score, site)])}


def _kept(found: list[dict[str, Any]], best: Any) -> list[dict[str, Any]]:
    """Leave out the worst of very many candidates, never the chosen one."""
    if len(found) <= _CANDIDATES:
        return found
    ranked = sorted(found, key=lambda candidate: candidate["rank"] or math.inf)[:_CANDIDATES]
    if best is not None and found[int(best)] not in ranked:
        ranked[-1] = found[int(best)]
    return ranked


def _measure(search: Any, results: Any) -> str:
    if "mean_test_score" in results:
        return "score"
    if isinstance(search.refit, str):
        return search.refit
    names = sorted(str(name) for name in results if str(name).startswith("mean_test_"))
    return names[0].removeprefix("mean_test_") if names else "score"


def _candidates(results: Any, measure: str) -> list[dict[str, Any]]:
    scores = sorted(
        str(name).removeprefix("mean_test_") for name in results if str(name).startswith("mean_test_")
    )
    candidates = []
    for at, params in enumerate(results["params"]):
        candidate: dict[str, Any] = {
            "params": json_value(params),
            "mean_score": _number(results, f"mean_test_{measure}", at),
            "std_score": _number(results, f"std_test_{measure}", at),
            "rank": _number(results, f"rank_test_{measure}", at),
            "fit_time_s": _number(results, "mean_fit_time", at),
        }
        if len(scores) > 1:
            candidate["scores"] = {name: _number(results, f"mean_test_{name}", at) for name in scores}
        for name in ("iter", "n_resources"):  # of successive halving
            if name in results:
                candidate[name] = _number(results, name, at)
        candidates.append(candidate)
    return candidates


def _number(results: Any, name: str, at: int) -> float | int | None:
    column = results.get(name)
    value = None if column is None else json_value(column[at])
    return value if isinstance(value, (int, float)) else None


def _reason(search: Any, measure: str, tried: int) -> str:
    folds = getattr(search, "n_splits_", "?")
    scoring = getattr(search, "scoring", None)
    named = json_value(scoring) if measure == "score" else measure
    what = named if isinstance(named, str) else "the estimator's own score" if named is None else str(named)
    if callable(search.refit):
        return f"chosen by {json_value(search.refit)} among {tried} candidates, {folds} folds"
    if search.refit is False:
        return f"best mean of {what} over {folds} folds among {tried} candidates; not fitted again"
    return f"best mean of {what} over {folds} folds among {tried} candidates"
