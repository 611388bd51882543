"""LightGBM: `Dataset`, `train`, `cv`, `Booster` and its model files."""

from __future__ import annotations

import re
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

__all__ = ["LightgbmPatch"]

_ROUNDS = 100  # the library's default
_SETTING = re.compile(r"^\[(\w+): (.*)\]$", re.MULTILINE)


class LightgbmPatch:
    """Observes LightGBM's own interface."""

    library = "lightgbm"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the classes of data and models, and the two functions that train."""
        self._session = session
        self._record = module.record_evaluation
        self._fits = NativeFits(session, "lightgbm")
        wrap = session.instrument.wrap
        dataset, booster = module.Dataset, module.Booster
        wrap(dataset, "__init__", name="lightgbm.Dataset", before=self._read, after=self._made)
        wrap(dataset, "set_label", name="lightgbm.Dataset.set_label", after=self._labelled)
        wrap(dataset, "subset", name="lightgbm.Dataset.subset", after=self._sliced)
        for owner in (module, module.engine):
            wrap(
                owner, "train", name="lightgbm.train", before=self._train, after=self._trained, on_error=True
            )
            wrap(owner, "cv", name="lightgbm.cv", before=self._cv, after=self._validated, on_error=True)
        wrap(booster, "predict", name="lightgbm.Booster.predict", before=self._predict, after=self._predicted)
        ModelFiles(session, "lightgbm").install((booster,))

    def _read(self, call: Call) -> Matrix | None:
        data, label = argument(call, 0, ("data",)), argument(call, 1, ("label",))
        if data is None:
            return None  # a subset in the making
        decides = tuple(call.kwargs.get(name) for name in ("weight", "group"))
        slots = (slot_of(call, 0, ("data",)), slot_of(call, 1, ("label",)))
        return observe(self._session, "Dataset", data, label, decides=decides, slots=slots)

    def _made(self, call: Call) -> None:
        if call.token is not None:
            keep_matrix(call.args[0], call.token)

    def _labelled(self, call: Call) -> None:
        known, label = matrix_of(call.args[0]), argument(call, 0, ("label",))
        if known is not None and label is not None:
            keep_matrix(call.args[0], relabelled(self._session, "Dataset", known, label))

    def _sliced(self, call: Call) -> None:
        known = matrix_of(call.args[0])
        if known is not None:
            keep_matrix(call.result, known)
            self._session.gap(f"{self._session.site()}: rows of a subset are named by the whole Dataset")

    def _train(self, call: Call) -> tuple[NativeFit, dict[str, Any]]:
        rounds = argument(call, 1, ("num_boost_round",)) or _ROUNDS
        given = {**(argument(call, -1, ("params",)) or {}), "num_boost_round": rounds}
        train_set = argument(call, 0, ("train_set",))
        sets = argument(call, 2, ("valid_sets",)) or ()
        sets = [sets] if not isinstance(sets, (list, tuple)) else sets
        names = argument(call, 3, ("valid_names",)) or ()
        names = [names] if isinstance(names, str) else names
        figures: dict[str, Any] = {}
        if sets and len(call.args) <= _BEFORE_CALLBACKS:
            callbacks = [*(call.kwargs.get("callbacks") or ()), self._record(figures)]
            call.kwargs = {**call.kwargs, "callbacks": callbacks}
        validation = {
            str(names[at]) if at < len(names) else f"valid_{at}": matrix_of(one) or Matrix()
            for at, one in enumerate(sets)
            if one is not train_set
        }
        fit = self._fits.begin(
            matrix_of(train_set) or Matrix(),
            given=given,
            validation=validation,
            earlier=call.kwargs.get("init_model"),
        )
        return fit, figures

    def _trained(self, call: Call) -> None:
        if call.token is None:
            return
        fit, figures = call.token
        if call.error is not None:
            self._fits.failed(fit, call.error)
            return
        booster = call.result
        self._fits.fitted(fit, booster, resolved=_resolved(booster), curve=_curve(booster, fit, figures))

    def _cv(self, call: Call) -> NativeFit:
        settings = {name: value for name, value in call.kwargs.items() if name in _OF_CV}
        rounds = argument(call, 1, ("num_boost_round",)) or _ROUNDS
        given = {**(argument(call, -1, ("params",)) or {}), **settings, "num_boost_round": rounds}
        data = matrix_of(argument(call, 0, ("train_set",))) or Matrix()
        return self._fits.begin(data, given=given, validation={}, kind="SEARCH")

    def _validated(self, call: Call) -> None:
        if call.token is None:
            return
        if call.error is not None:
            self._fits.failed(call.token, call.error)
            return
        table = {str(name): values for name, values in call.result.items() if isinstance(values, list)}
        self._fits.validated(call.token, Curve(figures=table))

    def _predict(self, call: Call) -> Any:
        data = argument(call, 0, ("data",))
        slot = slot_of(call, 0, ("data",))
        return self._fits.predicting(
            call.args[0], observe(self._session, "predict", data, slots=(slot, None))
        )

    def _predicted(self, call: Call) -> None:
        if call.token is not None:
            self._fits.predicted(call)


_BEFORE_CALLBACKS = 8  # positional arguments before `callbacks`
_OF_CV = frozenset(("nfold", "stratified", "shuffle", "seed", "metrics"))


def _resolved(booster: Any) -> dict[str, Any]:
    """All settings as the library resolved them: it writes them at the end of a model."""
    text = booster.model_to_string(num_iteration=1)
    return dict(_SETTING.findall(text[text.rfind("\nparameters:") :]))


def _curve(booster: Any, fit: NativeFit, results: dict[str, Any]) -> Curve:
    figures = {f"{data}.{name}": values for data, each in results.items() for name, values in each.items()}
    rounds = max(map(len, figures.values()), default=booster.current_iteration())
    return Curve(
        figures=figures,
        best=int(booster.best_iteration) - 1 if booster.best_iteration > 0 else None,
        rounds=rounds,
        asked=int(fit.given["num_boost_round"]),
        measure=next(reversed(figures), ""),
    )
