"""How scikit-learn is observed: every estimator, those of other libraries and of the program included."""

from __future__ import annotations

from lineproof.capture.patches.sklearn.patch import SklearnPatch

__all__ = ["SklearnPatch"]
