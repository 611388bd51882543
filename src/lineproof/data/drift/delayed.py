"""Predictions and the labels that came for them, as columns of one file or of two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.types as pt

from lineproof.data.drift.kinds import CATEGORY, coded, kind_of, numbers
from lineproof.data.drift.source import Table
from lineproof.errors import DriftInputError

__all__ = ["in_one", "joined"]

Stream = tuple[Any, Any, Any]
"""Predictions, labels, and when each label came (None: in this order)."""


def in_one(table: Table, prediction: str, label: str, label_time: str | None = None) -> Stream:
    """Give what one file holds.

    Raises:
        DriftInputError: A column is not there, or the time of labels is no time.
    """
    known = None if label_time is None else _seconds(table, label_time)
    return _values(table, prediction), _values(table, label), known


def joined(
    table: Table, labels: Table, prediction: str, label: str, by: str, label_time: str | None = None
) -> Stream:
    """Join labels that came later; of several for one id the first counts, as it was the first to be known.

    Labels without a time came in the order of their file. What is no label of these predictions is left out.

    Raises:
        DriftInputError: A column is not there, or the time of labels is no time.
    """
    ids, found = _texts(table, by), _texts(labels, by)
    place: dict[str, int] = {}
    for at, one in enumerate(found):
        if one is not None:
            place.setdefault(one, at)
    rows = np.array([place.get(one, -1) if one is not None else -1 for one in ids], dtype=np.int64)
    values = _values(labels, label)
    known = np.arange(len(found), dtype=float) if label_time is None else _seconds(labels, label_time)
    if isinstance(values, list):
        truth: Any = [None if at < 0 else values[at] for at in rows.tolist()]
    else:
        truth = np.where(rows < 0, np.nan, values[rows]) if len(values) else np.full(len(rows), np.nan)
    when = np.where(rows < 0, np.nan, known[rows]) if len(known) else np.full(len(rows), np.nan)
    return _values(table, prediction), truth, when


def _column(table: Table, name: str) -> Any:
    if name not in table.types:
        raise DriftInputError(f"{table.name} has no column {name}", f"it has {', '.join(table.types)[:200]}")
    return table.column(name)


def _values(table: Table, name: str) -> Any:
    """Give numbers with NaN for what is missing; of text a list with None."""
    values = _column(table, name)
    if pt.is_boolean(values.type):
        return np.array([np.nan if one is None else float(one) for one in values.to_pylist()])
    if kind_of(values.type) == CATEGORY:
        codes, texts = coded(values)
        return [None if code < 0 else texts[code] for code in codes.tolist()]
    return numbers(values)


def _seconds(table: Table, name: str) -> Any:
    values = _column(table, name)
    if kind_of(values.type) == CATEGORY:
        raise DriftInputError(
            f"column {name} of {table.name} is no time", "write times like 2026-05-01T12:00:00"
        )
    return numbers(values)


def _texts(table: Table, name: str) -> list[str | None]:
    codes, texts = coded(_column(table, name))
    return [None if code < 0 else texts[code] for code in codes.tolist()]
