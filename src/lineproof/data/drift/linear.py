"""Tests on scores: whether the mean score of the current rows is that of the reference rows.

Under "nothing changed" every split of the pooled rows into the two sides is equally likely. Mean and
variance of a mean score then follow from the pooled counts alone, whatever the distribution: heavy
tails, ties, discrete values.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from lineproof.data.drift.findings import Finding
from lineproof.data.drift.probability import normal_tail, skewed_quantile

if TYPE_CHECKING:
    from lineproof.data.drift.sizes import Sizes

__all__ = ["Scored", "score_test"]


class Scored:
    """A score for each cell of two count vectors, standardised over the pooled rows.

    Args:
        scores: One score per cell.
        reference: Rows per cell of the reference.
        current: Rows per cell of the current window.
    """

    def __init__(self, scores: Any, reference: Any, current: Any) -> None:
        pooled = reference / reference.sum() * _share(reference, current)
        pooled = pooled + current / current.sum() * (1 - _share(reference, current))
        centred = scores - (pooled * scores).sum()
        deviation = math.sqrt(float((pooled * centred**2).sum()))
        self.flat = not deviation > 1e-9 * (1 + float(abs(scores).max()))
        self.values = centred * 0 if self.flat else centred / deviation
        self.pooled = pooled
        self.effect = float(
            (current * self.values).sum() / current.sum() - (reference * self.values).sum() / reference.sum()
        )
        self.skew = float((pooled * self.values**3).sum())
        self.excess = float((pooled * self.values**4).sum()) - 3

    def without(self, other: Scored) -> Any:
        """Give these scores with what `other` already explains taken out of them."""
        return self.values - other.values * float((self.pooled * self.values * other.values).sum())


def score_test(
    scored: Scored, sizes: Sizes, *, alpha: float, test: str, kind: str, least: float, unit: float = 1.0
) -> Finding | None:
    """Test a standardised score.

    Args:
        scored: The score.
        sizes: How many independent rows each side is worth.
        alpha: Chance of a score beyond the floor when nothing changed.
        test: Name of the test.
        kind: What a drift found by it is called.
        least: The effect from which on it is worth telling, in units of the effect.
        unit: What the standardised difference is divided by to give the effect.

    Returns:
        Nothing where all rows have one score, so that there is nothing to compare.
    """
    if scored.flat:
        return None
    near, far = sizes.reference, sizes.current
    error = math.sqrt(1 / near + 1 / far)
    lean = scored.skew * (near - far) / math.sqrt((near + far) * near * far)
    excess = max(scored.excess, 0.0) * (near**3 + far**3) / ((near + far) ** 2 * near * far)
    floor = skewed_quantile(alpha, lean, excess, sizes.freedom) * error / unit
    score = abs(scored.effect) / unit
    return Finding(
        test=test,
        kind=kind,
        score=score,
        floor=floor,
        threshold=max(floor, least),
        p=normal_tail(scored.effect / error),
        effect=scored.effect / unit,
    )


def _share(reference: Any, current: Any) -> float:
    return float(reference.sum() / (reference.sum() + current.sum()))
