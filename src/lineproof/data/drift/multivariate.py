"""All columns at once: can a classifier tell the two windows apart?

Finds changes of how columns go together that leave each column as it was.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lineproof.data.drift.findings import MultivariateDrift
from lineproof.data.drift.kinds import CATEGORY, CLOCK, NUMBER, coded, kind_of, numbers
from lineproof.data.drift.probability import normal_quantile
from lineproof.data.drift.source import Table
from lineproof.data.drift.summary import TableSummary
from lineproof.errors import MissingExtraError

__all__ = ["tell_apart"]

_MOST_ROWS = 20_000  # of each side, evenly spaced
_MOST_CATEGORIES = 200
_CHANCE = 0.001
_LEAST = 0.55  # area under the curve worth telling
_FOLDS = 2


def tell_apart(
    reference: Table, current: Table, kept: TableSummary, found: TableSummary
) -> MultivariateDrift:
    """Train a classifier to tell the windows apart, and test it on rows it has not seen.

    Args:
        reference: The reference.
        current: The current window.
        kept: The reference's summary, which says what each column is.
        found: The current window's.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - an extra
        from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - an extra
        from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - an extra
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn
    except ImportError as missing:
        raise MissingExtraError("--multivariate needs scikit-learn") from missing
    names = [name for name in kept.columns if name in found.columns and _usable(name, kept, found)]
    sizes = [min(one.rows, _MOST_ROWS) for one in (reference, current)]
    if not names or min(sizes) < 2 * _FOLDS:
        return MultivariateDrift(drifted=False, score=0.5, threshold=1.0, columns=names)
    rows = np.column_stack([_column(name, reference, current) for name in names])
    side: Any = np.repeat([0, 1], sizes)
    areas = []
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(rows, side):
        model = HistGradientBoostingClassifier(max_iter=40, random_state=0, class_weight="balanced")
        with threadpool_limits(1):  # its threads wait for each other busily where processors are shared
            model.fit(rows[train], side[train])
            areas.append(roc_auc_score(side[test], model.predict_proba(rows[test])[:, 1]))
    error = math.sqrt((sum(sizes) + 1) / (12 * sizes[0] * sizes[1]))
    threshold = max(0.5 + normal_quantile(2 * _CHANCE) * error, _LEAST)
    score = float(np.mean(areas))
    return MultivariateDrift(drifted=score > threshold, score=score, threshold=threshold, columns=names)


def _usable(name: str, kept: TableSummary, found: TableSummary) -> bool:
    """Leave out what differs by nature: clocks, row numbers, columns with a season or of another type."""
    near, far = kept.columns[name], found.columns[name]
    if near.kind != far.kind or near.kind not in {NUMBER, CATEGORY} or CLOCK in {near.kind, far.kind}:
        return False
    cells = near.cells
    return not (getattr(cells, "ascending", False) or getattr(cells, "season", None) is not None)


def _column(name: str, reference: Table, current: Table) -> Any:
    """Give both sides' values of a column one after the other, categories as codes by frequency."""
    sides = [_spaced(one.column(name)) for one in (reference, current)]
    if sides[0].type == sides[1].type and _is_number(sides[0]):
        values = np.concatenate([numbers(one) for one in sides])
        return np.where(np.isfinite(values), values, np.nan)
    places: dict[str, int] = {}
    parts = []
    for side in sides:
        codes, texts = coded(side)
        common = np.array([places.setdefault(text, len(places)) for text in texts] + [-1])
        parts.append(common[codes])
    joined = np.concatenate(parts)
    _, first, counts = np.unique(joined, return_inverse=True, return_counts=True)
    rank = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
    return np.minimum(rank[first], _MOST_CATEGORIES).astype(float)


def _is_number(values: Any) -> bool:
    return kind_of(values.type) == NUMBER


def _spaced(values: Any) -> Any:
    if len(values) <= _MOST_ROWS:
        return values
    return values.take(np.linspace(0, len(values) - 1, _MOST_ROWS).astype(np.int64))
