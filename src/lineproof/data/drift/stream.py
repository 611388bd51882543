"""One stream of predictions, with labels that come when they come: when did the model begin to do worse?

What is watched, in the order in which labels came:

- `error`: whether a prediction was wrong. A class that is not the label's; a probability on the wrong
  side of a half (for `adwin`, `hddm_a`, `kswin`, `page_hinkley` its squared error, which says more); of
  other numbers, whether the error is larger than usual in the first tenth of the stream.
- `relation`: of two examples with different labels, did the one with the higher label have the higher
  score? It does not see how frequent a label is, so it tells concept drift from a change of labels.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from lineproof.data.drift.concept import agreement
from lineproof.data.drift.streams import detector as detector_of
from lineproof.errors import DriftInputError

__all__ = ["Alarm", "StreamReport", "watch_stream"]

_HALF = 0.5
_FIRST = 10  # the first of so many parts says what is usual
_FEWEST = 30
_OF_RATES = ("ddm", "eddm")  # made for errors that are 0 or 1


class Alarm(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A change that a detector told.

    Attributes:
        stream: `error` or `relation`.
        row: Row of the predictions, from 0, whose label made it certain.
        examples: How many labels had come by then.
        time: When that label came, where times are known.
        before: Mean of the stream since the alarm before, in its first half.
        after: Likewise in its second half.
    """

    stream: str
    row: int
    examples: int
    time: str | None = None
    before: float
    after: float


class StreamReport(msgspec.Struct, kw_only=True):
    """What was found in a stream.

    Attributes:
        drifted: Whether any alarm was told.
        detector: Its name.
        kind: What predictions are: `class`, `probability` or `number`.
        examples: Predictions whose label had come.
        waiting: Predictions without a label as yet.
        error: Mean of the stream of errors.
        alarms: Alarms in order.
    """

    drifted: bool
    detector: str
    kind: str
    examples: int
    waiting: int
    error: float | None
    alarms: list[Alarm]


def watch_stream(
    predictions: Any, labels: Any, *, known: Any = None, detector: str = "adwin"
) -> StreamReport:
    """Watch predictions and their labels.

    Args:
        predictions: One per example, in order of time: numbers, or text.
        labels: What turned out, likewise; NaN or None where it has not as yet.
        known: When each label came, seconds; left out, they came in the order of the predictions.
        detector: `adwin`, `ddm`, `eddm`, `hddm_a`, `kswin`, `page_hinkley`.

    Raises:
        CommandError: There is no detector of that name.
        DriftInputError: They are not of one length.
    """
    # 1. Leave out what has no label, and put the rest in the order in which labels came.
    # 2. Make the streams: errors, and where there are scores whether they agree with the labels.
    # 3. Feed each to a detector of its own.
    detector_of(detector)
    if len(predictions) != len(labels) or (known is not None and len(known) != len(labels)):
        raise DriftInputError("predictions and labels are not of one length", "give one label for each")
    scores, truth, kind = _as_numbers(predictions, labels)
    there = ~(np.isnan(scores) | np.isnan(truth))
    times = np.arange(len(scores), dtype=float) if known is None else np.asarray(known, dtype=float)
    there &= ~np.isnan(times)
    rows = np.flatnonzero(there)
    rows = rows[np.argsort(times[rows], kind="stable")]
    scores, truth = scores[rows], truth[rows]
    errors = _errors(scores, truth, kind, rates=detector_of(detector).__class__.__name__.lower() in _OF_RATES)
    watched = _Watched(rows, None if known is None else times[rows], detector)
    alarms = watched.alarms("error", errors, np.arange(len(rows)))
    if kind != "class":
        places, agreed = agreement(scores, truth)
        alarms += watched.alarms("relation", 1 - agreed, places)
    return StreamReport(
        drifted=bool(alarms),
        detector=detector,
        kind=kind,
        examples=len(rows),
        waiting=len(there) - len(rows),
        error=float(errors.mean()) if len(errors) else None,
        alarms=sorted(alarms, key=lambda one: (one.examples, one.stream)),
    )


class _Watched:
    def __init__(self, rows: Any, times: Any, detector: str) -> None:
        self._rows, self._times, self._detector = rows, times, detector

    def alarms(self, stream: str, values: Any, places: Any) -> list[Alarm]:
        """Feed values, each known at a place among the examples, to a detector."""
        watching = detector_of(self._detector)
        found: list[Alarm] = []
        since = 0
        for at, (value, place) in enumerate(zip(values.tolist(), places.tolist(), strict=True)):
            if not watching.add(value) or at < _FEWEST:
                continue
            middle = (since + at + 1) // 2
            found.append(
                Alarm(
                    stream=stream,
                    row=int(self._rows[place]),
                    examples=place + 1,
                    time=None if self._times is None else _shown(float(self._times[place])),
                    before=float(values[since : middle or 1].mean()),
                    after=float(values[middle : at + 1].mean()),
                )
            )
            since = at + 1
        return found


def _as_numbers(predictions: Any, labels: Any) -> tuple[Any, Any, str]:
    """Give both as numbers, and what predictions are; classes get numbers by their text."""
    sides = [np.asarray(one) for one in (predictions, labels)]
    if any(one.dtype.kind not in "fiub" for one in sides):
        names: dict[str, float] = {}
        codes = [
            np.array([np.nan if value is None else names.setdefault(str(value), len(names)) for value in one])
            for one in (list(predictions), list(labels))
        ]
        return codes[0].astype(float), codes[1].astype(float), "class"
    scores, truth = (one.astype(float) for one in sides)
    whole = set(np.unique(truth[~np.isnan(truth)])) <= {0.0, 1.0}
    inside = bool(((scores >= 0) & (scores <= 1) | np.isnan(scores)).all())
    if whole and inside:
        decided = set(np.unique(scores[~np.isnan(scores)])) <= {0.0, 1.0}
        return scores, truth, "class" if decided else "probability"
    return scores, truth, "number"


def _errors(scores: Any, truth: Any, kind: str, *, rates: bool) -> Any:
    if kind == "class":
        return (scores != truth).astype(float)
    if kind == "probability":
        return ((scores >= _HALF) != (truth >= _HALF)).astype(float) if rates else np.square(scores - truth)
    apart = np.abs(scores - truth)
    first = apart[: max(_FEWEST, len(apart) // _FIRST)]
    return (apart > (np.median(first) if len(first) else 0.0)).astype(float)


def _shown(seconds: float) -> str:
    return str(np.datetime64(round(seconds * 1000), "ms")) + "Z"
