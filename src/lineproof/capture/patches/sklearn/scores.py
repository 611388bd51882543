"""Figures that the program measured: functions of `sklearn.metrics`, scores, cross-validation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from lineproof.capture.patches.sklearn.calls import argument, columns_in, label_of
from lineproof.capture.patches.sklearn.predictions import used_columns
from lineproof.capture.patches.sklearn.results import attach_everywhere
from lineproof.capture.provenance.table import combined
from lineproof.model.facets import Metric

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["Scores", "metric"]

_ENDINGS = ("_score", "_error", "_loss", "_deviance", "_coef", "_ratios")
_OTHERS = ("auc",)


def metric(name: str, value: Any, site: str, step: int | None = None) -> Metric:
    """Give one measured figure."""
    number = float(value)
    finite = math.isfinite(number)
    return Metric(
        name=name,
        value=number if finite else None,
        text=UNSET if finite else str(number),
        step=UNSET if step is None else step,
        site=site,
    )


class Scores:
    """Hooks of what measures."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def install_metrics(self, module: ModuleType) -> None:
        """Wrap the functions of `sklearn.metrics` that give a figure."""
        for name in module.__all__:
            if name.endswith(_ENDINGS) or name in _OTHERS:
                self._session.instrument.wrap(
                    module, name, name=f"sklearn.metrics.{name}", after=self._measured
                )

    def install_validation(self, module: ModuleType) -> None:
        """Wrap cross-validation of `sklearn.model_selection`."""
        for name, after in (
            ("cross_val_score", self._validated),
            ("cross_validate", self._validated),
            ("cross_val_predict", self._predicted),
        ):
            self._session.instrument.wrap(module, name, name=f"sklearn.model_selection.{name}", after=after)

    def scored(self, call: Call) -> None:
        """Record what `estimator.score` gave."""
        self._record(f"{type(call.args[0]).__name__}.score", [call.result])

    def _measured(self, call: Call) -> None:
        self._record(call.name.rpartition(".")[2], [call.result])

    def _validated(self, call: Call) -> None:
        estimator = argument(call, -1, ("estimator",))
        prefix = f"{call.name.rpartition('.')[2]}.{type(estimator).__name__}"
        if not isinstance(call.result, dict):
            self._record(prefix, call.result, steps=True)
            return
        for name, values in call.result.items():
            if str(name).startswith(("test_", "train_")):
                self._record(f"{prefix}.{name}", values, steps=True)

    def _record(self, name: str, values: Iterable[Any], *, steps: bool = False) -> None:
        site = self._session.site()
        for step, value in enumerate(values):
            if getattr(value, "ndim", 0) == 0 and hasattr(value, "__float__"):
                self._session.metric(metric(name, value, site, step if steps else None))

    def _predicted(self, call: Call) -> None:
        """Predictions of folds: each row by a model that learned from the other rows."""
        estimator = argument(call, -1, ("estimator",))
        x, y = argument(call, 0, ("X",)), argument(call, 1, ("y",))
        columns, table = columns_in(x)
        labels = tuple(getattr(x, "columns", range(len(columns))))
        origin = combined(used_columns(estimator, columns, labels), "sklearn.cross_val_predict")
        label = label_of(call, y)
        attach_everywhere(call.result, origin if label is None else origin.under(label), table)
