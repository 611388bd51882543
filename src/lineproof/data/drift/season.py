"""Seasons: finding the cycles of a series, and taking them out of both windows.

A short current window sees a part of the cycle only, so its distribution differs from that of many
cycles without any change. Cycles found in the reference are fitted there and subtracted on both sides:
like phases are compared.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

__all__ = ["Season", "find_season"]

_MOST_CELLS = 1 << 16
_FEWEST_CELLS = 48
_FEWEST_CYCLES = 3.0  # the reference must have seen before it counts as a cycle
_MOST_WAVES = 10
_CHANCE = 1e-4  # that noise without cycles shows one
_NEAR = 24  # frequencies on either side that a peak is measured against
_PADDING = 8
_ROUNDS = 4
_ERRORS = 4.0  # standard errors
_TRIALS = 33
_ENOUGH = 4096  # rows, to set frequencies by


class Season(msgspec.Struct, frozen=True):
    """Waves around a level, with what is needed to know how well they are known.

    Attributes:
        middle: Time of phase zero, seconds: the middle of the reference, where phases are known best.
        periods: Lengths of the cycles, seconds, strongest first.
        errors: Standard error of each period's frequency, in radians per second.
        coefficients: Level, then cosine and sine of each period.
        inverse: Inverse of the normal equations, row by row, per row of the reference.
    """

    middle: float
    periods: list[float]
    errors: list[float]
    coefficients: list[float]
    inverse: list[list[float]]

    def expected(self, times: Any) -> Any:
        """Give the fitted value at each time, less the level."""
        waves = np.asarray(self.coefficients)
        return _design(times, self.middle, self.periods)[:, 1:] @ waves[1:]

    def worth(self, times: Any, rows: int) -> float:
        """Give how many rows the reference is worth in a comparison of means at these times.

        The fit is less certain at a part of the cycle than over the whole.
        """
        mean = _design(times, self.middle, self.periods).mean(axis=0)
        return rows / max(float(mean @ np.asarray(self.inverse) @ mean), 1.0)

    def tuned(self, times: Any, values: Any) -> Season:
        """Give the season with its frequencies set, within their error, to what these values say.

        A period known to a thousandth is out of step after some hundred cycles. Level, amplitude and
        phase in the reference stay as they are: a change of those is a change.
        """
        periods = list(self.periods)
        every = max(1, len(times) // _ENOUGH)
        times, values = times[::every], values[::every]
        for place, error in enumerate(self.errors):
            frequency = 2 * np.pi / periods[place]
            tried = []
            for step in np.linspace(-_ERRORS, _ERRORS, _TRIALS):
                periods[place] = float(2 * np.pi / (frequency + step * error))
                rest = values - msgspec.structs.replace(self, periods=periods).expected(times)
                tried.append((float(rest.var()), periods[place]))
            periods[place] = min(tried)[1]
        return msgspec.structs.replace(self, periods=periods)


def find_season(times: Any, values: Any) -> Season | None:
    """Find the cycles of a series.

    Args:
        times: Seconds, ascending.
        values: Numbers, without missing ones.

    Returns:
        Nothing where no cycle is beyond what noise of this colour shows.
    """
    grid = _grid(times, values)
    if grid is None:
        return None
    cells, level, step = grid
    periods: list[float] = []
    rest = level - level.mean()
    for _ in range(_MOST_WAVES):
        found = _strongest(cells, rest)
        if found is None or any(abs(found - one) < 1e-6 * one for one in periods):
            break
        periods.append(found)
        design = _design(cells, 0.0, periods)
        coefficients, *_ = np.linalg.lstsq(design, level, rcond=None)
        rest = level - design @ coefficients
    if not periods:
        return None
    return _fitted(times, values, [one * step for one in periods])


def _fitted(times: Any, values: Any, periods: list[float]) -> Season:
    """Fit level, waves and their frequencies together (Gauss-Newton)."""
    middle = float(times[0] + times[-1]) / 2
    waves = _solved(times, values, middle, periods, None)[0]
    frequencies = 2 * np.pi / np.asarray(periods)
    width = 1 / float(times[-1] - times[0])  # frequencies are known far better than to one cycle
    for _ in range(_ROUNDS):
        answer, square, noise = _solved(times, values, middle, (2 * np.pi / frequencies).tolist(), waves)
        plain = len(waves)
        frequencies = frequencies + np.clip(answer[plain:], -width, width)
        waves = answer[:plain]
    covariance = np.linalg.pinv(square)
    errors = np.sqrt(np.maximum(np.diag(covariance)[plain:], 0) * noise)
    return Season(
        middle=middle,
        periods=(2 * np.pi / frequencies).tolist(),
        errors=errors.tolist(),
        coefficients=waves.tolist(),
        inverse=(covariance[:plain, :plain] * len(times)).tolist(),
    )


def _solved(
    times: Any, values: Any, middle: float, periods: list[float], waves: Any
) -> tuple[Any, Any, float]:
    """Solve for level and waves, and for steps of the frequencies where waves are known.

    Returns:
        The answer, the normal equations, the variance of what is left.
    """
    square, right, total = np.zeros(()), np.zeros(()), 0.0
    for first in range(0, len(times), _MOST_CELLS):
        part = times[first : first + _MOST_CELLS]
        design = _design(part, middle, periods)
        if waves is not None:
            turned = design[:, 1::2] * waves[2::2] - design[:, 2::2] * waves[1::2]
            design = np.hstack([design, turned * (part - middle)[:, None]])
        known = values[first : first + _MOST_CELLS]
        square, right = square + design.T @ design, right + design.T @ known
        total += float(known @ known)
    scale = np.sqrt(np.diag(square))  # steps of frequencies are many orders smaller than levels
    scale[scale == 0] = 1
    answer = np.linalg.lstsq(square / np.outer(scale, scale), right / scale, rcond=None)[0] / scale
    return answer, square, max(total - float(answer @ right), 0.0) / len(times)


def _design(times: Any, middle: float, periods: list[float]) -> Any:
    angles = 2 * np.pi * (np.asarray(times, dtype=float) - middle)[:, None] / np.asarray(periods)
    columns = np.empty((len(angles), 1 + 2 * len(periods)))
    columns[:, 0] = 1
    columns[:, 1::2], columns[:, 2::2] = np.cos(angles), np.sin(angles)
    return columns


def _grid(times: Any, values: Any) -> tuple[Any, Any, float] | None:
    """Average the series into equal cells of time; give the used cells, their means, seconds per cell."""
    if len(times) < _FEWEST_CELLS:
        return None
    span = float(times[-1] - times[0])
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not len(steps) or not np.isfinite(values).all():
        return None
    step = max(float(np.median(steps)), span / _MOST_CELLS)
    places = np.rint((times - times[0]) / step).astype(int)
    counts = np.bincount(places)
    if len(counts) < _FEWEST_CELLS:
        return None
    used = np.flatnonzero(counts)
    return used, np.bincount(places, values)[used] / counts[used], step


def _strongest(cells: Any, rest: Any) -> float | None:
    """Give the period, in cells, that stands out most from what noise of this colour shows."""
    length = int(cells[-1]) + 1
    series = np.zeros(length)
    series[cells] = rest - rest.mean()
    variance = float((series**2).mean())
    if variance <= 0:
        return None
    power = np.abs(np.fft.rfft(series)) ** 2 / (length * variance)
    colour = float((series[1:] * series[:-1]).mean() / variance)
    colour = min(max(colour, 0.0), 0.98)
    angles = 2 * np.pi * np.arange(len(power)) / length
    power = power * (1 + colour**2 - 2 * colour * np.cos(angles)) / (1 - colour**2)
    first = math.ceil(_FEWEST_CYCLES)
    if len(power) <= first + 2:
        return None
    height = power / _background(power)
    height[:first] = 0
    peak = int(np.argmax(height))
    if height[peak] < math.log(len(power) / _CHANCE):
        return None
    return length / _refined(series, peak)


def _background(power: Any) -> Any:
    """Give the median power around each frequency, as the mean it stands for with noise."""
    padded = np.pad(power[1:], _NEAR, mode="reflect") if len(power) > _NEAR + 1 else power[1:]
    if len(power) <= _NEAR + 1:
        return np.full(len(power), float(np.median(padded)) / math.log(2)) + 1e-12
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEAR + 1)
    medians = np.median(windows, axis=1) / math.log(2)
    return np.concatenate([medians[:1], medians]) + 1e-12


def _refined(series: Any, peak: int) -> float:
    """Give the frequency of a peak, in cycles per series, between those of the transform."""
    places = np.arange(len(series))
    low, high = peak - 1.0, peak + 1.0
    for _ in range(3):
        tried = np.linspace(low, high, 2 * _PADDING + 1)
        waves = np.exp(-2j * np.pi * tried[:, None] * places / len(series))
        best = int(np.argmax(np.abs(waves @ series)))
        width = (high - low) / (2 * _PADDING)
        low, high = tried[best] - width, tried[best] + width
    return float((low + high) / 2)
