"""How deep a payload nests, told before it is decoded.

A decoder gives up where the interpreter's stack ends, which depends on who calls it. What an entry
projects must depend on the entry alone, or verification would hold against a table what append never
wrote there. Hence a limit of our own, far below.
"""

from __future__ import annotations

import re

__all__ = ["DEEPEST", "nests_too_deep"]

DEEPEST = 100  # levels of arrays and objects

# Always matches, up to the end where a string is not closed: the time it takes grows with the length alone.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+["\\]?', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_OPENING = b"[{"


def nests_too_deep(payload: bytes) -> bool:
    """Tell whether JSON nests deeper than `DEEPEST`."""
    if payload.count(b"[") + payload.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for bracket in _STRING.sub(b"", payload).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in _OPENING else -1
        if depth > DEEPEST:
            return True
    return False
