"""Gradient boosting by XGBoost and LightGBM: their own interfaces.

Their scikit-learn interfaces are estimators like any other; what is here besides is where their
training curves, their early stopping and their own model files are read.
"""

from __future__ import annotations

from lineproof.capture.patches.boosting.lightgbm import LightgbmPatch
from lineproof.capture.patches.boosting.xgboost import XgboostPatch

__all__ = ["LightgbmPatch", "XgboostPatch"]
