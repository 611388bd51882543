"""XGBoost: `DMatrix`, `train`, `cv`, `Booster` and its model files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.boosting.files import ModelFiles
from lineproof.capture.patches.boosting.fits import NativeFit, NativeFits
from lineproof.capture.patches.boosting.matrices import Matrix, keep_matrix, matrix_of, observe, relabelled
from lineproof.capture.patches.sklearn.calls import argument, slot_of
from lineproof.capture.patches.sklearn.curves import Curve

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["XgboostPatch"]

_ROUNDS = 10  # the library's default


class XgboostPatch:
    """Observes XGBoost's own interface."""

    library = "xgboost"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the classes of data and models, and the two functions that train."""
        self._session = session
        self._fits = NativeFits(session, "xgboost")
        wrap = session.instrument.wrap
        for kind in (module.DMatrix, module.QuantileDMatrix):
            wrap(kind, "__init__", name=f"xgboost.{kind.__name__}", before=self._read, after=self._made)
        for name in ("set_label", "set_info"):
            wrap(module.DMatrix, name, name=f"xgboost.DMatrix.{name}", after=self._labelled)
        wrap(module.DMatrix, "slice", name="xgboost.DMatrix.slice", after=self._sliced)
        for owner in (module, module.training):
            wrap(owner, "train", name="xgboost.train", before=self._train, after=self._trained, on_error=True)
            wrap(owner, "cv", name="xgboost.cv", before=self._cv, after=self._validated, on_error=True)
        booster = module.Booster
        for name in ("predict", "inplace_predict"):
            wrap(booster, name, name=f"xgboost.Booster.{name}", before=self._predict, after=self._predicted)
        ModelFiles(session, "xgboost").install((booster, getattr(module, "XGBModel", None)))

    def _read(self, call: Call) -> Matrix:
        data, label = argument(call, 0, ("data",)), argument(call, 1, ("label",))
        decides = tuple(call.kwargs.get(name) for name in ("weight", "group", "qid"))
        slots = (slot_of(call, 0, ("data",)), slot_of(call, 1, ("label",)))
        return observe(self._session, "DMatrix", data, label, decides=decides, slots=slots)

    def _made(self, call: Call) -> None:
        if call.token is not None:
            keep_matrix(call.args[0], call.token)

    def _labelled(self, call: Call) -> None:
        known = matrix_of(call.args[0])
        label = call.kwargs.get("label", call.args[1] if len(call.args) > 1 else None)
        if known is not None and label is not None:
            keep_matrix(call.args[0], relabelled(self._session, "DMatrix", known, label))

    def _sliced(self, call: Call) -> None:
        known = matrix_of(call.args[0])
        if known is not None:
            keep_matrix(call.result, known)
            self._session.gap(
                f"{self._session.site()}: rows of a sliced DMatrix are named by the whole of it"
            )

    def _train(self, call: Call) -> NativeFit:
        given = dict(_settings(argument(call, -1, ("params",)))) | {
            "num_boost_round": argument(call, 1, ("num_boost_round",)) or _ROUNDS
        }
        evals = call.kwargs.get("evals") or ()
        if evals and call.kwargs.get("evals_result") is None:
            call.kwargs = {**call.kwargs, "evals_result": {}}  # filled in by the library, seen by us alone
        if call.kwargs.get("early_stopping_rounds") is not None:
            given["early_stopping_rounds"] = call.kwargs["early_stopping_rounds"]
        return self._fits.begin(
            matrix_of(argument(call, 0, ("dtrain",))) or Matrix(),
            given=given,
            validation={str(name): matrix_of(data) or Matrix() for data, name in evals},
            earlier=call.kwargs.get("xgb_model"),
        )

    def _trained(self, call: Call) -> None:
        fit: NativeFit | None = call.token
        if fit is None:
            return
        if call.error is not None:
            self._fits.failed(fit, call.error)
            return
        results = call.kwargs.get("evals_result") or {}
        self._fits.fitted(
            fit, call.result, resolved=_resolved(call.result), curve=_curve(call.result, fit, results)
        )

    def _cv(self, call: Call) -> NativeFit:
        given = dict(_settings(argument(call, -1, ("params",)))) | {
            name: call.kwargs[name]
            for name in ("nfold", "stratified", "seed", "shuffle", "early_stopping_rounds")
            if name in call.kwargs
        }
        given["num_boost_round"] = argument(call, 1, ("num_boost_round",)) or _ROUNDS
        data = matrix_of(argument(call, 0, ("dtrain",))) or Matrix()
        return self._fits.begin(data, given=given, validation={}, kind="SEARCH")

    def _validated(self, call: Call) -> None:
        if call.token is None:
            return
        if call.error is not None:
            self._fits.failed(call.token, call.error)
            return
        table = {str(name): list(call.result[name]) for name in call.result}
        self._fits.validated(call.token, Curve(figures=table))

    def _predict(self, call: Call) -> Any:
        data = argument(call, 0, ("data",))
        known = matrix_of(data)
        if known is None:
            known = observe(self._session, "predict", data) if hasattr(data, "shape") else Matrix()
        return self._fits.predicting(call.args[0], known)

    def _predicted(self, call: Call) -> None:
        if call.token is not None:
            self._fits.predicted(call)


def _settings(params: Any) -> Iterator[tuple[str, Any]]:
    yield from params.items() if isinstance(params, Mapping) else (params or ())


def _resolved(booster: Any) -> dict[str, Any]:
    """All settings as the library resolved them; nested groups of its configuration are flattened."""
    found: dict[str, Any] = {}

    def walk(part: Any) -> None:
        for name, value in part.items():
            if isinstance(value, dict):
                walk(value)
            elif isinstance(value, (str, int, float, bool)):
                found[name] = value

    walk(json.loads(booster.save_config()))
    return found


def _curve(booster: Any, fit: NativeFit, results: Mapping[str, Any]) -> Curve:
    figures = {f"{data}.{name}": values for data, each in results.items() for name, values in each.items()}
    asked = int(fit.given["num_boost_round"])
    best = booster.attributes().get("best_iteration")
    return Curve(
        figures=figures,
        best=None if best is None else int(best),
        rounds=max(map(len, figures.values()), default=asked),
        asked=asked,
        measure=next(reversed(figures), ""),
    )
