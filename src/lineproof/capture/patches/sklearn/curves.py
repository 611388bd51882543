"""The course of a training: a figure for each round, and where it was stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.patches.sklearn.scores import metric
from lineproof.model.entries import Decision, EntryType
from lineproof.model.facets import Metric
from lineproof.model.identity import now, uuid7

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["Curve", "curve_of", "record_early_stopping"]

_STEPS = 10_000  # figures of one training that are kept; of more, each n-th and the last


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """How a training went.

    Attributes:
        figures: Name of data and measure (`valid.auc`) to a figure for each round.
        best: The round that was chosen, from 0; None when all rounds count.
        rounds: Rounds that were done.
        asked: Rounds that were asked for.
        measure: What the round was chosen by, in words.
    """

    figures: Mapping[str, Sequence[Any]] = {}
    best: int | None = None
    rounds: int = 0
    asked: int = 0
    measure: str = ""

    def metrics(self, site: str) -> list[Metric]:
        """Give the figures as metrics with their round as step."""
        every = 1 + sum(map(len, self.figures.values())) // _STEPS
        found = []
        for name, values in self.figures.items():
            last = len(values) - 1
            kept = (step for step in range(len(values)) if step % every == 0 or step in (last, self.best))
            found += [metric(name, _number(values[step]), site, step) for step in kept]
        return found


def record_early_stopping(session: Session, curve: Curve, site: str, run: str | None) -> None:
    """Record the choice of a round before the last as a decision."""
    if curve.best is None:
        return
    found = [
        {
            "round": step,
            **{name: _number(values[step]) for name, values in curve.figures.items() if step < len(values)},
        }
        for step in _around(curve)
    ]
    session.entry(
        EntryType.DECISION,
        Decision(
            decision=uuid7(),
            run=run,
            kind="early_stopping",
            chosen=next((one for one in found if one["round"] == curve.best), {"round": curve.best}),
            candidates=found,
            reason=f"round {curve.best} was best{curve.measure and ' by ' + curve.measure};"
            f" {curve.rounds} of {curve.asked} rounds were done",
            site=site,
            time=now(),
        ),
    )


_SHOWN = 200


def _around(curve: Curve) -> list[int]:
    """The rounds that were compared, thinned where they are very many; the chosen one is among them."""
    every = 1 + curve.rounds // _SHOWN
    return sorted({*range(0, curve.rounds, every), curve.best or 0})


def _number(value: Any) -> float:
    return float(value[0] if isinstance(value, (list, tuple)) else value)  # (mean, spread)


def curve_of(estimator: Any) -> Curve | None:
    """Give the course of the training of a fitted estimator; None where it keeps none."""
    for read in _READERS:
        try:
            found = read(estimator)
        except Exception:  # noqa: S112 - an estimator of another library that uses the same name
            continue
        if found is not None:
            return found
    return None


def _evaluated(estimator: Any) -> Curve | None:
    """XGBoost and LightGBM through their scikit-learn interface."""
    results = getattr(estimator, "evals_result_", None)
    if not isinstance(results, dict) or not results:
        return None
    figures = {f"{data}.{name}": values for data, each in results.items() for name, values in each.items()}
    asked = int(estimator.get_params().get("n_estimators") or 0)
    rounds = max(map(len, figures.values()), default=0)
    best = _best_round(estimator)
    return Curve(figures=figures, best=best, rounds=rounds, asked=asked or rounds, measure=_last(figures))


def _best_round(estimator: Any) -> int | None:
    if hasattr(estimator, "best_iteration_"):  # LightGBM counts from 1, and 0 or None says all
        return int(estimator.best_iteration_) - 1 if estimator.best_iteration_ else None
    best = getattr(estimator, "best_iteration", None)
    return None if best is None else int(best)


def _last(figures: Mapping[str, Any]) -> str:
    return next(reversed(list(figures)), "")


def _boosted(estimator: Any) -> Curve | None:
    """Histogram gradient boosting: scores before the first round and after each."""
    scores = {name: getattr(estimator, f"{name}_score_", ()) for name in ("train", "validation")}
    if not hasattr(estimator, "do_early_stopping_"):
        return None
    figures = {name: list(values) for name, values in scores.items() if len(values)}
    rounds, asked = int(estimator.n_iter_), int(estimator.max_iter)
    stopped = bool(estimator.do_early_stopping_) and rounds < asked
    return Curve(
        figures=figures, best=rounds if stopped else None, rounds=rounds, asked=asked, measure=_last(figures)
    )


def _layered(estimator: Any) -> Curve | None:
    """Neural networks of scikit-learn."""
    losses = getattr(estimator, "loss_curve_", None)
    if losses is None:
        return None
    figures: dict[str, Sequence[Any]] = {"loss": list(losses)}
    if getattr(estimator, "validation_scores_", None):
        figures["validation"] = list(estimator.validation_scores_)
    rounds, asked = int(estimator.n_iter_), int(estimator.max_iter)
    best = None
    if estimator.early_stopping and rounds < asked:
        scores = figures.get("validation", ())
        best = max(range(len(scores)), key=scores.__getitem__, default=None)
    return Curve(figures=figures, best=best, rounds=rounds, asked=asked, measure=_last(figures))


def _staged(estimator: Any) -> Curve | None:
    """Gradient boosting of scikit-learn by single trees."""
    if not hasattr(estimator, "n_estimators_") or not hasattr(estimator, "train_score_"):
        return None
    rounds, asked = int(estimator.n_estimators_), int(estimator.n_estimators)
    best = rounds - 1 if getattr(estimator, "n_iter_no_change", None) and rounds < asked else None
    return Curve(figures={"train": list(estimator.train_score_)}, best=best, rounds=rounds, asked=asked)


_READERS: tuple[Callable[[Any], Curve | None], ...] = (_evaluated, _boosted, _layered, _staged)
