"""How often unchanged columns alarm, and how often planted shifts are found. `make torture` runs 1,000."""

from __future__ import annotations

import pytest

NULL_PAIRS = 60
SEEDS = 4


def test_columns_in_which_nothing_changed_raise_no_alarm(pairs, compared):
    alarms, columns = [], 0
    for seed in range(NULL_PAIRS):
        report = compared(*pairs.null_pair(seed + 50_000))
        alarms += [(seed, name, one.statistic) for name, one in report.columns.items() if one.drifted]
        columns += len(report.columns)
    assert columns > 300
    assert len(alarms) <= 0.02 * columns, alarms


def test_planted_shifts_are_found_and_nothing_beside_them(pairs, compared):
    missed, beside, columns = [], 0, 0
    for name in pairs.PLANTED:
        for seed in range(SEEDS):
            reference, current, planted = pairs.planted_pair(name, seed + 50_000)
            report = compared(reference, current)
            if not report.columns[planted].drifted:
                missed.append((name, seed))
            beside += sum(one.drifted for key, one in report.columns.items() if key != planted)
            columns += len(report.columns) - 1
    assert len(missed) <= 0.05 * SEEDS * len(pairs.PLANTED), missed
    assert beside <= 0.02 * columns


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mean 0.5 sd, 1,500 rows", "mean"),
        ("spread x 1.5, 4,000 rows", "spread"),
        ("mix 0.15, 4,000 rows", "categories"),
        ("new category 5 %, 4,000 rows", "new_category"),
        ("nulls 2 % to 10 %, 4,000 rows", "nulls"),
        ("level 2.5 on a season, 42 rows", "mean"),
    ],
)
def test_a_drift_is_called_by_what_changed(pairs, compared, name, kind):
    reference, current, planted = pairs.planted_pair(name, 7)
    assert compared(reference, current).columns[planted].kind == kind
