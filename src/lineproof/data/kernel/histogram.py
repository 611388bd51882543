"""Histogram in fixed bins: which bin a value falls into never depends on other values, so parts add up.

Numbers fall into bins by sign, power of two, and the first six bits behind it: 64 bins from one power of
two to the next. A number taken from the middle of its bin is off by less than 1/128 of its size. Whole
numbers below 128 have bins of their own. Times fall into bins of a day from the year 1800 to 2200.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

__all__ = ["RELATIVE_ERROR", "Histogram", "day_bins", "number_bins", "number_edges"]

RELATIVE_ERROR = 1 / 128
_DROPPED = np.uint64(52 - 6)  # bits of a double behind the six that count
_MAGNITUDE = np.uint64((1 << 63) - 1)
_FIRST_DAY, _LAST_DAY = -62091, 84005  # 1800-01-01, 2199-12-31
_END = 10  # values in the first and in the last bin of a column of persons
_DENSE = 1 << 20  # spread of bins up to which counting by position is quicker than sorting


class Histogram(msgspec.Struct):
    """Counts of values per bin.

    Attributes:
        counts: Number of values by bin.
    """

    counts: dict[int, int] = {}

    def update(self, bins: Any) -> None:
        """Add values by their bins, an array of integers."""
        if not len(bins):
            return
        low, high = int(bins.min()), int(bins.max())
        if high - low <= _DENSE:
            dense = np.bincount(bins - low)
            present = np.flatnonzero(dense)
            numbers, found = (present + low).tolist(), dense[present].tolist()
        else:
            unique, sizes = np.unique(bins, return_counts=True)
            numbers, found = unique.tolist(), sizes.tolist()
        self._add(zip(numbers, found, strict=True))

    def merge(self, other: Histogram) -> None:
        """Add the values of another part."""
        self._add(other.counts.items())

    def blur(self, *, days: bool) -> None:
        """Make the ends unreadable: each end bin holds at least ten values; days become years.

        Args:
            days: Whether the bins are days.
        """
        if days:
            years = (
                np.array(list(self.counts), "datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]")
            )
            old, self.counts = self.counts, {}
            self._add(zip(years.astype(np.int64).tolist(), old.values(), strict=True))
        for upwards in (True, False):
            bins = sorted(self.counts, reverse=not upwards)
            for number, inner in pairwise(bins):
                if self.counts[number] >= _END:
                    break
                self.counts[inner] += self.counts.pop(number)

    def _add(self, pairs: Any) -> None:
        counts = self.counts
        for number, size in pairs:
            counts[number] = counts.get(number, 0) + size

    def quantiles(self, shares: tuple[float, ...]) -> list[int]:
        """Give the bins in which the values of these ranks lie, 0 the smallest and 1 the largest."""
        bins = sorted(self.counts)
        ends = np.cumsum([self.counts[number] for number in bins])
        total = int(ends[-1])
        ranks = [min(total - 1, int(share * total)) for share in shares]
        return [bins[int(np.searchsorted(ends, rank, side="right"))] for rank in ranks]


def number_bins(numbers: Any) -> Any:
    """Give the bin of each finite float64: signed, 0 for zero, larger for larger."""
    bits = np.ascontiguousarray(numbers, np.float64).view(np.uint64)
    size = ((bits & _MAGNITUDE) >> _DROPPED).astype(np.int64)
    size += 1
    np.copyto(size, 0, where=numbers == 0)
    return np.negative(size, out=size, where=numbers < 0)


def number_edges(number: int) -> tuple[float, float]:
    """Give the limits of a bin of numbers, the smaller first."""
    if number == 0:
        return 0.0, 0.0
    words = np.array([abs(number) - 1, abs(number)], np.uint64) << _DROPPED
    low, high = words.view(np.float64).tolist()
    return (low, high) if number > 0 else (-high, -low)


def day_bins(microseconds: Any) -> Any:
    """Give the day of each time, in days since 1970; times beyond the limits count on the last day inside."""
    return np.clip(microseconds // 86_400_000_000, _FIRST_DAY, _LAST_DAY)
