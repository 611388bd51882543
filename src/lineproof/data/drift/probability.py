"""Tails of the distributions that noise floors are made of; no dependency, exact enough far out."""

from __future__ import annotations

import math
from statistics import NormalDist

__all__ = [
    "chi_square_quantile",
    "chi_square_tail",
    "kolmogorov_quantile",
    "kolmogorov_tail",
    "normal_quantile",
    "normal_tail",
    "skewed_quantile",
]

_NORMAL = NormalDist()
_SMALLEST = 1e-300
_PRECISION = 1e-12
_TERMS = 10_000


def normal_tail(z: float) -> float:
    """Give the chance that a standard normal variable is further from 0 than `z`, on either side."""
    return math.erfc(abs(z) / math.sqrt(2))


def normal_quantile(alpha: float) -> float:
    """Give the distance from 0 that a standard normal variable exceeds with chance `alpha`, two-sided."""
    return -_NORMAL.inv_cdf(max(alpha, _SMALLEST) / 2)


def skewed_quantile(alpha: float, skew: float, excess: float, freedom: float) -> float:
    """Give the two-sided quantile of a standardised mean that is not quite normal.

    Cornish-Fisher: a rare value makes the mean of a small sample skewed and heavy-tailed, a variance
    that was itself estimated adds Student's correction. Terms that would lower the quantile are left out.

    Args:
        alpha: Chance to exceed it.
        skew: Skewness of the standardised mean.
        excess: Excess kurtosis of the standardised mean.
        freedom: How many independent values the variance was estimated from.
    """
    z = normal_quantile(alpha)
    wider = abs(skew) * (z * z - 1) / 6 + max(excess, 0.0) * (z**3 - 3 * z) / 24
    return z + max(wider, 0.0) + (z**3 + z) / (4 * max(freedom, 1.0))


def chi_square_tail(x: float, freedom: float) -> float:
    """Give the chance that a chi-square variable of `freedom` degrees (any positive real) exceeds `x`."""
    if x <= 0:
        return 1.0
    a, half = freedom / 2, x / 2
    lead = math.exp(max(a * math.log(half) - half - math.lgamma(a), -700.0))
    return 1 - lead * _series(a, half) if half < a + 1 else lead * _fraction(a, half)


def chi_square_quantile(alpha: float, freedom: float) -> float:
    """Give the value that a chi-square variable of `freedom` degrees exceeds with chance `alpha`."""
    low, high = 0.0, freedom + 10.0
    while chi_square_tail(high, freedom) > alpha:
        low, high = high, high * 2
    for _ in range(100):
        middle = (low + high) / 2
        if chi_square_tail(middle, freedom) > alpha:
            low = middle
        else:
            high = middle
        if high - low < _PRECISION * high:
            break
    return high


def kolmogorov_tail(distance: float) -> float:
    """Give the chance that the scaled Kolmogorov distance of two equal distributions exceeds `distance`.

    A bound rather than the series: its first term, at most 1. Ties make it smaller still.
    """
    return min(1.0, 2 * math.exp(-2 * distance * distance))


def kolmogorov_quantile(alpha: float) -> float:
    """Give the scaled Kolmogorov distance that equal distributions exceed with chance at most `alpha`."""
    return math.sqrt(-math.log(max(alpha, _SMALLEST) / 2) / 2)


def _series(a: float, x: float) -> float:
    """Lower incomplete gamma by its series, without the leading factor (for x below a + 1)."""
    term = total = 1 / a
    for step in range(1, _TERMS):
        term *= x / (a + step)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _fraction(a: float, x: float) -> float:
    """Upper incomplete gamma by its continued fraction, without the leading factor (Lentz's method)."""
    b = x + 1 - a
    c = 1 / _SMALLEST
    d = 1 / b
    total = d
    for step in range(1, _TERMS):
        factor = -step * (step - a)
        b += 2
        d = 1 / _apart(factor * d + b)
        c = _apart(b + factor / c)
        change = d * c
        total *= change
        if abs(change - 1) < _PRECISION:
            break
    return total


def _apart(value: float) -> float:
    """Keep a divisor off zero."""
    return value if abs(value) > _SMALLEST else _SMALLEST
