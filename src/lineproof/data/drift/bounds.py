"""Further detectors of change in a stream: by distances between errors, by Hoeffding's bound, by distributions."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque

__all__ = ["Eddm", "HddmA", "Kswin"]


class Eddm:
    """Watches how many examples lie between two errors (0 or 1); fewer than there used to be is a change.

    Args:
        share: The change is told when the distance has fallen below this share of its largest.
        fewest: Errors before the first alarm.

    Source: Baena-García et al., "Early Drift Detection Method", 2006.
    """

    _since: int
    _errors: int
    _mean: float
    _square: float
    _largest: float

    def __init__(self, share: float = 0.9, fewest: int = 30) -> None:
        self._share, self._fewest = share, fewest
        self._begin()

    def add(self, value: float) -> bool:
        """Take the next number; tell whether errors have come closer together by now."""
        self._since += 1
        if value < 0.5:  # noqa: PLR2004 - no error
            return False
        self._errors += 1
        apart = self._since - self._mean
        self._mean += apart / self._errors
        self._square += apart * (self._since - self._mean)
        self._since = 0
        size = self._mean + 2 * math.sqrt(self._square / self._errors)
        if self._errors < self._fewest:
            return False
        self._largest = max(self._largest, size)
        if size < self._share * self._largest:
            self._begin()
            return True
        return False

    def _begin(self) -> None:
        self._since = self._errors = 0
        self._mean = self._square = self._largest = 0.0


class HddmA:
    """Compares the mean of all numbers, in [0, 1], with the lowest and highest mean that a first part had.

    Args:
        chance: Chance of telling a change of a stream that does not change, per comparison.

    Source: Frías-Blanco et al., "Online and Non-Parametric Drift Detection Methods Based on Hoeffding's
    Bounds", 2015: the A-test, on both sides.
    """

    _count: int
    _sum: float
    _low: tuple[int, float]
    _high: tuple[int, float]

    def __init__(self, chance: float = 0.001) -> None:
        self._log = math.log(1 / chance)
        self._log_of_two = math.log(2 / chance)
        self._begin()

    def add(self, value: float) -> bool:
        """Take the next number; tell whether the mean has risen or fallen by now."""
        self._count += 1
        self._sum += value
        mean, bound = self._sum / self._count, self._bound(self._count)
        if not self._low[0] or mean + bound <= self._mean(self._low) + self._bound(self._low[0]):
            self._low = self._count, self._sum
        if not self._high[0] or mean - bound >= self._mean(self._high) - self._bound(self._high[0]):
            self._high = self._count, self._sum
        rise = mean - self._mean(self._low) >= self._apart(self._low[0])
        fall = self._mean(self._high) - mean >= self._apart(self._high[0])
        if rise or fall:
            self._begin()
        return rise or fall

    def _bound(self, count: int) -> float:
        return math.sqrt(self._log / (2 * count))

    def _apart(self, first: int) -> float:
        """Give how far the mean of all may be from that of the first part by chance."""
        rest = self._count - first
        return math.inf if not rest else math.sqrt(rest / (2 * first * self._count) * self._log_of_two)

    @staticmethod
    def _mean(part: tuple[int, float]) -> float:
        return part[1] / part[0]

    def _begin(self) -> None:
        self._count, self._sum = 0, 0.0
        self._low = self._high = (0, 0.0)


class Kswin:
    """Compares the distribution of the latest numbers with that of those before them in a window.

    Args:
        latest: Numbers that are compared.
        before: Numbers that they are compared with.
        chance: Chance of telling a change of a stream that does not change, per look.
        every: Look once in so many numbers; looks at each would be as many chances of a false alarm.

    Source: Raab, Heusinger, Schleif, "Reactive Soft Prototype Computing for Concept Drift Streams", 2020,
    with all numbers before instead of a random choice among them, so that the answer is always the same.
    """

    def __init__(self, latest: int = 150, before: int = 450, chance: float = 0.001, every: int = 25) -> None:
        self._latest, self._size, self._every = latest, latest + before, every
        noise = 1 / latest + 1 / before
        self._limit = math.sqrt(-math.log(chance / 2) / 2 * noise)
        self._window: deque[float] = deque()
        self._sorted: list[float] = []
        self._seen = 0

    def add(self, value: float) -> bool:
        """Take the next number; tell whether the distribution has changed by now."""
        if len(self._window) == self._size:
            del self._sorted[bisect_left(self._sorted, self._window.popleft())]
        self._window.append(value)
        insort(self._sorted, value)
        self._seen += 1
        if len(self._window) < self._size or self._seen % self._every:
            return False
        if self._distance() <= self._limit:
            return False
        self._window = deque(list(self._window)[-self._latest :])
        self._sorted = sorted(self._window)
        return True

    def _distance(self) -> float:
        """Give the largest distance of the two distribution functions."""
        latest = sorted(list(self._window)[-self._latest :])
        before = self._size - self._latest
        largest = 0.0
        for value in dict.fromkeys(self._sorted):
            ours = bisect_right(latest, value)
            theirs = bisect_right(self._sorted, value) - ours
            largest = max(largest, abs(ours / self._latest - theirs / before))
        return largest
