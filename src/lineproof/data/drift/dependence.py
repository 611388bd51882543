"""How much neighbours in time resemble each other: how many rows are worth one independent row."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["category_inertia", "number_inertia"]

_MOST_ROWS = 1 << 17  # enough to know it by; the latest are taken
_WINDOW = 5.0  # the sum ends at five times its own length (Sokal)
_FEWEST = 20
_TOP = 8


def number_inertia(values: Any) -> float:
    """Give the integrated autocorrelation time of numbers in order of time, at least 1.

    The larger one of two: of the ranks, for shifts, and of their distance from the middle, for spread.
    """
    values = values[-_MOST_ROWS:]
    if len(values) < _FEWEST:
        return 1.0
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - counts / 2)[codes] / len(values) - 0.5
    return max(_integrated(_correlations(one)) for one in (ranks, np.abs(ranks)))


def category_inertia(codes: Any) -> float:
    """Give the same for categories, from the indicators of the most frequent ones."""
    codes = codes[-_MOST_ROWS:]
    if len(codes) < _FEWEST:
        return 1.0
    counts = np.bincount(codes)
    frequent = np.argsort(-counts, kind="stable")[:_TOP]
    total: Any = None
    for one in frequent:
        if 0 < counts[one] < len(codes):
            found = _covariances((codes == one).astype(float))
            total = found if total is None else total + found
    return 1.0 if total is None else _integrated(total / total[0])


def _covariances(values: Any) -> Any:
    centred = values - values.mean()
    size = 1 << (2 * len(values) - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    return np.fft.irfft(power, size)[: len(values) // 2] / len(values)


def _correlations(values: Any) -> Any:
    found = _covariances(values)
    return found / found[0] if found[0] > 0 else np.zeros(len(found))


def _integrated(correlations: Any) -> float:
    """Sum the correlations as far as they are more than noise; twice, the second time without bias.

    The mean was taken off, which lowers every correlation by about the time over the number of rows.
    """
    rows = 2 * len(correlations)
    time = 1.0
    for bias in (0.0, 1.0):
        lifted = correlations[1:] + bias * time / rows * (1 - correlations[1:])
        sums = 1 + 2 * np.cumsum(lifted)
        far_enough = np.flatnonzero(np.arange(1, len(sums) + 1) >= _WINDOW * sums)
        time = float(sums[far_enough[0]]) if len(far_enough) else float(sums.max(initial=1.0))
    return min(max(time, 1.0), float(rows))
