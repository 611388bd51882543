"""Detectors of change in a stream of numbers, one number at a time, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from lineproof.data.drift.bounds import Eddm, HddmA, Kswin
from lineproof.errors import CommandError

__all__ = ["DETECTORS", "Adwin", "Ddm", "Detector", "PageHinkley", "detector"]


class Detector(Protocol):
    """Watches one stream."""

    def add(self, value: float) -> bool:
        """Take the next number; tell whether the stream has changed by now."""


class Adwin:
    """Keeps a window of the stream that is as long as its mean has been the same.

    The window is an exponential histogram: a few buckets of each power of two, so its memory grows with
    the logarithm of the stream. Whenever two parts of it differ by more than a bound that holds for any
    values in [0, 1], the older part is dropped and a change is told.

    Args:
        delta: Chance of telling a change of a stream that does not change, per look at the window.
        per_size: Buckets kept of each size.
        every: Look at the window once in so many numbers.

    Source: Bifet and Gavaldà, "Learning from Time-Changing Data with Adaptive Windowing", 2007.
    """

    _SHORTEST = 5  # numbers in either part

    def __init__(self, delta: float = 0.002, per_size: int = 5, every: int = 32) -> None:
        self._delta, self._per_size, self._every = delta, per_size, every
        # Of each power of two the sums and the squared deviations of its buckets, the oldest first.
        self._sums: list[list[float]] = [[]]
        self._squares: list[list[float]] = [[]]
        self.width = 0
        self._sum = 0.0
        self._square = 0.0
        self._seen = 0

    @property
    def mean(self) -> float:
        """The mean of the window."""
        return self._sum / self.width if self.width else 0.0

    def add(self, value: float) -> bool:
        """Take the next number; tell whether the stream has changed by now."""
        if self.width:
            apart = value - self._sum / self.width
            self._square += apart * apart * self.width / (self.width + 1)
        self.width += 1
        self._sum += value
        self._sums[0].append(value)
        self._squares[0].append(0.0)
        if len(self._sums[0]) > self._per_size:
            self._merge()
        self._seen += 1
        return self._seen % self._every == 0 and self._shrink()

    def buckets(self) -> int:
        """Give the number of buckets held."""
        return sum(len(one) for one in self._sums)

    def _merge(self) -> None:
        """Make two buckets of a size one of the next, from the smallest up."""
        level = 0
        while len(self._sums[level]) > self._per_size:
            if level + 1 == len(self._sums):
                self._sums.append([])
                self._squares.append([])
            first, second = self._sums[level][:2]
            size = 1 << level
            apart = (first - second) / size
            square = self._squares[level][0] + self._squares[level][1] + apart * apart * size / 2
            del self._sums[level][:2], self._squares[level][:2]
            self._sums[level + 1].append(first + second)
            self._squares[level + 1].append(square)
            level += 1

    def _shrink(self) -> bool:
        """Drop the oldest buckets as long as some older part differs from the rest."""
        changed = False
        while self._differs():
            self._drop()
            changed = True
        return changed

    def _differs(self) -> bool:
        if self.width <= 2 * self._SHORTEST:
            return False
        variance = self._square / self.width
        chance = math.log(2 * math.log(self.width) / self._delta)
        older, older_sum = 0, 0.0
        for level in range(len(self._sums) - 1, -1, -1):
            for part in self._sums[level]:
                older += 1 << level
                older_sum += part
                newer = self.width - older
                if newer < self._SHORTEST:
                    return False
                if older >= self._SHORTEST:
                    apart = abs(older_sum / older - (self._sum - older_sum) / newer)
                    weight = 1 / (older - self._SHORTEST + 1) + 1 / (newer - self._SHORTEST + 1)
                    if apart > math.sqrt(2 * weight * variance * chance) + 2 / 3 * weight * chance:
                        return True
        return False

    def _drop(self) -> None:
        """Drop the oldest bucket."""
        level = len(self._sums) - 1
        size, part, square = 1 << level, self._sums[level].pop(0), self._squares[level].pop(0)
        self.width -= size
        self._sum -= part
        apart = part / size - self._sum / self.width
        self._square = max(
            self._square - square - apart * apart * size * self.width / (self.width + size), 0.0
        )
        while len(self._sums) > 1 and not self._sums[-1]:
            self._sums.pop()
            self._squares.pop()


class Ddm:
    """Watches a rate of errors (0 or 1) for a rise above the lowest it has been; blind to a fall.

    Args:
        deviations: How many standard deviations of the rate the rise must be.
        fewest: Numbers before the first alarm.

    Source: Gama et al., "Learning with Drift Detection", 2004.
    """

    _count: int
    _rate: float
    _lowest: float
    _lowest_spread: float

    def __init__(self, deviations: float = 3.0, fewest: int = 100) -> None:
        self._deviations, self._fewest = deviations, fewest
        self._begin()

    def add(self, value: float) -> bool:
        """Take the next number; tell whether the rate has risen by now."""
        self._count += 1
        self._rate += (value - self._rate) / self._count
        spread = math.sqrt(max(self._rate * (1 - self._rate), 0.0) / self._count)
        if self._count < self._fewest:
            return False
        if self._rate + spread <= self._lowest + self._lowest_spread:
            self._lowest, self._lowest_spread = self._rate, spread
        if self._rate + spread > self._lowest + self._deviations * self._lowest_spread:
            self._begin()
            return True
        return False

    def _begin(self) -> None:
        self._count, self._rate = 0, 0.0
        self._lowest, self._lowest_spread = math.inf, 0.0


class PageHinkley:
    """Sums how far the stream has been above, or below, its mean so far; alarms when a sum gets large.

    Args:
        slack: Distance from the mean that is not summed.
        limit: The sum from which on the stream has changed.
        fewest: Numbers before the first alarm.

    Source: Page, "Continuous Inspection Schemes", 1954.
    """

    _count: int
    _mean: float
    _above: float
    _below: float

    def __init__(self, slack: float = 0.005, limit: float = 50.0, fewest: int = 30) -> None:
        self._slack, self._limit, self._fewest = slack, limit, fewest
        self._begin()

    def add(self, value: float) -> bool:
        """Take the next number; tell whether the mean has changed by now."""
        self._count += 1
        self._mean += (value - self._mean) / self._count
        apart = value - self._mean
        self._above = max(self._above + apart - self._slack, 0.0)
        self._below = max(self._below - apart - self._slack, 0.0)
        if self._count >= self._fewest and max(self._above, self._below) > self._limit:
            self._begin()
            return True
        return False

    def _begin(self) -> None:
        self._count = 0
        self._mean = self._above = self._below = 0.0


DETECTORS: dict[str, Callable[[], Detector]] = {
    "adwin": Adwin,
    "ddm": Ddm,
    "eddm": Eddm,
    "hddm_a": HddmA,
    "kswin": Kswin,
    "page_hinkley": PageHinkley,
}


def detector(name: str) -> Detector:
    """Make a detector by its name, in whatever case and with whatever between its words.

    Raises:
        CommandError: There is none of that name.
    """
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    plain = {"pagehinkley": "page_hinkley", "hddma": "hddm_a"}.get(plain, plain)
    if plain not in DETECTORS:
        raise CommandError(f"there is no detector {name}", f"known: {', '.join(DETECTORS)}")
    return DETECTORS[plain]()
