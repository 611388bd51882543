"""Names that fit: how wide text is about, and how it is shortened in the middle."""

from __future__ import annotations

import unicodedata

__all__ = ["shortened", "width"]

_ELLIPSIS = "…"
_NARROW = frozenset("ijltfrI.,:;'|!()[]{}/\\ ·")
_WIDE = frozenset("mwMWQGO@%&—…")


def width(text: str) -> float:
    """Give the width of a text in a common sans-serif face, in ems, rather too much than too little."""
    return sum(_ems(one) for one in text)


def shortened(text: str, ems: float) -> str:
    """Shorten a text in its middle, so that beginning and end, which tell most, stay.

    Args:
        text: One line.
        ems: Width it may have.
    """
    if width(text) <= ems:
        return text
    left = ems - _ems(_ELLIPSIS)
    head, tail = 0, len(text)
    while head < tail:
        first = head <= len(text) - tail
        wide = _ems(text[head] if first else text[tail - 1])
        if wide > left:
            break
        left -= wide
        if first:
            head += 1
        else:
            tail -= 1
    return text[:head] + _ELLIPSIS + text[tail:]


def _ems(one: str) -> float:
    if one in _NARROW:
        return 0.36
    if one in _WIDE:
        return 0.95
    if unicodedata.combining(one):
        return 0.0
    if unicodedata.east_asian_width(one) in "WF":
        return 1.05
    return 0.72 if one.isupper() else 0.6
