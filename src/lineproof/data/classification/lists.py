"""The word lists of this room, read from `words/` once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lineproof.data.classification.text import fold

__all__ = ["collected", "common", "names", "section", "sections", "words"]


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath("words", f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _collected() -> dict[str, str]:
    """The long lists of `collected.txt` by section, as they are written; they are folded already."""
    found: dict[str, str] = {}
    for line in _lines("collected"):
        key, _, rest = line.partition(": ")
        found[key] = f"{found[key]} {rest}" if key in found else rest
    return found


@cache
def words(name: str) -> frozenset[str]:
    """The folded words of a plain list and of the collected one of that name; `_` in the files is a space here."""
    return common(name) | collected(name)


@cache
def common(name: str) -> frozenset[str]:
    """The folded words of a plain list alone: the usual ones, seldom anything else."""
    return frozenset(fold(word).replace("_", " ") for line in _lines(name) for word in line.split())


@cache
def collected(name: str) -> frozenset[str]:
    """One section of the lists taken from packages, see `scripts/wordlists.py`."""
    # Of the text as a whole: a hundred thousand words are cut and cleaned without a step of ours for each.
    return frozenset(_collected()[name].replace(" ", "\n").replace("_", " ").split("\n"))


@cache
def names() -> frozenset[str]:
    """Given names and surnames in Latin letters."""
    return words("given") | words("surnames")


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
