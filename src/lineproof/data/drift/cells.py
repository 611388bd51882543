"""Chi-square of counts on two sides, with the moments that it has when nothing changed.

The textbook distribution needs several rows per cell. With as many categories as rows it is far off:
that is how unchanged postcodes raise alarms. Conditional on the pooled count of each cell its mean and
variance are known, and a scaled chi-square with these two is close however few rows a cell has.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lineproof.data.drift.findings import Finding
from lineproof.data.drift.probability import chi_square_quantile, chi_square_tail

__all__ = ["chi_finding"]

_NOTHING = 1e-6  # relative variance below which the statistic is a constant


def chi_finding(
    reference: Any, current: Any, alpha: float, *, test: str, kind: str, least: float
) -> Finding | None:
    """Test whether cells have the same shares on both sides.

    The score is the chi distance, sqrt(sum (p - q)^2 / pooled share), after the part that is expected
    of mere sampling has been taken off; its square is close to the PSI.

    Args:
        reference: Independent rows per cell of the reference.
        current: The same of the current window.
        alpha: Chance of a score beyond the floor when nothing changed.
        test: Name of the test.
        kind: What a drift found by it is called.
        least: The chi distance from which on it is worth telling.

    Returns:
        Nothing where the statistic cannot vary, as with values that all occur once.
    """
    near, far = float(reference.sum()), float(current.sum())
    pooled = reference + current
    reference, current, pooled = reference[pooled > 0], current[pooled > 0], pooled[pooled > 0]
    if len(pooled) < 2 or not near or not far:  # noqa: PLR2004 - one cell has nothing to differ from
        return None
    total = near + far
    statistic = float(((current / far - reference / near) ** 2 / pooled).sum()) * near * far
    mean, variance = _moments(pooled, far / total)
    if variance < _NOTHING * mean:
        return None
    scale, freedom = variance / (2 * mean), 2 * mean * mean / variance
    noise = 1 / near + 1 / far
    floor = math.sqrt(max(chi_square_quantile(alpha, freedom) * scale - mean, 0.0) * noise)
    score = math.sqrt(max(statistic - mean, 0.0) * noise)
    p = chi_square_tail(statistic / scale, freedom)
    return Finding(test, kind, score, floor, max(floor, least), p)


def _moments(pooled: Any, share: float) -> tuple[float, float]:
    """Give mean and variance of the chi-square, given the pooled counts and the current side's share.

    Each cell's current count is binomial, given that all add up to the rows of the current side; the
    condition takes off what the sum explains of the statistic.
    """
    sizes, times = np.unique(pooled, return_counts=True)
    p, q = share, 1 - share
    # For binomial c out of t: variance of (c - t p)^2 / (t p q), and its covariance with c, which is q - p.
    variance = 2 + (1 - 6 * p * q) / (sizes * p * q)
    total = float((times * sizes).sum())
    cells = float(times.sum())
    explained = (cells * (q - p)) ** 2 / (total * p * q) + 2  # 2: the condition costs a degree of freedom
    mean = (cells - 1) * total / max(total - 1, 1.0)
    return mean, max(float((times * variance).sum()) - explained, 0.0)
