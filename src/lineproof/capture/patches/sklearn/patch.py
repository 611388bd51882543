"""Where the hooks go: on every class below `BaseEstimator`, when it is made, and on a few functions."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.sklearn.calls import METHODS
from lineproof.capture.patches.sklearn.datasets import Loaders
from lineproof.capture.patches.sklearn.estimators import Estimators
from lineproof.capture.patches.sklearn.scores import Scores
from lineproof.capture.patches.sklearn.splits import Splits
from lineproof.capture.patches.sklearn.tracking import Tracker

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.session import Session

__all__ = ["DatasetsPatch", "MetricsPatch", "SamplingPatch", "SelectionPatch", "SklearnPatch"]


class SklearnPatch:
    """Observes all estimators."""

    library = "sklearn"

    def install(self, module: ModuleType, session: Session) -> None:  # noqa: ARG002 - classes are found by descent
        """Wrap the methods of every estimator class, those of the future included."""
        Classes(session).install()


class MetricsPatch:
    """Observes the functions that measure."""

    library = "sklearn.metrics"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the functions that give a figure."""
        Scores(session).install_metrics(module)


class SelectionPatch:
    """Observes splitting and cross-validation."""

    library = "sklearn.model_selection"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap `train_test_split` and the functions of cross-validation."""
        Scores(session).install_validation(module)
        Splits(session).install_selection(module)


class SamplingPatch:
    """Observes `resample` and `shuffle`."""

    library = "sklearn.utils"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the two functions."""
        Splits(session).install_sampling(module)


class DatasetsPatch:
    """Observes the data that comes with the library."""

    library = "sklearn.datasets"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the functions that give a data set."""
        Loaders(session).install(module)


class _Making(threading.local):
    depth = 0


class Classes:
    """Wraps the methods of estimator classes, those of the future included."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._instrument = session.instrument
        self._tracker = Tracker(session)
        self._estimators = Estimators(session, self._tracker)
        self._scores = Scores(session)
        self._done: weakref.WeakSet[type] = weakref.WeakSet()
        self._making = _Making()

    def install(self) -> None:
        """Wrap all classes there are, and see to it that later ones are wrapped when they are made."""
        base = sys.modules["sklearn.base"]
        for name in ("TransformerMixin", "ClassifierMixin", "RegressorMixin", "ClusterMixin", "OutlierMixin"):
            self._wrap_class(getattr(base, name))
        for kind in _below(base.BaseEstimator):
            self._wrap_lineage(kind)
        for owner in ("sklearn.utils._metadata_requests", "sklearn.utils._set_output"):
            for mixin in ("_MetadataRequester", "_SetOutputMixin"):
                found = getattr(sys.modules[owner], mixin, None)
                if found is not None and "__init_subclass__" in vars(found):
                    self._watch(found)

    def _watch(self, mixin: type) -> None:
        """Hear of new classes, after the library's own work on them.

        Mixins call each other's `__init_subclass__`; where the outermost one ends, the class is ready.
        """
        making = self._making

        def make(function: Callable[..., Any]) -> Callable[..., Any]:
            def made(kind: type, /, **keywords: Any) -> None:
                making.depth += 1
                try:
                    function(kind, **keywords)
                finally:
                    making.depth -= 1
                if making.depth == 0 and self._instrument.enabled:
                    try:
                        self._wrap_lineage(kind)
                    except Exception as error:
                        self._session.fault(f"class {kind.__qualname__}", error)

            return made

        self._instrument.replace(mixin, "__init_subclass__", make)

    def _wrap_lineage(self, kind: type) -> None:
        for base in kind.__mro__:
            if base is not object and base.__module__ not in {"abc", "typing"}:
                self._wrap_class(base)

    def _wrap_class(self, kind: type) -> None:
        if kind in self._done:
            return
        self._done.add(kind)
        for method in METHODS:
            value = vars(kind).get(method)
            if value is None:
                continue
            # a method that exists on a condition keeps its function in an attribute of a descriptor
            conditional = hasattr(value, "fn") and hasattr(value, "check")
            self._wrap_method(kind, method, value if conditional else kind, "fn" if conditional else method)
        if kind.__name__ == "FunctionTransformer" and kind.__module__.startswith("sklearn."):
            self._instrument.replace(kind, "_transform", self._tracker.follow_function)
        self._wrap_surroundings(kind)

    def _wrap_method(self, kind: type, method: str, owner: Any, attribute: str) -> None:
        name = f"sklearn.{kind.__name__}.{method}"
        follow = self._tracker.follow(kind, method)
        if follow is not None:
            self._instrument.replace(owner, attribute, follow)
        if method == "score":
            self._instrument.wrap(owner, attribute, name=name, after=self._scores.scored)
            return
        self._instrument.wrap(
            owner,
            attribute,
            name=name,
            before=self._estimators.before,
            after=self._estimators.after,
            on_error=True,
        )

    def _wrap_surroundings(self, kind: type) -> None:
        """Follow columns where `ColumnTransformer` cuts its input, and keep helpers' threads quiet."""
        if kind.__name__ == "ColumnTransformer" and kind.__module__.startswith("sklearn."):
            self._instrument.replace(
                sys.modules[kind.__module__], "_safe_indexing", self._tracker.follow_slices
            )
        parallel = sys.modules.get("sklearn.utils.parallel")
        if parallel is not None:
            self._instrument.replace(parallel._FuncWrapper, "__init__", Tracker.hush)
            self._instrument.replace(parallel._FuncWrapper, "__call__", Tracker.hushed)


def _below(kind: type) -> Iterator[type]:
    yield kind
    child: type
    for child in kind.__subclasses__():
        yield from _below(child)
