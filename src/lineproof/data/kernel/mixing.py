"""The arithmetic under the content fingerprint: 64-bit words, mixed in place, a block at a time.

All arithmetic is modulo 2^64. `docs/fingerprint.md` defines every constant and step; what is here is that
page in numpy, and `tests/data/kernel/reference.py` is the same page in plain Python.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

__all__ = [
    "BLOCK",
    "LENGTH_FIRST",
    "LENGTH_SECOND",
    "NULL_FIRST",
    "NULL_SECOND",
    "POSITION",
    "Workspace",
    "column_keys",
    "mix",
]

BLOCK = 1 << 14  # rows per step: a few arrays of this many words stay in the processor's second cache

_MULTIPLY_FIRST = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLY_SECOND = np.uint64(0xD6E8FEB86659FD93)
_SHIFT_FIRST = np.uint64(32)
_SHIFT_SECOND = np.uint64(29)

NULL_FIRST = np.uint64(0x243F6A8885A308D3)
NULL_SECOND = np.uint64(0x13198A2E03707344)
POSITION = 0x8EBC6AF09C88C6E3  # times (position + 1), so that the same word counts differently elsewhere
LENGTH_FIRST = np.uint64(0xA0761D6478BD642F)
LENGTH_SECOND = np.uint64(0xE7037ED1A0B428DB)


class Workspace:
    """Arrays that are used again for every block; making them anew would cost more than filling them."""

    def __init__(self) -> None:
        self.first: Any = np.empty(BLOCK, np.uint64)
        self.second: Any = np.empty(BLOCK, np.uint64)
        self.spare: Any = np.empty(BLOCK, np.uint64)
        self.wide: Any = np.empty(BLOCK, np.uint64)
        self.row_first: Any = np.empty(BLOCK, np.uint64)
        self.row_second: Any = np.empty(BLOCK, np.uint64)


def mix(words: Any, spare: Any, source: Any = None) -> None:
    """Mix words in place: a bijection on 64 bits, far from linear.

    Args:
        words: Array of uint64 that is overwritten with the result.
        spare: Array of the same length whose content does not matter.
        source: Where to read from; `words` itself when left out.
    """
    np.multiply(words if source is None else source, _MULTIPLY_FIRST, out=words)
    np.right_shift(words, _SHIFT_FIRST, out=spare)
    np.bitwise_xor(words, spare, out=words)
    np.multiply(words, _MULTIPLY_SECOND, out=words)
    np.right_shift(words, _SHIFT_SECOND, out=spare)
    np.bitwise_xor(words, spare, out=words)


def column_keys(name: str) -> tuple[Any, Any]:
    """Give the two odd numbers by which the values of a column enter their rows."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    first, second = (int.from_bytes(digest[at : at + 8], "little") | 1 for at in (0, 8))
    return np.uint64(first), np.uint64(second)
