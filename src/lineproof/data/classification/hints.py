"""What a column's name says, in many languages."""

from __future__ import annotations

from functools import cache, lru_cache

import msgspec

from lineproof.data.classification.lists import sections
from lineproof.data.classification.text import words_of_name

__all__ = ["Hints", "hints"]

_INSIDE = 6  # letters from which a term is believed inside a compound word
_EDGE = 5  # at its start or end
_LATIN = 0x250
_HEAD = 3  # letters by which terms are looked up


class Hints(msgspec.Struct, frozen=True):
    """Classes that a name speaks for, each with the term that said so, and terms that speak against all.

    Attributes:
        strong: The name says it.
        weak: The name allows it.
        against: `strong`, `weak` or an empty text: the name is of something that is not a person's.
        words: The words of the name, folded.
    """

    strong: dict[str, str]
    weak: dict[str, str]
    against: str
    words: tuple[str, ...]


class _Match(msgspec.Struct, frozen=True):
    start: int
    end: int
    class_: str
    strength: str
    term: str


@cache
def _terms() -> list[tuple[str, tuple[str, ...], str, str, str]]:
    """Joined form, words, class, strength and the term as it is shown."""
    table = []
    for key, terms in sections("hints").items():
        class_, strength = key.split()
        for term in terms:
            parts = tuple(term.split("_"))
            table.append(("".join(parts), parts, class_, strength, term.replace("_", " ")))
    return table


@cache
def _by_head() -> dict[str, list[int]]:
    """The places in `_terms` of the terms that begin with the same letters."""
    found: dict[str, list[int]] = {}
    for place, (joined, *_) in enumerate(_terms()):
        found.setdefault(joined[:_HEAD], []).append(place)
    return found


def _contained(everything: str) -> list[tuple[str, tuple[str, ...], str, str, str]]:
    """The terms that occur in a name, in their order."""
    terms, heads = _terms(), _by_head()
    places = {
        place
        for start in range(len(everything))
        for size in range(1, _HEAD + 1)
        for place in heads.get(everything[start : start + size], ())
        if everything.startswith(terms[place][0], start)
    }
    return [terms[place] for place in sorted(places)]


def _inside(joined: str, words: tuple[str, ...], starts: list[int], class_: str) -> tuple[int, int] | None:
    """Where a term stands inside a compound word, if it is long enough to be believed there."""
    need_edge = _EDGE + (2 if class_ == "NONE" else 0)
    for word, start in zip(words, starts, strict=True):
        at = word.find(joined)
        if at < 0:
            continue
        edge = at == 0 or at + len(joined) == len(word)
        foreign = ord(joined[0]) > _LATIN
        if foreign or (edge and len(joined) >= need_edge) or (class_ != "NONE" and len(joined) >= _INSIDE):
            return start + at, start + at + len(joined)
    return None


def _whole(parts: tuple[str, ...], words: tuple[str, ...], starts: list[int]) -> tuple[int, int] | None:
    for first in range(len(words) - len(parts) + 1):
        if words[first : first + len(parts)] == parts:
            last = first + len(parts) - 1
            return starts[first], starts[last] + len(words[last])
    return None


def _matches(words: tuple[str, ...]) -> list[_Match]:
    starts = [sum(map(len, words[:number])) for number in range(len(words))]
    everything = "".join(words)
    found = []
    for joined, parts, class_, strength, term in _contained(everything):
        single = len(joined) > 1 or joined in words
        span = _whole(parts, words, starts) or (_inside(joined, words, starts, class_) if single else None)
        if span is None and len(parts) > 1 and len(joined) >= _INSIDE and everything == joined:
            span = (0, len(everything))
        if span:
            found.append(_Match(*span, class_, strength, term))
    return found


def _covered(match: _Match, others: list[_Match]) -> bool:
    size = match.end - match.start
    return any(o.start <= match.start and o.end >= match.end and o.end - o.start > size for o in others)


@lru_cache(maxsize=4096)
def hints(name: str) -> Hints:
    """Read a column's name. The longest terms win: `ip_address` speaks of IP, not of an address."""
    words = words_of_name(name)
    matches = _matches(words)
    kept = [match for match in matches if not _covered(match, matches)]
    strong = {m.class_: m.term for m in kept if m.strength == "strong" and m.class_ != "NONE"}
    weak = {m.class_: m.term for m in kept if m.strength == "weak" and m.class_ not in strong}
    weak.pop("NONE", None)
    against = [m.strength for m in kept if m.class_ == "NONE"]
    return Hints(strong, weak, "strong" if "strong" in against else "weak" if against else "", words)
