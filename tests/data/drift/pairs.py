"""Seeded pairs of windows: many kinds in which nothing changed, and the planted shifts with their sizes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

START = np.datetime64("2024-01-01T00:00", "s")


def null_pair(seed):
    """Give reference and current window of one random table in which nothing changed."""
    rng = np.random.default_rng([seed, 1])
    near, far = (int(np.exp(rng.uniform(np.log(300), np.log(30_000)))) for _ in range(2))
    if rng.random() < 0.35:
        return _timed_pair(rng, near, far)
    names = rng.choice(sorted(INDEPENDENT), size=6, replace=False)
    columns = {name: INDEPENDENT[name](rng, near + far) for name in names}
    return _split(columns, near)


def _split(columns, near):
    table = pa.table({name: _array(values) for name, values in columns.items()})
    return table.slice(0, near), table.slice(near)


def _array(values):
    return values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)


def _timed_pair(rng, near, far):
    """Two windows of one series: neighbours resemble each other, or a season goes through both."""
    near = max(near, 1000)
    rows = near + far
    step = int(rng.choice([60, 3600, 86_400]))
    period = int(rng.integers(12, near // 6))
    phase = 2 * np.pi * np.arange(rows) / period
    weekly = 1.5 * np.cos(phase + 1) + 0.7 * np.cos(2 * phase)
    names = {
        "slow": _autoregressive(rng, rows, rng.uniform(0.3, 0.97)),
        "season": rng.uniform(1, 5) * np.sin(phase) + rng.normal(size=rows),
        "shaped_season": rng.uniform(1, 5) * weekly + rng.normal(size=rows),
        "slow_season": 3 * np.sin(phase) + _autoregressive(rng, rows, 0.7),
        "sticky": np.array(list("abcd"))[_sticky(rng, rows, rng.uniform(0.5, 0.97))],
        "quiet": rng.normal(size=rows),
        "outages": np.where(_sticky(rng, rows, 0.9) == 0, np.nan, rng.normal(size=rows)),
    }
    times = START + (np.arange(rows) * step).astype("timedelta64[s]")
    return _split({"at": pa.array(times), **names}, near)


def _autoregressive(rng, rows, memory):
    from scipy.signal import lfilter

    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], rng.normal(size=rows + 500))[500:]


def _sticky(rng, rows, memory):
    fresh = rng.random(rows) > memory
    fresh[0] = True
    drawn = rng.integers(0, 4, rows)
    return drawn[np.maximum.accumulate(np.where(fresh, np.arange(rows), 0))]


def _zipf(rng, rows, values, power):
    share = 1 / np.arange(1, values + 1) ** power
    return rng.choice(values, rows, p=share / share.sum())


def _nulled(values, lost):
    return pa.array(values, mask=lost)


INDEPENDENT = {
    "normal": lambda rng, n: rng.normal(50, 10, n),
    "lognormal": lambda rng, n: np.round(rng.lognormal(3, rng.uniform(0.3, 2), n), 2),
    "cauchy": lambda rng, n: rng.standard_cauchy(n),
    "pareto": lambda rng, n: rng.pareto(0.8, n),
    "uniform": lambda rng, n: rng.random(n),
    "poisson": lambda rng, n: rng.poisson(rng.uniform(0.02, 6), n),
    "zero_inflated": lambda rng, n: np.where(rng.random(n) < 0.9, 0.0, rng.lognormal(2, 1, n)),
    "constant": lambda rng, n: np.full(n, 7.5),
    "almost_constant": lambda rng, n: np.where(rng.random(n) < rng.choice([0.0005, 0.003]), 9.0, 7.5),
    "mostly_null": lambda rng, n: _nulled(rng.normal(size=n), rng.random(n) < 0.985),
    "few_nulls": lambda rng, n: _nulled(rng.normal(size=n), rng.random(n) < 0.002),
    "text_nulls": lambda rng, n: _nulled(_zipf(rng, n, 30, 1).astype(str), rng.random(n) < 0.3),
    "infinite": lambda rng, n: np.where(rng.random(n) < 0.01, np.inf, rng.normal(size=n)),
    "two_humps": lambda rng, n: np.where(rng.random(n) < 0.3, rng.normal(-5, 1, n), rng.normal(5, 2, n)),
    "flag": lambda rng, n: rng.random(n) < rng.choice([0.001, 0.02, 0.5]),
    "few": lambda rng, n: np.array(list("abcd"))[rng.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])],
    "rare": lambda rng, n: _zipf(rng, n, 200, 2).astype(str),
    "postcode": lambda rng, n: _zipf(rng, n, int(rng.integers(1000, 20_000)), rng.uniform(0, 1)).astype(str),
    "code": lambda rng, n: _zipf(rng, n, int(rng.integers(1000, 20_000)), rng.uniform(0, 1)),
    "identifier": lambda rng, n: rng.permutation(n).astype(str),
    "number": lambda rng, n: np.arange(n),
    "birthday": lambda rng, n: START - rng.integers(0, 30_000, n).astype("timedelta64[D]"),
}


def plain(rng, rows):
    """Give the columns that most planted pairs have."""
    return {
        "age": np.round(rng.normal(50, 10, rows), 3),
        "spend": np.round(rng.lognormal(3, 0.6, rows), 3),
        "tier": np.array(list("abcd"))[rng.choice(4, rows, p=[0.5, 0.3, 0.15, 0.05])],
        "visits": rng.poisson(4, rows),
        "ratio": np.round(rng.random(rows), 4),
    }


def shifted(rng, *, rows, deviations):
    near, far = plain(rng, rows), plain(rng, rows)
    far["age"] += 10 * deviations
    return near, far, "age"


def widened(rng, *, rows, ratio):
    near, far = plain(rng, rows), plain(rng, rows)
    far["age"] = 50 + (far["age"] - 50) * ratio
    return near, far, "age"


def mixed(rng, *, rows):
    near, far = plain(rng, rows), plain(rng, rows)
    far["tier"] = np.array(list("abcd"))[rng.choice(4, rows, p=[0.35, 0.3, 0.3, 0.05])]
    return near, far, "tier"


def renewed(rng, *, rows, share):
    near, far = plain(rng, rows), plain(rng, rows)
    far["tier"] = np.where(rng.random(rows) < share, "e", far["tier"])
    return near, far, "tier"


def emptied(rng, *, rows, before, after):
    near, far = plain(rng, rows), plain(rng, rows)
    for side, rate in ((near, before), (far, after)):
        side["spend"] = np.where(rng.random(rows) < rate, np.nan, side["spend"])
        side["ratio"] = np.where(rng.random(rows) < 0.2, np.nan, side["ratio"])
    return near, far, "spend"


def relabelled(rng, *, rows):
    near, far = plain(rng, rows), plain(rng, rows)
    half = np.arange(rows) >= rows // 2
    for side in (near, far):
        times = START + (np.arange(rows) * 60 + (rows * 60 if side is far else 0)).astype("timedelta64[s]")
        side["at"] = times
        side["label"] = (rng.random(rows) < np.where(half & (side is far), 0.67, 0.466)).astype(int)
    return near, far, "label"


def lifted(rng, *, cycles, period, rows, level):
    """A level shift on top of a season of which the current window sees a part."""
    near = int(cycles * period)
    time = np.arange(near + rows)
    load = 20 + 8 * np.sin(2 * np.pi * time / period) + rng.normal(0, 1.8, near + rows)
    load[near:] += level
    sides = [
        {
            "at": START + (time[part] * 3600).astype("timedelta64[s]"),
            "load": load[part],
            "temp": rng.normal(5, 1, len(time[part])),
        }
        for part in (slice(0, near), slice(near, None))
    ]
    return *sides, "load"


PLANTED = {
    "mean 0.1 sd, 20,000 rows": lambda rng: shifted(rng, rows=20_000, deviations=0.1),
    "mean 0.25 sd, 5,000 rows": lambda rng: shifted(rng, rows=5_000, deviations=0.25),
    "mean 0.5 sd, 1,500 rows": lambda rng: shifted(rng, rows=1_500, deviations=0.5),
    "mean 1 sd, 800 rows": lambda rng: shifted(rng, rows=800, deviations=1.0),
    "spread x 1.5, 4,000 rows": lambda rng: widened(rng, rows=4_000, ratio=1.5),
    "spread x 0.8, 10,000 rows": lambda rng: widened(rng, rows=10_000, ratio=0.8),
    "mix 0.15, 4,000 rows": lambda rng: mixed(rng, rows=4_000),
    "new category 5 %, 4,000 rows": lambda rng: renewed(rng, rows=4_000, share=0.05),
    "nulls 2 % to 10 %, 4,000 rows": lambda rng: emptied(rng, rows=4_000, before=0.02, after=0.1),
    "label rate, half of 6,000 rows": lambda rng: relabelled(rng, rows=6_000),
    "level 2.5 on a season, 42 rows": lambda rng: lifted(rng, cycles=8.57, period=168, rows=42, level=2.5),
}


def planted_pair(name, seed):
    """Give reference, current window and the drifted column of one planted pair."""
    near, far, drifted = PLANTED[name](np.random.default_rng([seed, 2]))
    return *(pa.table({key: _array(values) for key, values in side.items()}) for side in (near, far)), drifted
