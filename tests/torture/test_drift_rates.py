"""False alarms over 1,000 pairs in which nothing changed, and the recall of planted shifts."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

from lineproof.data.drift import compare_tables, table_of

NULL_PAIRS = 1000
PLANTED_EACH = 100

_PAIRS = Path(__file__).parent.parent / "data" / "drift" / "pairs.py"
_spec = importlib.util.spec_from_file_location("pairs", _PAIRS)
pairs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pairs)


def report(reference, current):
    return compare_tables(table_of(reference), table_of(current)).report


@pytest.mark.timeout(3600)
def test_false_alarms_over_a_thousand_null_pairs(capsys):
    columns, alarms, tables = Counter(), Counter(), 0
    for seed in range(NULL_PAIRS):
        found = report(*pairs.null_pair(seed))
        tables += found.drifted
        for name, one in found.columns.items():
            if name != "at":  # the clock of a series is never compared
                columns[name] += 1
                alarms[name] += one.drifted
    rate = alarms.total() / columns.total()
    with capsys.disabled():
        print(
            f"\n{alarms.total()} alarms in {columns.total()} unchanged columns: {rate:.3%}; in {tables} tables"
        )
        print("\n".join(f"  {name}: {alarms[name]} of {columns[name]}" for name in sorted(columns)))
    assert rate <= 0.02
    assert all(alarms[name] <= 0.05 * columns[name] + 2 for name in columns)


@pytest.mark.timeout(3600)
def test_recall_of_planted_shifts(capsys):
    found = Counter()
    beside = columns = 0
    for name in pairs.PLANTED:
        for seed in range(PLANTED_EACH):
            reference, current, planted = pairs.planted_pair(name, seed)
            made = report(reference, current).columns
            found[name] += made[planted].drifted
            beside += sum(one.drifted for key, one in made.items() if key != planted)
            columns += len(made) - 1
    with capsys.disabled():
        print("\n" + "\n".join(f"  {name}: {found[name]} of {PLANTED_EACH}" for name in pairs.PLANTED))
        print(f"  beside them {beside} alarms in {columns} unchanged columns")
    assert min(found[name] for name in pairs.PLANTED) >= 0.95 * PLANTED_EACH
    assert beside <= 0.02 * columns
