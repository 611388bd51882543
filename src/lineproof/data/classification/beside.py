"""Samples of many columns side by side: a pattern is compiled once for all of them.

To compile one costs as much as matching hundreds of short values, and one with classes of Unicode letters a
hundred times that. Where a table has thousands of columns of few values, that was nearly all of the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from lineproof.data.classification.sample import Array, Sample, matches

__all__ = ["Beside", "sets"]

_VALUES = 1 << 14  # of one set: to match so many takes about as long as to compile
_BYTES = 64  # of a value of usual length; longer ones count as several


class Beside:
    """Samples of one kind, looked at together; each keeps its own opinion of what it sees."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        """Join what the samples look at first: their probes, or all values of short ones."""
        self._samples = samples
        self._text = pa.concat_arrays([one.looked_at for one in samples])
        self._ends = np.cumsum([0, *(len(one.looked_at) for one in samples)])
        self._masks: dict[str, Array] = {}

    def __enter__(self) -> None:
        """Let the samples ask here."""
        for place, one in enumerate(self._samples):
            one.ask(partial(self._mask, place))

    def __exit__(self, *_: object) -> None:
        """Let them forget what was matched here: rules for neighbours ask for few columns, and seldom."""
        self._masks.clear()
        for one in self._samples:
            one.ask(None)

    def _mask(self, place: int, pattern: str) -> Array:
        if pattern not in self._masks:
            self._masks[pattern] = matches(self._text, pattern)
        return self._masks[pattern][self._ends[place] : self._ends[place + 1]]


def sets(samples: Sequence[Sample]) -> Iterator[tuple[list[int], Beside]]:
    """Give sets of samples of one kind, which are asked much the same, each with the places of its samples."""
    alike: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(samples):
        alike[one.kind].append(place)
    for places in alike.values():
        held = np.cumsum([_weight(samples[place].looked_at) for place in places]) // _VALUES
        for number in np.unique(held):
            chosen = [place for place, at in zip(places, held, strict=True) if at == number]
            yield chosen, Beside([samples[place] for place in chosen])


def _weight(text: pa.Array) -> int:
    return max(len(text), int(text.nbytes) // _BYTES)
