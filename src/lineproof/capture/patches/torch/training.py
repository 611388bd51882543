"""One training: from the first step of an optimiser to its checkpoint, or to the end of the program."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.edges import source_datasets
from lineproof.capture.fitted import FittedModel, keep_fitted
from lineproof.capture.patches.boosting.matrices import Matrix
from lineproof.capture.patches.sklearn.calls import Started
from lineproof.capture.patches.sklearn.records import describe, model_dataset
from lineproof.capture.patches.sklearn.scores import metric
from lineproof.capture.patches.sklearn.settings import json_value
from lineproof.capture.patches.torch.data import Data, Loader
from lineproof.capture.randomness import random_states
from lineproof.capture.saved import qualified
from lineproof.model.facets import Environment, Hyperparameters, Metrics

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["Training"]


class Training:
    """A training in progress.

    Args:
        session: The recording.
        optimizer: Whose steps make it.
        module: The model whose parameters it moves; None when that was not seen.
        data: The loaders of the program.
    """

    def __init__(self, session: Session, optimizer: Any, module: Any, data: Data) -> None:
        self._session = session
        self._data = data
        self._optimizer = weakref.ref(optimizer)
        self._module = None if module is None else weakref.ref(module)
        self._kind = "torch.nn.Module" if module is None else qualified(type(module))
        self._pointers = {parameter.data_ptr() for parameter in _parameters(optimizer)}
        self._losses: list[tuple[int, Any]] = []
        self._steps = 0
        self._loader: Loader | None = None
        self._evaluated: list[Loader] = []
        self._site = session.site()
        facets = {
            "lineproof_hyperparameters": self._settings(optimizer),
            "lineproof_environment": Environment(seeds=random_states()),
        }
        self._child = session.child("FIT", f"{self._kind.rpartition('.')[2]}.fit", run_facets=facets)
        self.model: FittedModel | None = None

    @property
    def module(self) -> Any:
        """The model, while it lives."""
        return None if self._module is None else self._module()

    @property
    def ended(self) -> bool:
        """Whether it was recorded whole."""
        return self.model is not None

    def is_of(self, tensors: Iterable[Any]) -> bool:
        """Whether any of these tensors is a parameter that it moves."""
        return any(hasattr(one, "data_ptr") and one.data_ptr() in self._pointers for one in tensors)

    def step(self) -> None:
        """Take note of a step."""
        self._steps += 1
        latest = self._data.latest
        if latest is not None and latest is not self._loader:
            latest.trains = True
            self._loader = self._loader or latest

    def loss(self, value: Any) -> None:
        """Keep the loss of the batch: the last of each pass is a figure. It is read at the end alone."""
        passes = 0 if self._data.latest is None else self._data.latest.passes
        if self._losses and self._losses[-1][0] == passes:
            self._losses.pop()
        self._losses.append((passes, value))

    def end(self) -> FittedModel:
        """Record it whole: what it learned from, its figures, the model."""
        if self.model is not None:
            return self.model
        matrix = Matrix() if self._loader is None else self._loader.matrix
        if self._loader is None:
            self._session.gap(f"{self._site}: a training without a data loader: its data was not seen")
        started = Started(
            method="fit",
            site=self._site,
            columns=matrix.columns,
            label=matrix.label,
            frame_x=matrix.frame_x,
            frame_y=matrix.frame_y,
        )
        model = describe(self.module, started, self._child.run_id, None)
        name = f"{self._site}/{self._kind.rpartition('.')[2]}"
        self.model = msgspec.structs.replace(model, estimator=self._kind, name=name)
        if self.module is not None:
            keep_fitted(self.module, self.model)
        for feature in self.model.features:
            self._session.feature_coverage(feature.origin.precision)
        self._finish(started, self.model)
        return self.model

    def _finish(self, started: Started, model: FittedModel) -> None:
        frames = list(started.frames)
        for loader in self._data.used:
            if not loader.trains:
                frames += loader.matrix.frames
        origins = [origin for frame in frames for origin in frame.origins]
        optimizer = self._optimizer()
        facets: dict[str, Any] = {"lineproof_metrics": Metrics(metrics=self._figures())}
        if optimizer is not None:
            facets["lineproof_hyperparameters"] = self._settings(optimizer)
        self._child.end(
            "COMPLETE",
            inputs=[frame.as_input() for frame in frames] + source_datasets(origins),
            outputs=[model_dataset(model, started)],
            run_facets=facets,
        )

    def _figures(self) -> list[Any]:
        found = []
        for at, (_, loss) in enumerate(self._losses):
            try:
                found.append(metric("loss", float(loss), self._site, at))
            except Exception:  # noqa: S112 - a loss of several numbers is no figure
                continue
        return found

    def _settings(self, optimizer: Any) -> Hyperparameters:
        defaults = {name: json_value(value) for name, value in optimizer.defaults.items()}
        first = optimizer.param_groups[0]
        now = {name: json_value(value) for name, value in first.items() if name != "params"}
        parameters = list(_parameters(optimizer))
        loader = self._loader or self._data.latest
        settings = {"optimizer": qualified(type(optimizer)), **now}
        if loader is not None:
            settings |= {f"loader.{name}": value for name, value in loader.settings.items()}
            settings["epochs"] = loader.passes
        settings["steps"] = self._steps
        settings["parameters"] = sum(one.numel() for one in parameters)
        return Hyperparameters(
            estimator=self._kind, given={"optimizer": settings["optimizer"], **defaults}, resolved=settings
        )


def _parameters(optimizer: Any) -> Iterable[Any]:
    return (parameter for group in optimizer.param_groups for parameter in group["params"])
