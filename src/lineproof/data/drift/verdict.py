"""The verdict on one column: which tests apply, and what their findings amount to."""

from __future__ import annotations

from typing import Any

import numpy as np

from lineproof.data.drift.alignment import Categories, align
from lineproof.data.drift.categories import category_findings
from lineproof.data.drift.findings import ColumnDrift, Finding
from lineproof.data.drift.kinds import CLOCK, EMPTY, NESTED, NUMBER, TIME
from lineproof.data.drift.linear import Scored, score_test
from lineproof.data.drift.numeric import numeric_findings, numeric_measures, shares_measures
from lineproof.data.drift.sizes import Sizes
from lineproof.data.drift.summary import ColumnSummary, Numbers

__all__ = ["judge"]

LEAST_MISSING = 0.05  # standard deviations of "is missing"
_MISSING_SHARE = 0.2  # of the chance of a false alarm goes to missing values, the rest to the values
_NAMED = 10  # categories listed on each side
_FEW_ROWS = 20.0


def _clashing(reference: ColumnSummary, current: ColumnSummary) -> bool:
    """Tell whether the types are of different classes, so that values cannot be compared."""
    kinds = {TIME if one.kind == CLOCK else one.kind for one in (reference, current)}
    return len(kinds - {EMPTY}) > 1


def judge(reference: ColumnSummary, current: ColumnSummary, alpha: float) -> ColumnDrift:
    """Compare a column.

    Args:
        reference: Its summary in the reference.
        current: Its summary in the current window, made like the reference's.
        alpha: Chance of an alarm when nothing changed.
    """
    verdict = ColumnDrift(
        drifted=False,
        kind="none",
        score=0.0,
        threshold=0.0,
        statistic="none",
        type=current.type,
        reference=_described(reference),
        current=_described(current),
    )
    if _clashing(reference, current):
        verdict.drifted, verdict.kind, verdict.statistic, verdict.score = True, "type", "type", 1.0
        verdict.effect, verdict.type = 1.0, f"{reference.type} -> {current.type}"
        return verdict
    if CLOCK in {reference.kind, current.kind}:
        verdict.kind = "time"
        return verdict
    if _numbered(reference, current):
        verdict.kind = "order"
        verdict.notes.append("numbers the rows: larger in every row, so it differs by nature")
        return verdict
    found = [_missing(reference, current, alpha * _MISSING_SHARE)]
    found += _values(reference, current, alpha * (1 - _MISSING_SHARE), verdict)
    _decide(verdict, [one for one in found if one is not None])
    _remark(verdict, reference, current)
    return verdict


def _numbered(reference: ColumnSummary, current: ColumnSummary) -> bool:
    near, far = reference.cells, current.cells
    return (
        isinstance(near, Numbers)
        and isinstance(far, Numbers)
        and near.ascending
        and far.ascending
        and min(reference.rows, current.rows) >= _FEW_ROWS
    )


def _missing(reference: ColumnSummary, current: ColumnSummary, alpha: float) -> Finding | None:
    """Test the rate of missing values."""
    if not reference.rows or not current.rows:
        return None
    near, far = (np.array([one.rows - one.missing, one.missing], dtype=float) for one in (reference, current))
    scored = Scored(np.array([0.0, 1.0]), near, far)
    sizes = Sizes.of(reference.rows, current.rows, reference.missing_inertia)
    return score_test(scored, sizes, alpha=alpha, test="null_rate", kind="nulls", least=LEAST_MISSING)


def _values(
    reference: ColumnSummary, current: ColumnSummary, alpha: float, verdict: ColumnDrift
) -> list[Finding]:
    """Test the values that are there."""
    near, far = reference.cells, current.cells
    if near is None or far is None:
        if EMPTY not in {reference.kind, current.kind}:
            verdict.kind = "not_compared"
            verdict.notes.append(_why_not(reference, current))
        return []
    if reference.missing == reference.rows or current.missing == current.rows:
        return []
    sizes = Sizes.of(
        reference.rows - reference.missing,
        current.rows - current.missing,
        near.inertia,
        far.worth if isinstance(far, Numbers) else 0.0,
    )
    if isinstance(near, Numbers) and isinstance(far, Numbers):
        counts = np.asarray(near.counts, dtype=float), np.asarray(far.counts, dtype=float)
        verdict.measures = numeric_measures(*counts, _middles(near), near.deviation or 0.0)
        return numeric_findings(*counts, sizes, alpha)
    assert isinstance(near, Categories)
    assert isinstance(far, Categories)
    both = align(near, far)
    verdict.measures = shares_measures(both.reference, both.current)
    bits = max(near.bits, far.bits)
    if bits:
        verdict.notes.append(f"of very many values one in {1 << bits} is compared, and the frequent ones")
    else:
        _name_one_sided(verdict, near, far)
    if not both.reference.sum() or not both.current.sum():
        return []
    found = category_findings(both.reference, both.current, sizes.part(*both.kept), alpha)
    if not any(one.kind == "categories" for one in found) and near.distinct > 1:
        verdict.kind = "identifier"
        verdict.notes.append("values occur once each, so their shares say nothing")
    return found


def _why_not(reference: ColumnSummary, current: ColumnSummary) -> str:
    if reference.withheld or current.withheld:
        return "values of a column with personal data are not kept; only whether they are missing is compared"
    if NESTED in {reference.kind, current.kind}:
        return "values of a nested type are not compared, only whether they are missing"
    return "it has a season, and what is kept has no rows to take it out of: give the files"


def _decide(verdict: ColumnDrift, found: list[Finding]) -> None:
    verdict.tests = found
    beyond = [one for one in found if one.drifted]
    best = _telling(beyond) if beyond else max(found, key=lambda one: one.margin, default=None)
    if best is None:
        return
    verdict.drifted = bool(beyond)
    if beyond:
        verdict.kind = best.kind
    verdict.statistic, verdict.score, verdict.threshold = best.test, best.score, best.threshold
    verdict.noise_floor, verdict.p_value = best.floor, best.p
    verdict.effect = best.score if best.effect is None else best.effect


def _telling(beyond: list[Finding]) -> Finding:
    """Give the finding that names the change best.

    Location and spread say more than "the shape is another", and categories come in their own order.
    """
    nulls = [one for one in beyond if one.kind == "nulls"]
    named = [one for one in beyond if one.kind in {"mean", "spread"}]
    rest = [one for one in beyond if one.kind != "nulls"]
    values = max(named, key=lambda one: one.margin) if named else (rest[0] if rest else None)
    if values is None or (nulls and nulls[0].margin > values.margin):
        return nulls[0]
    return values


def _remark(verdict: ColumnDrift, reference: ColumnSummary, current: ColumnSummary) -> None:
    near = reference.cells
    if isinstance(near, Numbers) and near.season is not None:
        hours = ", ".join(f"{one / 3600:.4g} h" for one in near.season.periods[:3])
        verdict.notes.append(f"compared after taking out its cycles: {hours}")
        if not verdict.drifted:
            verdict.kind = "seasonal"
    if near is not None and near.inertia > 1.5:  # noqa: PLR2004 - worth a remark, decides nothing
        verdict.notes.append(f"neighbours in time resemble each other: {near.inertia:.1f} rows count as one")
    if min(reference.rows - reference.missing, current.rows - current.missing) < _FEW_ROWS:
        verdict.notes.append("too few values to tell anything but a large change")


def _name_one_sided(verdict: ColumnDrift, near: Categories, far: Categories) -> None:
    for ours, other, told in (
        (far, set(near.values), verdict.new_categories),
        (near, set(far.values), verdict.vanished_categories),
    ):
        total = sum(ours.counts)
        alone = [
            (count, value)
            for value, count in zip(ours.values, ours.counts, strict=True)
            if value not in other
        ]
        for count, value in sorted(alone, key=lambda one: (-one[0], one[1]))[:_NAMED]:
            told[value] = count / total


def _middles(cells: Numbers) -> Any:
    """Give a value in the middle of each cell, between the finite edges."""
    edges = np.asarray(cells.edges)
    edges = np.clip(np.nan_to_num(edges, posinf=np.inf, neginf=-np.inf), cells.minimum, cells.maximum)
    low = np.concatenate([edges[:1], edges])
    high = np.concatenate([edges, edges[-1:]])
    return high if cells.distinct < len(edges) + 1 else low + (high - low) / 2


def _described(column: ColumnSummary) -> dict[str, float | int | None]:
    told: dict[str, float | int | None] = {
        "rows": column.rows,
        "nulls": column.missing,
        "null_rate": column.missing / column.rows if column.rows else None,
    }
    cells = column.cells
    if isinstance(cells, Numbers) and column.kind == NUMBER:
        told |= {
            "mean": cells.mean,
            "deviation": cells.deviation,
            "minimum": cells.minimum,
            "maximum": cells.maximum,
        }
    if cells is not None:
        told["distinct"] = cells.distinct or None
    return told
