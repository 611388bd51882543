"""The arithmetic under the verdicts, against other people's and against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from lineproof.data.drift.categories import one_sided_mass
from lineproof.data.drift.cells import _moments
from lineproof.data.drift.dependence import category_inertia, number_inertia
from lineproof.data.drift.numeric import numeric_findings
from lineproof.data.drift.probability import (
    chi_square_quantile,
    chi_square_tail,
    normal_quantile,
    normal_tail,
)
from lineproof.data.drift.season import find_season
from lineproof.data.drift.sizes import Sizes


@pytest.mark.parametrize("freedom", [0.5, 1, 3.7, 24, 500, 8000])
@pytest.mark.parametrize("alpha", [0.5, 0.01, 1e-5, 1e-9])
def test_chi_square_agrees_with_scipy(freedom, alpha):
    value = chi_square_quantile(alpha, freedom)
    assert value == pytest.approx(stats.chi2.isf(alpha, freedom), rel=1e-6)
    assert chi_square_tail(value, freedom) == pytest.approx(alpha, rel=1e-4)


def test_normal_tails_agree_with_scipy():
    for z in (0.1, 2.0, 6.0):
        assert normal_tail(z) == pytest.approx(2 * stats.norm.sf(z))
        assert normal_quantile(normal_tail(z)) == pytest.approx(z, rel=1e-6)


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_the_moments_of_chi_square_hold_for_cells_of_any_size(share):
    rng = np.random.default_rng(5)
    pooled = np.concatenate([rng.integers(1, 4, 800), rng.integers(20, 60, 30)])
    total = int(pooled.sum())
    far = int(total * share)
    drawn = rng.multivariate_hypergeometric(pooled, far, size=4000, method="marginals")
    p = far / total
    statistic = ((drawn - pooled * p) ** 2 / (pooled * p * (1 - p))).sum(axis=1)
    mean, variance = _moments(pooled.astype(float), p)
    assert statistic.mean() == pytest.approx(mean, rel=0.01)
    assert statistic.var() == pytest.approx(variance, rel=0.1)


def test_new_mass_beyond_its_floor_is_as_rare_as_it_says():
    rng = np.random.default_rng(6)
    share = 1 / np.arange(1, 3001)
    alarms = 0
    for _ in range(300):
        near, far = (np.bincount(rng.choice(3000, 2000, p=share / share.sum()), minlength=3000) for _ in "ab")
        alarms += one_sided_mass(near * 1.0, far * 1.0, 0.05, 1.0, kind="new_category").drifted
    assert alarms <= 0.05 * 300


def test_effects_are_in_units_of_a_normal_distribution():
    grid = np.linspace(-6, 6, 2001)
    near = stats.norm.pdf(grid) * 1e9
    sizes = Sizes.of(1e9, 1e9, 1.0)
    moved = {one.test: one for one in numeric_findings(near, stats.norm.pdf(grid, 0.1) * 1e9, sizes, 0.01)}
    wider = {one.test: one for one in numeric_findings(near, stats.norm.pdf(grid, 0, 1.1) * 1e9, sizes, 0.01)}
    assert moved["rank_location"].score == pytest.approx(0.1, rel=0.02)
    assert wider["rank_spread"].score == pytest.approx(math.log(1.1), rel=0.05)
    assert wider["rank_location"].score < 0.001


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_inertia_is_the_autocorrelation_time(memory, pairs):
    rng = np.random.default_rng(8)
    true = (1 + memory) / (1 - memory)
    values = pairs._autoregressive(rng, 20_000, memory)
    assert number_inertia(values) == pytest.approx(true, rel=0.25)
    assert category_inertia(pairs._sticky(rng, 20_000, memory)) == pytest.approx(true, rel=0.25)


def test_cycles_are_found_with_their_length_and_noise_has_none():
    rng = np.random.default_rng(9)
    hours = np.arange(1440.0)
    wave = 3 * np.sin(2 * np.pi * hours / 168) + 1.5 * np.cos(2 * np.pi * hours / 24)
    found = find_season(hours * 3600, wave + rng.normal(size=1440))
    assert sorted(round(one / 3600) for one in found.periods) == [24, 168]
    slow = np.cumsum(rng.normal(size=1440)) * 0.1 + rng.normal(size=1440)
    assert find_season(hours * 3600, rng.normal(size=1440)) is None
    assert find_season(hours * 3600, slow) is None
