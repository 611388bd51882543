"""The column that says when a row happened, and the columns that merely follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lineproof.data.drift.kinds import NUMBER, TIME, kind_of, numbers
from lineproof.errors import DriftInputError

if TYPE_CHECKING:
    from lineproof.data.drift.source import Table

__all__ = ["find_order", "follows"]

_MOSTLY = 0.99
_STRAY = 4.0  # standard errors of a rank correlation
_SAMPLE = 20_000


def find_order(table: Table, asked: str | None = None) -> str | None:
    """Give the column of time of a table.

    Args:
        table: The reference.
        asked: The column that somebody named.

    Returns:
        The asked one, or the first time column by which the rows are sorted, or none.

    Raises:
        DriftInputError: The asked column is not there, or is neither times nor numbers.
    """
    if asked is not None:
        if asked not in table.types:
            raise DriftInputError(f"{table.name} has no column {asked} to order by")
        if kind_of(table.types[asked]) not in {NUMBER, TIME}:
            raise DriftInputError(f"column {asked} holds neither times nor numbers to order by")
        return asked
    for name, kind in table.types.items():
        if kind_of(kind) == TIME and _sorted(numbers(table.column(name))):
            return name
    return None


def follows(times: Any, seconds: Any) -> bool:
    """Tell whether a time column moves with the clock of the rows, so that it differs by nature.

    It does where it is correlated with the clock, or where its times are the same or later ones: when a
    label came, when a case was closed.
    """
    step = max(1, len(times) // _SAMPLE)
    one, other = times[::step], seconds[::step]
    there = ~np.isnan(one) & ~np.isnan(other)
    one, other = one[there], other[there]
    if len(one) < 3:  # noqa: PLR2004 - no correlation of fewer
        return True
    if (one >= other).mean() >= _MOSTLY:
        return True
    ranks = [np.argsort(np.argsort(side, kind="stable"), kind="stable") for side in (one, other)]
    return bool(abs(np.corrcoef(*ranks)[0, 1]) > _STRAY / np.sqrt(len(one)))


def _sorted(seconds: Any) -> bool:
    if len(seconds) < 2 or np.isnan(seconds).any():  # noqa: PLR2004 - one row is in any order
        return False
    return bool((np.diff(seconds) >= 0).all() and seconds[-1] > seconds[0])
