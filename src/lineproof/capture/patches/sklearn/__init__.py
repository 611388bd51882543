"""How scikit-learn is observed: every estimator, those of other libraries and of the program included."""

from __future__ import annotations

from lineproof.capture.patches.sklearn.patch import (
    DatasetsPatch,
    MetricsPatch,
    SamplingPatch,
    SelectionPatch,
    SklearnPatch,
)

__all__ = ["DatasetsPatch", "MetricsPatch", "SamplingPatch", "SelectionPatch", "SklearnPatch"]
