"""Which columns hold predictions and labels, and what of them had come by a time."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.types as pt

from lineproof.data.drift.concept import Examples, watch
from lineproof.data.drift.findings import ConceptDrift
from lineproof.data.drift.kinds import NUMBER, TIME, kind_of, numbers
from lineproof.data.drift.source import Table
from lineproof.errors import DriftInputError

__all__ = ["Roles", "available", "concept_drift", "find_roles", "seconds_of"]

_LABELS = ("label", "target", "outcome", "y", "y_true")
_PREDICTIONS = ("score", "prediction", "probability", "predicted", "y_pred", "y_score")
_TIMES = ("label_time", "labelled_at", "labeled_at", "outcome_time")


class Roles(msgspec.Struct, frozen=True):
    """Names of the columns that say how a model did."""

    label: str | None = None
    prediction: str | None = None
    label_time: str | None = None


def find_roles(reference: Table, current: Table, asked: Roles) -> Roles:
    """Give the columns that were named; of the others those whose names are customary, if on both sides.

    Raises:
        DriftInputError: A named column is not there, or is of a type that cannot be compared.
    """
    both = [name for name in reference.types if name in current.types]
    for name, kinds in ((asked.label, _numeric), (asked.prediction, _numeric), (asked.label_time, _timed)):
        if name is not None and not (name in both and kinds(reference, name) and kinds(current, name)):
            raise DriftInputError(f"column {name} is not in both tables with the type that its role needs")

    def customary(names: tuple[str, ...], kinds: Any) -> str | None:
        there = (name for name in names if name in both and kinds(reference, name) and kinds(current, name))
        return next(there, None)

    return Roles(
        asked.label or customary(_LABELS, _numeric),
        asked.prediction or customary(_PREDICTIONS, _numeric),
        asked.label_time or customary(_TIMES, _timed),
    )


def available(table: Table, roles: Roles, until: float | None) -> Any:
    """Give for each row whether its label had come by a time; None where that is not in question."""
    if until is None or roles.label is None or roles.label_time is None:
        return None
    return numbers(table.column(roles.label_time)) <= until


def concept_drift(
    reference: Table, current: Table, roles: Roles, *, order: str | None, detector: str, until: float | None
) -> ConceptDrift | None:
    """Watch the labels of both tables in the order they came.

    Args:
        reference: The reference.
        current: The current window.
        roles: Which columns hold what.
        order: The column of time, for tables that do not say when a label came.
        detector: Name of the detector.
        until: Labels that came later are not used; seconds.

    Returns:
        Nothing where no column holds predictions, or none holds labels.

    Raises:
        CommandError: There is no detector of that name.
    """
    if roles.label is None or roles.prediction is None:
        return None
    known = [_known(table, roles.label_time or order) for table in (reference, current)]
    if roles.label_time is None and order is None:  # rows in the order of the files
        known[1] = known[1] + reference.rows
    sides = [
        Examples(_values(table, roles.prediction), _values(table, roles.label), times)
        for table, times in zip((reference, current), known, strict=True)
    ]
    return watch(*sides, name=detector, until=until)


def seconds_of(time: str) -> float:
    """Give an ISO time as seconds, UTC where it names no zone.

    Raises:
        DriftInputError: It is not a time.
    """
    try:
        return float(numbers(pa.chunked_array([[time]]).cast(pa.timestamp("us", "UTC")))[0])
    except pa.ArrowInvalid:
        pass
    try:
        return float(numbers(pa.chunked_array([[time]]).cast(pa.timestamp("us")))[0])
    except pa.ArrowInvalid as error:
        raise DriftInputError(f"{time} is not a time", "write it like 2026-05-01T12:00:00") from error


def _known(table: Table, name: str | None) -> Any:
    if name is None:
        return np.arange(table.rows, dtype=float)
    return numbers(table.column(name))


def _values(table: Table, name: str) -> Any:
    values = table.column(name)
    return numbers(values.cast(pa.int8())) if pt.is_boolean(values.type) else numbers(values)


def _numeric(table: Table, name: str) -> bool:
    return kind_of(table.types[name]) == NUMBER or pt.is_boolean(table.types[name])


def _timed(table: Table, name: str) -> bool:
    return kind_of(table.types[name]) == TIME
