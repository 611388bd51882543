"""Categories of both sides brought into one order; of very many values the same sample on both sides.

Which values are in the sample follows from their text alone, so both sides choose the same ones without
knowing of each other, and what they counted can be compared. Frequent values are kept besides.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from lineproof.data.kernel.lanes import all_lanes, lanes_of

__all__ = ["Aligned", "Categories", "align", "categories"]

MOST = 1 << 17  # values kept of a column
FREQUENT = 0.001  # share of the rows from which on a value is kept whether it is in the sample or not


class Categories(msgspec.Struct, frozen=True, tag="categories"):
    """Rows per category, by its text.

    Attributes:
        values: The values kept: one of each 2 ** `bits`, chosen by hash, and the frequent ones.
        counts: Rows of each.
        rows: Rows with a value, of values not kept as well.
        distinct: Number of values, of those not kept as well.
        bits: How small the sample is; 0 is all values.
        inertia: Rows that are worth one independent row.
    """

    values: list[str]
    counts: list[int]
    rows: int
    distinct: int
    bits: int = 0
    inertia: float = 1.0


class Aligned(msgspec.Struct, frozen=True):
    """Rows per category on both sides, and the shares of each side's rows that these are."""

    reference: Any
    current: Any
    kept: tuple[float, float]


def categories(values: list[str], counts: Any, inertia: float = 1.0) -> Categories:
    """Keep all values of a column, or a sample where they are very many."""
    rows, distinct = int(counts.sum()), len(values)
    bits = max(0, math.ceil(math.log2(distinct / MOST))) if distinct else 0
    if bits:
        places = np.flatnonzero(_chosen(values, bits) | (counts >= FREQUENT * rows))
        values, counts = [values[place] for place in places], counts[places]
    return Categories(values, counts.tolist(), rows, distinct, bits, inertia)


def align(near: Categories, far: Categories) -> Aligned:
    """Give the counts of both sides over the categories that both could have kept."""
    bits = max(near.bits, far.bits)
    names = list(dict.fromkeys((*near.values, *far.values)))
    chosen = _chosen(names, bits) if bits else np.ones(len(names), bool)
    places = {name: place for place, name in enumerate(names)}
    sides = [_counts(one, places, chosen) for one in (near, far)]
    # What is kept only for being frequent on one side is worth its cell; in the sample or not is chance else.
    used = chosen | (sides[0] >= FREQUENT * near.rows) | (sides[1] >= FREQUENT * far.rows)
    shares = tuple(
        min(float(side[used].sum()) / max(one.rows, 1), 1.0)
        for side, one in zip(sides, (near, far), strict=True)
    )
    return Aligned(sides[0][used], sides[1][used], (shares[0], shares[1]))


def _counts(one: Categories, places: dict[str, int], chosen: Any) -> Any:
    """Give the rows per name; of a name that this side may have had but did not keep, the most it can be."""
    counts: Any = np.where(chosen | (one.bits == 0), 0.0, FREQUENT * one.rows)
    counts[[places[value] for value in one.values]] = one.counts
    return counts


def _chosen(values: list[str], bits: int) -> Any:
    words, _ = all_lanes(lanes_of(pa.array(values, pa.large_string())), len(values))
    return (words >> np.uint64(64 - bits)) == 0
