"""Rules hold on tables of many locales with good, vague and no column names: recall, precision, class."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from lineproof.data.classification import Column, classify_table

sys.path.insert(0, str(Path(__file__).parent))
from generator import tables
from localedata import HELD_OUT_LOCALES

SEED = 20
MODES = ("good", "vague", "opaque")


def found(columns, mode):
    given = {}
    for number, made in enumerate(columns):
        name = f"c{number}" if mode == "opaque" else getattr(made, mode)
        present = [value for value in made.values if value is not None]
        size = len(made.values)
        given[name if name not in given else f"{name}_{number}"] = Column(present, size, size - len(present))
    return list(classify_table(given).values())


def score(names, mode, seed=SEED):
    """Pairs of true and found class, with the finding, over the tables that `names` accepts."""
    return [
        (made.class_, one, table, made.good)
        for table, columns in tables(seed)
        if names(table)
        for made, one in zip(columns, found(columns, mode), strict=True)
    ]


def figures(pairs):
    true = [want != "NONE" for want, *_ in pairs]
    said = [one.personal for _, one, *_ in pairs]
    both = sum(a and b for a, b in zip(true, said, strict=True))
    right = sum(want == one.class_ for want, one, *_ in pairs)
    return both / max(sum(true), 1), both / max(sum(said), 1), right / len(pairs)


def confusion(pairs):
    counted = Counter((want, one.class_) for want, one, *_ in pairs)
    lines = [f"  {want:15} {got:15} {number:4}" for (want, got), number in sorted(counted.items())]
    return "\n".join(["  is              found as        columns", *lines])


def held_out(table):
    return table.removeprefix("people_") in HELD_OUT_LOCALES


@pytest.mark.parametrize("mode", MODES)
def test_columns_of_many_locales_are_classified(mode, capsys):
    pairs = score(lambda table: not held_out(table), mode)
    recall, precision, right = figures(pairs)
    with capsys.disabled():
        print(
            f"\n{mode} names, {len(pairs)} columns: recall {recall:.3f} precision {precision:.3f} class {right:.3f}"
        )
        if mode == "opaque":
            print(confusion(pairs))
    wrong = [
        (table, name, want, one.class_, one.evidence)
        for want, one, table, name in pairs
        if want != one.class_
    ]
    assert min(recall, precision) >= 0.95, wrong
    assert right >= 0.9, wrong


@pytest.mark.parametrize("mode", MODES)
def test_locales_that_were_kept_apart_do_nearly_as_well(mode):
    recall, precision, right = figures(score(held_out, mode))
    assert precision >= 0.9
    # Without a name to go by, names of people and places of unknown lands are missed sometimes.
    assert recall >= (0.8 if mode == "opaque" else 0.9)
    assert right >= (0.8 if mode == "opaque" else 0.85)
