"""The word lists of this room, read from `words/` once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lineproof.data.classification.text import fold

__all__ = ["section", "sections", "words"]


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath("words", f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def words(name: str) -> frozenset[str]:
    """The folded words of a plain list; `_` in the file is a space here."""
    return frozenset(fold(word).replace("_", " ") for line in _lines(name) for word in line.split())


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """The sections of a list whose lines are `key: words`; words folded, `_` kept."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines(name):
        key, _, rest = line.partition(": ")
        found[key] = found.get(key, ()) + tuple(fold(word) for word in rest.split())
    return found


@cache
def section(name: str, key: str) -> frozenset[str]:
    """One section, `_` as a space."""
    return frozenset(word.replace("_", " ") for word in sections(name)[key])
