"""Fits, transforms and predictions: each outermost call is a run, and its result has origins."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineproof.capture.boundary import MemoryFrame, memory_frame, record_frames
from lineproof.capture.edges import lineage_facet, source_datasets, versioned
from lineproof.capture.fitted import FittedModel, fitted, keep_fitted
from lineproof.capture.patches.sklearn.calls import (
    FITS,
    PREDICTS,
    Budget,
    Started,
    columns_in,
    inputs_of,
    label_of,
    sizes,
    slot_of_x,
)
from lineproof.capture.patches.sklearn.curves import curve_of, record_early_stopping
from lineproof.capture.patches.sklearn.predictions import predicted
from lineproof.capture.patches.sklearn.records import describe, in_memory, model_dataset, with_model
from lineproof.capture.patches.sklearn.results import (
    attach_learned,
    attach_prediction,
    attach_restored,
    attach_transformed,
)
from lineproof.capture.patches.sklearn.searches import is_search, record_search
from lineproof.capture.patches.sklearn.settings import hyperparameters, seeds
from lineproof.capture.patches.sklearn.splits import split_of
from lineproof.capture.patches.sklearn.tracking import Frame, Tracker
from lineproof.capture.patches.sklearn.transforms import Columns, Context, outputs
from lineproof.capture.provenance.table import combined
from lineproof.model.facets import Metrics
from lineproof.model.lineage import Precision
from lineproof.model.openlineage import Dataset

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["Estimators"]


class Estimators:
    """Hooks of the methods of estimators.

    Args:
        session: The recording.
        tracker: What follows columns inside a call.
    """

    def __init__(self, session: Session, tracker: Tracker) -> None:
        self._session = session
        self._tracker = tracker
        self._budget = Budget(session)

    def before(self, call: Call) -> Started | None:
        """Begin an outermost call; None inside the user's own estimator, whose call is one already."""
        if self._tracker.frame is not None:
            return None
        method = call.name.rpartition(".")[2]
        estimator = call.args[0]
        x, y = inputs_of(call)
        columns, table = columns_in(x, slot_of_x(call))
        model = None if method in FITS and method != "partial_fit" else fitted(estimator)
        started = Started(
            method=method,
            site=self._session.site(),
            x=x,
            columns=columns,
            table=table,
            label=label_of(call, y) if method in FITS else None if model is None else model.label,
            model=model,
        )
        try:
            if self._budget.spend(started.site, method):
                self._start(estimator, started, y, call.kwargs)
        except Exception as error:
            self._session.fault(call.name, error)
        self._tracker.open(started.label)
        return started

    def _start(self, estimator: Any, started: Started, y: Any, keywords: Mapping[str, Any]) -> None:
        session, x, method = self._session, started.x, started.method
        if session.worker:
            session.gap(f"{started.site}: {method} in a worker process is no run of its own")
            return
        fits = method in FITS
        verb = "fit" if fits else method
        if x is not None:
            started.frame_x = memory_frame(session, x, f"{verb}.X", site=started.site)
        if fits and y is not None:
            started.frame_y = memory_frame(session, y, f"{verb}.y", site=started.site)
        if fits:
            started.validation = _validation(session, started.site, keywords)
        record_frames(session, started.frames)
        kind = "PREDICT" if method in PREDICTS else "TRANSFORM"
        facets: dict[str, Any] = {}
        if fits:
            kind = "SEARCH" if is_search(estimator) else "FIT"
            splits = sizes(x, y)
            taken = split_of(x)
            if taken is not None:
                splits["split"] = taken
            facets["lineproof_hyperparameters"] = hyperparameters(estimator, splits)
            facets["lineproof_environment"] = seeds(estimator)
        started.child = session.child(kind, f"{type(estimator).__name__}.{method}", run_facets=facets)

    def after(self, call: Call) -> None:
        """End an outermost call."""
        started: Started | None = call.token
        if started is None:
            if self._tracker.frame is None and hasattr(call.args[0], "get_params"):
                self._session.gap(f"{call.name}: a call could not be followed")
            return
        frame = self._tracker.frame or Frame(None)
        self._tracker.close()
        if call.error is not None:
            if started.child is not None:
                message = self._session.error_message(call.error)
                if " at " not in message.message:  # it has not reached the program's own lines yet
                    message.message += f" at {started.site}"
                started.child.end("FAIL", run_facets={"errorMessage": message})
            return
        try:
            if started.method in FITS:
                self._fitted(call, started, frame)
            else:
                self._applied(call, started, frame)
        except Exception as error:
            self._session.fault(call.name, error)
            if started.child is not None:
                started.child.end("COMPLETE")

    def _fitted(self, call: Call, started: Started, frame: Frame) -> None:
        estimator = call.args[0]
        run = None if started.child is None else started.child.run_id
        model = describe(estimator, started, run, started.model)
        keep_fitted(estimator, model)
        context = Context(label=started.label, seen=frame.seen, fitting=True, x=started.x)
        if started.method == "fit_transform":
            self._transformed(call, started, context)
        elif started.method == "fit_predict":
            attach_prediction(call.result, estimator, started, context, fits=True)
        attach_learned(estimator, started)
        if started.child is None:
            return
        facets = self._course(estimator, started, run)
        if hasattr(estimator, "predict"):  # a transformer's inputs are no features of a model as yet
            for feature in model.features:
                self._session.feature_coverage(feature.origin.precision)
        made = [model_dataset(model, started)]
        if call.result is not estimator:
            made += self._result(call, started, model)
        started.child.end("COMPLETE", inputs=_inputs(started), outputs=made, run_facets=facets)

    def _course(self, estimator: Any, started: Started, run: str | None) -> dict[str, Any]:
        """Record what was decided in a fit, and give the figures of its rounds."""
        if is_search(estimator):
            return record_search(self._session, estimator, started.site, run)
        curve = curve_of(estimator)
        if curve is None:
            return {}
        record_early_stopping(self._session, curve, started.site, run)
        return {"lineproof_metrics": Metrics(metrics=curve.metrics(started.site))}

    def _applied(self, call: Call, started: Started, frame: Frame) -> None:
        estimator, model = call.args[0], started.model
        context = Context(label=started.label, seen=frame.seen, x=started.x)
        if started.method == "inverse_transform":
            attach_restored(call.result, estimator, started)
        elif started.method in PREDICTS:
            attach_prediction(call.result, estimator, started, context, fits=False)
        else:
            self._transformed(call, started, context)
        if started.child is None:
            return
        inputs = _inputs(started)
        if model is not None:
            inputs.append(versioned(model.namespace, model.name, model.version))
        started.child.end("COMPLETE", inputs=inputs, outputs=self._result(call, started, model))

    def _transformed(self, call: Call, started: Started, context: Context) -> None:
        people = sys.modules.get("lineproof.capture.people")  # imported by the first declaration
        if people is not None:
            people.same_rows(started.x, call.result)
        problem = attach_transformed(call.result, call.args[0], started, context)
        if problem is not None:
            self._session.without_rule(f"{call.name} ({problem})")

    def _result(self, call: Call, started: Started, model: FittedModel | None) -> list[Dataset]:
        """Give the result of a call as an output: made from X by the model."""
        if started.frame_x is None or isinstance(call.result, (list, tuple)):
            return []
        method, estimator = started.method, call.args[0]
        frame = memory_frame(self._session, call.result, f"{method}.out", site=started.site)
        memory = tuple(in_memory(started.frame_x, name) for name in started.frame_x.columns)
        context = Context(fitting=method in FITS, x=started.x)
        origins: Columns | None = None
        if method in PREDICTS or method == "fit_predict":
            origins = (predicted(estimator, memory, context),) * len(frame.columns)
        elif method != "inverse_transform":
            origins = outputs(estimator, memory, context)
        if origins is None or len(origins) != len(frame.columns):
            mixture = combined(memory, f"sklearn.{method}", Precision.SUPERSET)
            origins = (mixture,) * len(frame.columns)
        lineage = with_model(lineage_facet(frame.columns, origins), model)
        return [frame.as_output(lineage, "PREDICTIONS" if method in PREDICTS else "TABLE")]


def _inputs(started: Started) -> list[Dataset]:
    origins = [origin for frame in started.frames for origin in frame.origins]
    return [frame.as_input() for frame in started.frames] + source_datasets(origins)


def _validation(session: Session, site: str, keywords: Mapping[str, Any]) -> list[MemoryFrame]:
    """Give what a fit is validated on besides: `eval_set` of XGBoost and LightGBM."""
    pairs = list(keywords.get("eval_set") or ())
    one_x, one_y = keywords.get("eval_X"), keywords.get("eval_y")
    if one_x is not None:
        pairs += zip(one_x, one_y or (), strict=False) if isinstance(one_x, tuple) else [(one_x, one_y)]
    return [
        memory_frame(session, part, f"fit.eval{at}.{role}", site=site)
        for at, pair in enumerate(pairs)
        for role, part in zip("Xy", pair, strict=False)
        if part is not None
    ]
