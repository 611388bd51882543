"""Model versions and logged predictions: what a program says about its models itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from lineproof.capture import session as sessions
from lineproof.capture.boundary import memory_frame, record_frames
from lineproof.capture.fitted import FittedModel, fitted, keep_fitted
from lineproof.capture.saved import keep_version, unknown_model
from lineproof.capture.tabular import columns_as_json, ids_as_text, json_of
from lineproof.errors import CaptureUsageError
from lineproof.model.entries import EntryType, PredictionSegment
from lineproof.model.identity import now, uuid7
from lineproof.model.openlineage import MEMORY_NAMESPACE, MODEL_NAMESPACE
from lineproof.model.references import Kind, Reference

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["ModelVersion", "log_predictions", "register_model"]

_SEGMENT = 1_000  # predictions per entry: small enough to destroy one without losing many
_log = logging.getLogger("lineproof")
_warned: set[str] = set()


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A model under a name, with one content.

    Attributes:
        name: Name of the model.
        digest: `sha256:<hex>` of the file that holds it; None when no file is known.
        fit_run: Run that fitted it, UUID; None when that is not known.
        number: Its number `N` in `model:NAME@N`; None until the record has been taken in.
    """

    name: str
    digest: str | None = None
    fit_run: str | None = None
    number: int | None = None

    @property
    def reference(self) -> str:
        """The reference by which `lineproof show` and `trace` find it."""
        version = self.digest if self.number is None else str(self.number)
        return str(Reference(kind=Kind.MODEL, name=self.name, version=version))


def register_model(model: Any, *, name: str, path: Any = None) -> ModelVersion:
    """Give a fitted model a name of its own in the record.

    Args:
        model: The fitted estimator.
        name: Name that people use for it; `@`, `#` and `::` are allowed.
        path: File that holds it, when it was saved by other means than joblib or pickle.

    Returns:
        The model version; outside a recording it has nothing but its name.

    Raises:
        CaptureUsageError: There is no model, no name, or no file at `path`.
    """
    if model is None or isinstance(model, (str, bytes, type)):
        raise CaptureUsageError(f"register_model was given {type(model).__name__} where a model must stand")
    if not isinstance(name, str) or not name.strip():
        raise CaptureUsageError("register_model needs a name of at least one character")
    if path is not None and not Path(path).is_file():
        raise CaptureUsageError(f"register_model: there is no file {path}", "save the model first")
    session = sessions.active()
    if session is None:
        _warn_once("register_model")
        return ModelVersion(name=name)
    try:
        return _register(session, model, name, path)
    except Exception as error:
        session.fault("register_model", error)
        return ModelVersion(name=name)


def _register(session: Session, model: Any, name: str, path: Any) -> ModelVersion:
    known = fitted(model) or unknown_model(model)
    where = path if path is not None else known.path
    file = None if where is None else session.files.read(where)
    registered = keep_version(session, known, name, file, registered=True)
    keep_fitted(model, registered)
    return ModelVersion(name=name, digest=None if file is None else file.digest, fit_run=known.run)


def log_predictions(
    model: Any, *, ids: Any, inputs: Any = None, outputs: Any, post_processing: Any = None
) -> None:
    """Record predictions one by one, so that each can be explained later.

    Args:
        model: The estimator, the `ModelVersion`, or the name of a registered model.
        ids: One id per prediction, unique per model version. Where they are a column that was declared as
            `subject`, each prediction is stored encrypted for the person it is about.
        inputs: The features used, a row per prediction; left out, they are not kept.
        outputs: What the model gave, a value or a row per prediction: list, array, series, frame or
            mapping of columns.
        post_processing: What was done to the model's output: thresholds, rules.

    Raises:
        CaptureUsageError: The arguments do not fit each other.
    """
    texts = ids_as_text(ids)
    given = columns_as_json(outputs, "output", len(texts))
    features = None if inputs is None else columns_as_json(inputs, "x", len(texts))
    known = _known(model)
    session = sessions.active()
    if session is None:
        _warn_once("log_predictions")
        return
    try:
        from lineproof.capture.people import space_of

        _log_segments(
            session,
            known,
            ids=texts,
            space=space_of(ids),
            outputs=given,
            features=features,
            inputs=inputs,
            post_processing=json_of(post_processing),
        )
    except Exception as error:
        session.fault("log_predictions", error)


def _known(model: Any) -> FittedModel:
    if isinstance(model, ModelVersion):
        return FittedModel(estimator="", namespace=MODEL_NAMESPACE, name=model.name, version=model.digest)
    if isinstance(model, str) and model:
        return FittedModel(estimator="", namespace=MODEL_NAMESPACE, name=model, version=None)
    if model is None or isinstance(model, (str, bytes, type)):
        raise CaptureUsageError(f"log_predictions was given {model!r} where a model must stand")
    return fitted(model) or unknown_model(model)


def _log_segments(
    session: Session,
    model: FittedModel,
    *,
    ids: list[str],
    space: str | None,
    outputs: dict[str, list[Any]],
    features: dict[str, list[Any]] | None,
    inputs: Any,
    post_processing: Any,
) -> None:
    origin = None
    if inputs is not None:
        frame = memory_frame(session, inputs, "predictions.X")
        record_frames(session, [frame])
        origin = {"namespace": MEMORY_NAMESPACE, "name": frame.name, "version": frame.version}
    for part in _slices(len(ids)):
        session.entry(
            EntryType.PREDICTION_SEGMENT,
            PredictionSegment(
                segment=uuid7(),
                run=session.run_id,
                model_namespace=model.namespace,
                model_name=model.name,
                model_version=model.version,
                ids=ids[part],
                subject_space=UNSET if space is None else space,
                outputs={name: values[part] for name, values in outputs.items()},
                inputs=None
                if features is None
                else {name: values[part] for name, values in features.items()},
                post_processing=post_processing,
                features_from=origin,
                time=now(),
            ),
        )


def _slices(rows: int) -> Iterator[slice]:
    for start in range(0, rows, _SEGMENT):
        yield slice(start, start + _SEGMENT)


def _warn_once(function: str) -> None:
    """Say once that nothing is recorded; never by an exception or a warning that may become one."""
    if function not in _warned:
        _warned.add(function)
        _log.warning(
            "lineproof.%s: nothing is being recorded; start the program with `lineproof run -- python ...`"
            " or call lineproof.autolog() first",
            function,
        )
