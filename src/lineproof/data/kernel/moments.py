"""Mean and variance of numbers, compensated, so that the order of merging does not show."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

__all__ = ["Moments"]


class Moments(msgspec.Struct):
    """Count, mean and sum of squared deviations; the mean as a double and what the double lost.

    Whatever the order of merging, variances agree to 1e-9, and means to 1e-9 of the mean or of the standard
    deviation, whichever is larger.

    Attributes:
        count: Finite numbers.
        mean: Their mean, rounded.
        mean_rest: What rounding took off the mean.
        squares: Sum of squared deviations from the mean.

    Source: T. Chan, G. Golub, R. LeVeque, "Updating formulae", 1979, with the mean in double-double.
    """

    count: int = 0
    mean: float = 0.0
    mean_rest: float = 0.0
    squares: float = 0.0

    def update(self, numbers: Any) -> None:
        """Add finite numbers, a float64 array."""
        if len(numbers):
            size = len(numbers)
            mean = float(np.add.reduce(numbers / size))  # divided first: no overflow
            apart = numbers - mean
            rest = float(np.add.reduce(apart)) / size
            squares = float(np.add.reduce(apart * apart)) - size * rest * rest
            self.merge(Moments(size, mean, rest, max(0.0, squares)))

    def merge(self, other: Moments) -> None:
        """Add the numbers of another part."""
        if not other.count:
            return
        if not self.count:  # as it is: adding to zero would round the rest away
            self.count, self.mean = other.count, other.mean
            self.mean_rest, self.squares = other.mean_rest, other.squares
            return
        count = self.count + other.count
        share = other.count / count
        apart = (other.mean - self.mean) + (other.mean_rest - self.mean_rest)
        self.squares += other.squares + apart * apart * self.count * share
        moved = self.mean_rest + apart * share
        mean = self.mean + moved
        self.mean_rest = moved - (mean - self.mean)
        self.mean, self.count = mean, count

    @property
    def variance(self) -> float | None:
        """Variance of the numbers as a sample; None for fewer than two, or beyond what a float holds."""
        if self.count < 2:  # noqa: PLR2004 - by definition
            return None
        value = self.squares / (self.count - 1)
        return value if math.isfinite(value) else None
