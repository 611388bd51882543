"""Splitting what is about several people, so that what is about one of them can be destroyed alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from lineproof.model.entries import EntryType, PredictionSegment
from lineproof.model.identity import derived_uuid
from lineproof.model.subjects import Subject
from lineproof.store.sequencer import NewEntry

__all__ = ["per_person"]

_SAYS_SO = b'"subject_space"'


def per_person(item: NewEntry) -> list[NewEntry]:
    """Give the entries that an item becomes: one for each person, where it says whom it is about.

    Segments of predictions do, by their `subject_space`. Predictions about nobody stay together in the item
    itself. The ids of the parts follow from that of the item and their order, never from a person: a repeat of
    the item is a repeat of its parts.
    """
    if item.subject is not None or item.type is not EntryType.PREDICTION_SEGMENT:
        return [item]
    if _SAYS_SO not in item.payload:  # most say nothing, and need not be read
        return [item]
    try:
        segment = msgspec.json.decode(item.payload, type=PredictionSegment)
    except (msgspec.DecodeError, UnicodeError):
        return [item]  # kept as received
    if not isinstance(segment.subject_space, str):
        return [item]
    return [
        NewEntry(
            item.type,
            msgspec.json.encode(_part(segment, ordinals)),
            item.id if number == 0 or item.id is None else derived_uuid(item.id, f"part {number}"),
            subject,
        )
        for number, (subject, ordinals) in enumerate(_people(segment, segment.subject_space).items())
    ]


def _people(segment: PredictionSegment, space: str) -> dict[Subject | None, list[int]]:
    """Give the places of each person's predictions."""
    found: dict[Subject | None, list[int]] = {}
    named: Sequence[str] = segment.subjects if isinstance(segment.subjects, list) else segment.ids
    for ordinal in range(len(segment.ids)):
        who = Subject.of(space, named[ordinal]) if ordinal < len(named) else None
        found.setdefault(who, []).append(ordinal)
    return found or {None: []}


def _part(segment: PredictionSegment, ordinals: list[int]) -> PredictionSegment:
    return msgspec.structs.replace(
        segment,
        ids=_at(segment.ids, ordinals),
        subjects=_at(segment.subjects, ordinals) if isinstance(segment.subjects, list) else UNSET,
        outputs={name: _at(values, ordinals) for name, values in segment.outputs.items()},
        inputs=None
        if segment.inputs is None
        else {name: _at(values, ordinals) for name, values in segment.inputs.items()},
    )


def _at(values: list[Any], ordinals: list[int]) -> list[Any]:
    return [values[ordinal] for ordinal in ordinals if ordinal < len(values)]
