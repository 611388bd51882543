"""Metrics and parameters that a program reports one by one, kept until there are enough for one event."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineproof.model.facets import Metric

__all__ = ["Noted"]

_AT_MOST = 100
_LONGEST_S = 1.0


class Noted:
    """What was noted of one run and not written as yet.

    Parameters of a run that is no fit ride in `lineproof_hyperparameters` with an empty `estimator`.
    """

    def __init__(self) -> None:
        self._metrics: list[Metric] = []
        self._parameters: dict[str, Any] = {}
        self._fresh = 0
        self._since = 0.0

    def metric(self, metric: Metric) -> None:
        """Keep a metric."""
        self._metrics.append(metric)
        self._one_more()

    def parameter(self, name: str, value: Any) -> None:
        """Keep a parameter."""
        self._parameters[name] = value
        self._one_more()

    def due(self) -> bool:
        """Whether it is time to write: a process that is killed should lose little."""
        return self._fresh >= _AT_MOST or time.monotonic() - self._since >= _LONGEST_S

    def facets(self, others: Mapping[str, Any] | None) -> dict[str, Any]:
        """Give the facets to write, added to `others`; what is given here counts as written."""
        facets = dict(others or {})
        if not self._fresh:
            return facets
        from lineproof.model.facets import Hyperparameters, Metrics

        if self._metrics:
            there = facets.get("lineproof_metrics")
            facets["lineproof_metrics"] = Metrics(metrics=[*(there.metrics if there else ()), *self._metrics])
        if self._parameters:
            facets.setdefault(
                "lineproof_hyperparameters",
                Hyperparameters(estimator="", given=dict(self._parameters), resolved={}),
            )
        self._metrics = []
        self._fresh = 0
        return facets

    def _one_more(self) -> None:
        if not self._fresh:
            self._since = time.monotonic()
        self._fresh += 1
