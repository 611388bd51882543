"""Engines that look for identifiers inside free text, beside the patterns of this room.

To add one: a class with a name and `shares`, and its line in `_ENGINES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from lineproof.data.classification.decide import Opinion
from lineproof.data.classification.detectors.prose import prose
from lineproof.data.classification.presidio import Presidio
from lineproof.data.classification.result import CLASSES
from lineproof.errors import CommandError

__all__ = ["TextEngine", "read_texts", "text_engine"]

_TEXTS = 300  # of a column, spread over its sample
_LEAST = 0.05  # share of the texts in which an identifier must be
_BY_LUCK = 0.15  # the same for numbers whose check digit one in ten passes by luck
_CHECKED = frozenset({"CREDIT_CARD", "NATIONAL_ID", "NPI", "LICENCE", "ACCOUNT"})


class TextEngine(Protocol):
    """What finds identifiers inside texts.

    Attributes:
        name: How evidence calls it.
    """

    name: str

    def shares(self, texts: Sequence[str]) -> Mapping[str, float]:
        """Give the share of the texts in which each class was found; classes of `CLASSES` only."""


_ENGINES: dict[str, Callable[[], TextEngine]] = {"presidio": Presidio}


def text_engine(name: str) -> TextEngine:
    """Give the engine of a name.

    Raises:
        CommandError: There is none.
        MissingTextEngineError: It is not installed.
    """
    if name not in _ENGINES:
        raise CommandError(f"there is no engine for texts {name!r}", f"one of {', '.join(_ENGINES)}")
    return _ENGINES[name]()


def read_texts(engine: TextEngine, seen: Opinion) -> None:
    """Let an engine speak about a column, if that is of free text."""
    if seen.sample.kind != "text" or prose(seen.sample) < 0.5:
        return
    places = np.unique(np.linspace(0, len(seen.sample) - 1, _TEXTS).astype(np.int64))
    shares = engine.shares(seen.sample.text.take(places).to_pylist())
    found = {
        class_: share
        for class_, share in sorted(shares.items())
        if class_ in CLASSES and share >= (_BY_LUCK if class_ in _CHECKED else _LEAST)
    }
    if not found:
        return
    told = ", ".join(f"{class_} in {share:.0%}" for class_, share in found.items())
    seen.add("FREE_TEXT", 0.8, f"{engine.name} finds identifiers inside the texts: {told}")
    seen.contains = tuple(dict.fromkeys([*seen.contains, *found]))
