"""What is known of each fitted estimator, kept beside it.

Nothing is stored on the estimator: a copy, a clone and a pickle of it are what they would have been.
A copy is another estimator, of which nothing is known until it is fitted or loaded from a known file.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from lineproof.capture.kinds import is_model_class
from lineproof.capture.provenance.table import ColumnOrigin
from lineproof.model.openlineage import MEMORY_NAMESPACE

__all__ = [
    "Beside",
    "Feature",
    "FittedModel",
    "fitted",
    "in_file",
    "is_estimator",
    "keep_fitted",
    "keep_in_file",
    "parts_of",
]


Value = TypeVar("Value")


class Feature(msgspec.Struct, frozen=True):
    """A column of what an estimator was fitted on.

    Attributes:
        name: As text.
        column: The same column in the dataset `FittedModel.trained_on`.
        origin: Where its values came from, as far as this process knows.
    """

    name: str
    column: str
    origin: ColumnOrigin


class FittedModel(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one fitted estimator.

    Attributes:
        estimator: Full class name.
        run: Run that fitted it; None when it was fitted elsewhere.
        namespace: `memory`, or `model` once a file holds it.
        name: Dataset name of the model.
        version: Its content: `run:<uuid>` in memory, `sha256:<hex>` in a file; None when not known.
        features: What it was fitted on.
        label: Origin of the target; None when it was fitted without one.
        trained_on: Memory datasets (name, version) of X.
        label_columns: Memory datasets (name, version) and columns of y.
        path: File that holds it.
        origins_known: This process saw the data it was fitted on; else `features` have names alone.
    """

    estimator: str
    run: str | None = None
    namespace: str = MEMORY_NAMESPACE
    name: str
    version: str | None
    features: tuple[Feature, ...] = ()
    label: ColumnOrigin | None = None
    trained_on: tuple[tuple[str, str], ...] = ()
    label_columns: tuple[tuple[str, str, str], ...] = ()
    path: str | None = None
    origins_known: bool = True


class Beside(Generic[Value]):
    """Values that belong to objects, by identity, for as long as the object lives."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[weakref.ref[Any], Value]] = {}

    def set(self, obj: Any, value: Value) -> None:
        """Keep `value` beside `obj`; an object that allows no weak reference is left alone."""
        key = id(obj)

        def forget(_: Any) -> None:
            self._kept.pop(key, None)

        try:
            self._kept[key] = (weakref.ref(obj, forget), value)
        except TypeError:
            return

    def get(self, obj: Any) -> Value | None:
        """Give what is kept beside `obj`."""
        kept = self._kept.get(id(obj))
        return kept[1] if kept is not None and kept[0]() is obj else None


_fitted: Beside[FittedModel] = Beside()
_files: dict[str, tuple[FittedModel, ...]] = {}


def fitted(estimator: Any) -> FittedModel | None:
    """Give what is known of a fitted estimator."""
    return _fitted.get(estimator)


def keep_fitted(estimator: Any, model: FittedModel) -> None:
    """Remember what is known of a fitted estimator and its parts; a later fit replaces it."""
    for part in parts_of(estimator):
        _fitted.set(part, model)


def is_estimator(obj: Any) -> bool:
    """Whether an object is a model: it follows scikit-learn's convention, or is another library's own."""
    return not isinstance(obj, type) and is_model_class(type(obj))


_PARTS_IN = ("best_estimator_", "steps", "transformers_", "transformer_list", "_Booster")


def parts_of(estimator: Any) -> Iterator[Any]:
    """Give the estimator and the fitted estimators it is made of, which a program may take out and use."""
    yield estimator
    attributes = getattr(estimator, "__dict__", {})
    for name in _PARTS_IN:
        value = attributes.get(name)
        for part in value if isinstance(value, list) else [value]:
            inner = part[1] if isinstance(part, tuple) and len(part) > 1 else part
            if is_estimator(inner):
                yield from parts_of(inner)


def in_file(digest: str) -> tuple[FittedModel, ...]:
    """Give the models that this process wrote into the file of this content, in order."""
    return _files.get(digest, ())


def keep_in_file(digest: str, models: tuple[FittedModel, ...]) -> None:
    """Remember which models a file holds, so that loading it again in this process recognises them."""
    _files[digest] = models
