"""Tests on categories: shares of the frequent ones, of all together, and mass that is new or gone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lineproof.data.drift.cells import chi_finding
from lineproof.data.drift.findings import Finding

if TYPE_CHECKING:
    from lineproof.data.drift.sizes import Sizes

__all__ = ["category_findings", "one_sided_mass"]

TESTS = 4
LEAST_CHI = 0.1
LEAST_MASS = 0.005  # share of rows in categories that the other side never had
_FEWEST = 8.0  # independent rows that a category needs on the smaller side to stand for itself
_MASS_IS_MOST = 0.5  # of the total variation: then the change is that a category came or went


def category_findings(reference: Any, current: Any, sizes: Sizes, alpha: float) -> list[Finding]:
    """Test the counts of the same categories on both sides.

    Args:
        reference: Rows per category of the reference.
        current: Rows per category of the current window.
        sizes: Independent rows of both sides.
        alpha: Chance that any of the tests alarms when nothing changed.
    """
    each = alpha / TESTS
    near = reference / reference.sum() * sizes.reference
    far = current / current.sum() * sizes.current
    found = [
        _frequent(near, far, each),
        chi_finding(near, far, each, test="all_categories", kind="categories", least=LEAST_CHI),
        one_sided_mass(near, far, each, sizes.inertia, kind="new_category"),
        one_sided_mass(far, near, each, sizes.inertia, kind="vanished_category"),
    ]
    return _in_order([one for one in found if one is not None], reference, current)


def one_sided_mass(there: Any, here: Any, alpha: float, inertia: float, *, kind: str) -> Finding | None:
    """Test whether more rows than chance explains are in categories that the other side never had.

    A category with `t` rows in all falls on this side alone with chance `share ** t`. The mass of such
    categories is a sum of nearly independent terms, bounded by Chernoff's inequality; negative
    dependence between categories only makes it smaller.

    Args:
        there: Independent rows per category of the other side.
        here: Independent rows per category of this side.
        alpha: Chance of a score beyond the floor when nothing changed.
        inertia: Rows that come in one run and count as one.
        kind: `new_category` or `vanished_category`.
    """
    pooled = there + here
    kept = pooled > 0
    weights, times = np.unique(pooled[kept], return_counts=True)
    rows = float(here.sum())
    share = rows / float(pooled.sum())
    runs = np.maximum(weights if inertia <= 1 else np.ceil(weights), 1.0)
    chance = runs * math.log(share)
    expected = float((times * weights * np.exp(chance)).sum())
    mass = float(here[(there == 0) & kept].sum())
    steps = np.geomspace(1e-4, 20, 160)[:, None]  # Chernoff's parameter; the bound is flat around its best
    growth = np.logaddexp(np.log1p(-np.exp(np.minimum(chance, -1e-12))), chance + steps * weights) @ times
    floor = float(((growth - math.log(alpha)) / steps[:, 0]).min())
    p = math.exp(min(float((growth - steps[:, 0] * mass).min()), 0.0))
    score, floor = max(mass - expected, 0.0) / rows, max(floor - expected, 0.0) / rows
    if floor >= 1:
        return None
    name = "new_mass" if kind == "new_category" else "vanished_mass"
    return Finding(name, kind, score, floor, max(floor, LEAST_MASS), p)


def _frequent(near: Any, far: Any, alpha: float) -> Finding | None:
    """Compare the frequent categories one by one, the rest as one cell."""
    pooled = near + far
    frequent = pooled / pooled.sum() * min(near.sum(), far.sum()) >= _FEWEST
    near, far = (np.append(side[frequent], side[~frequent].sum()) for side in (near, far))
    return chi_finding(near, far, alpha, test="frequent_categories", kind="categories", least=LEAST_CHI)


def _in_order(found: list[Finding], reference: Any, current: Any) -> list[Finding]:
    """Put first what names the change best: that a category came or went, where that is most of it."""
    apart = float(np.abs(reference / reference.sum() - current / current.sum()).sum() / 2)
    masses = [one for one in found if one.kind != "categories" and one.drifted]
    first = max(masses, key=lambda one: one.score, default=None)
    if first is not None and first.score >= _MASS_IS_MOST * apart:
        return [first, *(one for one in found if one is not first)]
    return sorted(found, key=lambda one: (one.kind != "categories", -one.margin))
