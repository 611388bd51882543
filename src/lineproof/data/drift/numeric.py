"""Tests on numbers, from the rows per cell of a histogram that both sides share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lineproof.data.drift.cells import chi_finding
from lineproof.data.drift.findings import Finding
from lineproof.data.drift.linear import Scored, score_test
from lineproof.data.drift.probability import kolmogorov_quantile, kolmogorov_tail

if TYPE_CHECKING:
    from lineproof.data.drift.sizes import Sizes

__all__ = ["numeric_findings", "numeric_measures"]

TESTS = 4
# Effects below these are real in a million rows and of no consequence. House choices, see docs/drift.md.
LEAST_SHIFT = 0.05  # standard deviations, as of a normal distribution
LEAST_SPREAD = 0.05  # logarithm of the ratio of standard deviations
LEAST_DISTANCE = 0.025  # of the distribution functions
LEAST_CHI = 0.1  # about a PSI of 0.01
# How far a small shift (in deviations) and a small change of scale (logarithm) of a normal distribution
# move the mean of the standardised scores: sqrt(3 / pi), and sqrt(15) / pi.
_SHIFT_UNIT = 0.977
_SPREAD_UNIT = 1.233
_LEVELS = (0.005, 0.01, 0.025, *(step / 20 for step in range(1, 20)), 0.975, 0.99, 0.995)
_FEWEST = 10.0  # independent rows that a group of cells should have on the smaller side


def numeric_findings(reference: Any, current: Any, sizes: Sizes, alpha: float) -> list[Finding]:
    """Test location, spread, distance of the distribution functions, and shares of quantile groups.

    Args:
        reference: Rows per cell, in order of value.
        current: Rows per cell, for the same cells.
        sizes: Independent rows of both sides.
        alpha: Chance that any of the tests alarms when nothing changed.
    """
    each = alpha / TESTS
    rank = _midranks(reference, current)
    place = Scored(rank, reference, current)
    spread = Scored(Scored(place.values**2, reference, current).without(place), reference, current)
    found = (
        score_test(
            place, sizes, alpha=each, test="rank_location", kind="mean", least=LEAST_SHIFT, unit=_SHIFT_UNIT
        ),
        score_test(
            spread,
            sizes,
            alpha=each,
            test="rank_spread",
            kind="spread",
            least=LEAST_SPREAD,
            unit=_SPREAD_UNIT,
        ),
        _distance(reference, current, sizes, each),
        _groups(reference, current, rank, sizes, each),
    )
    return [one for one in found if one is not None]


def numeric_measures(reference: Any, current: Any, middles: Any, scale: float) -> dict[str, float]:
    """Give the customary measures: PSI, Jensen-Shannon, KS, Wasserstein in reference deviations."""
    codes = _codes(_midranks(reference, current))
    near = np.bincount(codes, reference)
    far = np.bincount(codes, current)
    measures = shares_measures(near, far)
    apart = np.cumsum(reference) / reference.sum() - np.cumsum(current) / current.sum()
    measures["ks"] = float(np.abs(apart).max(initial=0.0))
    if scale > 0 and len(middles) > 1:
        measures["wasserstein"] = float((np.abs(apart[:-1]) * np.diff(middles)).sum() / scale)
    return measures


def shares_measures(reference: Any, current: Any) -> dict[str, float]:
    """Give PSI (half a row added to each cell) and the Jensen-Shannon distance (base 2) of shares."""
    near, far = (side + 0.5 for side in (reference, current))
    near, far = near / near.sum(), far / far.sum()
    middle = (near + far) / 2
    divergence = (near * np.log2(near / middle) + far * np.log2(far / middle)).sum() / 2
    return {
        "psi": float(((far - near) * np.log(far / near)).sum()),
        "jensen_shannon": math.sqrt(max(float(divergence), 0.0)),
    }


def _midranks(reference: Any, current: Any) -> Any:
    """Give the share of the pooled rows below the middle of each cell."""
    pooled = reference + current
    return (np.cumsum(pooled) - pooled / 2) / pooled.sum()


def _codes(rank: Any) -> Any:
    """Give for each cell the group of quantiles it belongs to, numbered without gaps."""
    _, codes = np.unique(np.searchsorted(_LEVELS, rank), return_inverse=True)
    return codes


def _distance(reference: Any, current: Any, sizes: Sizes, alpha: float) -> Finding | None:
    apart = np.cumsum(reference) / reference.sum() - np.cumsum(current) / current.sum()
    distance = float(np.abs(apart).max(initial=0.0))
    error = math.sqrt(sizes.noise)
    floor = kolmogorov_quantile(alpha) * error
    if floor >= 1:  # no distance can be beyond it
        return None
    threshold = max(floor, LEAST_DISTANCE)
    return Finding(
        "kolmogorov_smirnov", "shape", distance, floor, threshold, kolmogorov_tail(distance / error)
    )


def _groups(reference: Any, current: Any, rank: Any, sizes: Sizes, alpha: float) -> Finding | None:
    """Compare the shares of groups of quantiles, the tails in finer ones where there are rows for them."""
    codes = _codes(rank)
    near = np.bincount(codes, reference) / reference.sum() * sizes.reference
    far = np.bincount(codes, current) / current.sum() * sizes.current
    near, far = _joined(near, far, min(sizes.reference, sizes.current))
    return chi_finding(near, far, alpha, test="quantile_groups", kind="shape", least=LEAST_CHI)


def _joined(near: Any, far: Any, smaller: float) -> tuple[Any, Any]:
    """Join neighbouring groups until each is expected to hold enough rows of the smaller side."""
    expected = (near + far) / (near + far).sum() * smaller
    starts, held = [0], 0.0
    for place, more in enumerate(expected):
        if held >= _FEWEST and expected[place:].sum() >= _FEWEST:
            starts.append(place)
            held = 0.0
        held += float(more)
    return np.add.reduceat(near, starts), np.add.reduceat(far, starts)
