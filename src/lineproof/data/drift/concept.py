"""Concept drift: predictions with labels that come later, each used from the time it came.

Three streams are watched, because they mean different things:

- `relation`: of two examples with different labels, had the higher label the higher score? Its mean is
  the area under the ROC curve. It does not see how frequent a label is, so it changes only when the
  relation between score and label does.
- `label`: is the label above the middle one of the reference (of two: is it the larger)?
- `error`: the squared error of a probability, or whether the error is larger than usual.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from lineproof.data.drift.findings import ConceptDrift, StreamDrift
from lineproof.data.drift.streams import detector

__all__ = ["Examples", "agreement", "watch"]

_HELD = 256  # examples waiting for one with another label
_TWO = 2
_FEWEST = 30  # current examples before a change can be theirs


class Examples(msgspec.Struct, frozen=True):
    """Predictions with their labels, as arrays of one length.

    Attributes:
        scores: What was predicted, as numbers.
        labels: What turned out, as numbers.
        known: When each label came, seconds.
    """

    scores: Any
    labels: Any
    known: Any


def watch(
    reference: Examples, current: Examples, *, name: str = "adwin", until: float | None = None
) -> ConceptDrift:
    """Watch the labels of both windows in the order they came.

    Args:
        reference: Examples from when all was well; alarms among these are not told.
        current: Examples to be judged.
        name: The detector: `adwin`, or another of `DETECTORS`.
        until: Labels that came later are not used; seconds.

    Raises:
        CommandError: There is no detector of that name.
    """
    near, far = (_in_order(one, until) for one in (reference, current))
    waiting = len(current.scores) - len(far.scores)
    middle, usual = _usual(near if len(near.labels) else far)
    scores = np.concatenate([near.scores, far.scores])
    labels = np.concatenate([near.labels, far.labels])
    known = np.concatenate([near.known, far.known])
    ours = np.concatenate([np.zeros(len(near.known), bool), np.ones(len(far.known), bool)])
    order = np.argsort(known, kind="stable")
    scores, labels, known, ours = scores[order], labels[order], known[order], ours[order]
    places, agreed = agreement(scores, labels)
    errors = np.square(scores - labels) if usual is None else (np.abs(scores - labels) > usual).astype(float)
    everywhere = np.arange(len(scores))
    found = {
        "relation": _watched(1 - agreed, places, known, ours, name),
        "label": _watched((labels > middle).astype(float), everywhere, known, ours, name),
        "error": _watched(errors, everywhere, known, ours, name),
    }
    return ConceptDrift(
        drifted=found["relation"].drifted, detector=name, labels=len(far.labels), waiting=waiting, **found
    )


def _in_order(examples: Examples, until: float | None) -> Examples:
    """Leave out what has no label, or none as yet."""
    there = ~(np.isnan(examples.scores) | np.isnan(examples.labels) | np.isnan(examples.known))
    if until is not None:
        there &= examples.known <= until
    return Examples(examples.scores[there], examples.labels[there], examples.known[there])


def _usual(examples: Examples) -> tuple[float, float | None]:
    """Give the label that others are above, and the usual error; none for probabilities of two labels."""
    labels = np.unique(examples.labels)
    if not len(labels):
        return 0.0, None
    middle = float(labels[0]) if len(labels) <= _TWO else float(np.median(examples.labels))
    probable = set(labels.tolist()) <= {0.0, 1.0} and bool(
        ((examples.scores >= 0) & (examples.scores <= 1)).all()
    )
    return middle, None if probable else float(np.median(np.abs(examples.scores - examples.labels)))


def agreement(scores: Any, labels: Any) -> tuple[Any, Any]:
    """Pair each example with the latest unpaired one of another label; give places and agreements.

    Each example is in one pair, so the stream has no memory of its own.
    """
    held: list[tuple[float, float]] = []
    places, agreed = [], []
    for place, (score, label) in enumerate(zip(scores.tolist(), labels.tolist(), strict=True)):
        if not held or held[-1][1] == label:
            held.append((score, label))
            del held[:-_HELD]
            continue
        other_score, other_label = held.pop()
        places.append(place)
        agreed.append(0.5 if score == other_score else float((score > other_score) == (label > other_label)))
    return np.asarray(places, dtype=np.int64), np.asarray(agreed, dtype=float)


def _watched(values: Any, places: Any, known: Any, ours: Any, name: str) -> StreamDrift:
    """Feed a stream to a detector; tell the first alarm that current examples had a part in."""
    watching = detector(name)
    current = ours[places] if len(places) else np.zeros(0, bool)
    found = StreamDrift(examples=int(current.sum()))
    seen = 0
    for value, place, mine in zip(values.tolist(), places.tolist(), current.tolist(), strict=True):
        seen += mine
        if watching.add(value) and seen >= _FEWEST and not found.drifted:
            found.drifted, found.at = True, str(np.datetime64(round(float(known[place])), "s")) + "Z"
    if len(values):
        found.before = float(values[~current].mean()) if (~current).any() else None
        found.after = float(values[current].mean()) if current.any() else None
    return found
