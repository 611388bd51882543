"""A native fit as a run: its data, settings, curve, early stopping, and the booster it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.boundary import memory_frame
from lineproof.capture.edges import lineage_facet, source_datasets, versioned
from lineproof.capture.fitted import fitted, keep_fitted
from lineproof.capture.patches.boosting.matrices import Matrix
from lineproof.capture.patches.sklearn.calls import Budget, Started
from lineproof.capture.patches.sklearn.curves import Curve, record_early_stopping
from lineproof.capture.patches.sklearn.records import describe, in_memory, model_dataset, with_model
from lineproof.capture.patches.sklearn.results import attach_prediction
from lineproof.capture.patches.sklearn.settings import json_value
from lineproof.capture.patches.sklearn.transforms import Context
from lineproof.capture.provenance.table import combined
from lineproof.capture.randomness import random_states
from lineproof.model.facets import Environment, Hyperparameters, Metrics

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["NativeFit", "NativeFits"]


class NativeFit(msgspec.Struct, kw_only=True):
    """A native fit between its beginning and its end.

    Attributes:
        started: Its data and its run, as for an estimator.
        validation: What it is validated on, by the name the program gave it.
        given: The settings that the program gave.
    """

    started: Started
    validation: dict[str, Matrix] = {}
    given: dict[str, Any] = {}


class NativeFits:
    """Runs of one library's native interface.

    Args:
        session: The recording.
        library: Its name.
    """

    def __init__(self, session: Session, library: str) -> None:
        self._session = session
        self._library = library
        self._budget = Budget(session)

    def begin(
        self,
        matrix: Matrix,
        *,
        given: Mapping[str, Any],
        validation: Mapping[str, Matrix],
        kind: str = "FIT",
        earlier: Any = None,
    ) -> NativeFit:
        """Begin a fit, or a cross-validation.

        Args:
            matrix: What it is fitted on.
            given: The settings that the program gave.
            validation: What it is validated on.
            kind: Type of the run's job.
            earlier: The booster that training goes on from.
        """
        session = self._session
        started = Started(
            method="fit",
            site=session.site(),
            columns=matrix.columns,
            table=matrix.table,
            label=matrix.label,
            frame_x=matrix.frame_x,
            frame_y=matrix.frame_y,
            model=None if earlier is None else fitted(earlier),
        )
        settings = {str(name): json_value(value) for name, value in given.items()}
        fit = NativeFit(started=started, validation=dict(validation), given=settings)
        if session.worker or not self._budget.spend(started.site, kind):
            return fit
        facets = {
            "lineproof_hyperparameters": self._settings(fit, {}),
            "lineproof_environment": Environment(seeds={**random_states(), **_seeds(settings)}),
        }
        name = f"{self._library}.{'cv' if kind == 'SEARCH' else 'train'}"
        started.child = session.child(kind, name, run_facets=facets)
        return fit

    def fitted(self, fit: NativeFit, booster: Any, *, resolved: Mapping[str, Any], curve: Curve) -> None:
        """End a fit that gave a booster."""
        started = fit.started
        run = None if started.child is None else started.child.run_id
        model = describe(booster, started, run, started.model)
        model = msgspec.structs.replace(model, estimator=f"{self._library}.Booster")
        keep_fitted(booster, model)
        if started.child is None:
            return
        for feature in model.features:
            self._session.feature_coverage(feature.origin.precision)
        record_early_stopping(self._session, curve, started.site, run)
        facets: dict[str, Any] = {
            "lineproof_metrics": Metrics(metrics=curve.metrics(started.site)),
            "lineproof_hyperparameters": self._settings(fit, resolved),
        }
        inputs = _inputs([Matrix(frame_x=started.frame_x, frame_y=started.frame_y), *fit.validation.values()])
        started.child.end(
            "COMPLETE", inputs=inputs, outputs=[model_dataset(model, started)], run_facets=facets
        )

    def validated(self, fit: NativeFit, curve: Curve) -> None:
        """End a cross-validation."""
        started = fit.started
        if started.child is not None:
            inputs = _inputs([Matrix(frame_x=started.frame_x, frame_y=started.frame_y)])
            facets = {"lineproof_metrics": Metrics(metrics=curve.metrics(started.site))}
            started.child.end("COMPLETE", inputs=inputs, run_facets=facets)

    def failed(self, fit: NativeFit, error: BaseException) -> None:
        """End a fit that raised."""
        if fit.started.child is not None:
            message = self._session.error_message(error)
            fit.started.child.end("FAIL", run_facets={"errorMessage": message})

    def _settings(self, fit: NativeFit, resolved: Mapping[str, Any]) -> Hyperparameters:
        """Settings as given, over what the library made of them."""
        started = fit.started
        fitted_on = Matrix(frame_x=started.frame_x)
        splits = {name: _size(part) for name, part in {"X": fitted_on, **fit.validation}.items()}
        return Hyperparameters(
            estimator=f"{self._library}.Booster",
            given=fit.given,
            resolved={**fit.given, **{name: _plain(value) for name, value in resolved.items()}},
            splits=splits,
        )

    def predicting(self, booster: Any, matrix: Matrix) -> Started:
        """Begin a prediction."""
        model = fitted(booster)
        started = Started(
            method="predict",
            site=self._session.site(),
            columns=matrix.columns,
            table=matrix.table,
            label=None if model is None else model.label,
            frame_x=matrix.frame_x,
            model=model,
        )
        if not self._session.worker and self._budget.spend(started.site, "predict"):
            started.child = self._session.child("PREDICT", f"{self._library}.Booster.predict")
        return started

    def predicted(self, call: Call) -> None:
        """End a prediction: what it gave comes from its input, by what the booster learned."""
        started: Started = call.token
        context = Context(label=started.label)
        attach_prediction(call.result, call.args[0], started, context, fits=False)
        child, frame, model = started.child, started.frame_x, started.model
        if child is None:
            return
        inputs = _inputs([Matrix(frame_x=frame)])
        if model is not None:
            inputs.append(versioned(model.namespace, model.name, model.version))
        outputs = []
        if frame is not None and hasattr(call.result, "shape"):
            result = memory_frame(self._session, call.result, "predict.out", site=started.site)
            memory = [in_memory(frame, name) for name in frame.columns]
            origin = combined(memory, f"{self._library}.predict")
            lineage = lineage_facet(result.columns, (origin,) * len(result.columns))
            outputs.append(result.as_output(with_model(lineage, model), "PREDICTIONS"))
        child.end("COMPLETE", inputs=inputs, outputs=outputs)


def _inputs(matrices: Sequence[Matrix]) -> list[Any]:
    frames = [frame for matrix in matrices for frame in matrix.frames]
    origins = [origin for frame in frames for origin in frame.origins]
    return [frame.as_input() for frame in frames] + source_datasets(origins)


def _size(matrix: Matrix) -> dict[str, int]:
    frame = matrix.frame_x
    return {} if frame is None else {"rows": frame.rows, "columns": len(frame.columns)}


def _seeds(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in settings.items() if name == "random_state" or name.endswith("seed")
    }


def _plain(value: Any) -> Any:
    """Give a number that a library writes as text as the number."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    return value
