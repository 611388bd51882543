"""Check digits, for many numbers at once: each takes a matrix of digits, a row a number, and says which hold.

Sources: ISO/IEC 7812-1 (Luhn), ISO 7064 (mod 97-10, mod 11,10, mod 11-2), J. Verhoeff 1969, and the published
rules of each register, named at the function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = [
    "Digits",
    "Passes",
    "luhn",
    "mod11_10",
    "mod97",
    "number",
    "plausible_date",
    "verhoeff",
    "weighted",
]

# numpy arrays; their own types do not survive numpy's operations under mypy.
Digits = Any  # int64, shape (numbers, digits)
Passes = Any  # bool, shape (numbers,)


def luhn(digits: Digits) -> Passes:
    """Luhn: the last digit checks the others."""
    doubled = digits.copy()
    doubled[:, -2::-2] *= 2
    return (doubled // 10 + doubled % 10).sum(axis=1) % 10 == 0


def weighted(
    weights: Sequence[int], modulus: int, result: Callable[[Digits], Digits] | int = 0
) -> Callable[[Digits], Passes]:
    """A rule of the common kind: weighted sum, modulus, compared with a constant or with the last digit.

    Args:
        weights: One for each digit that takes part, from the left.
        modulus: What the sum is divided by.
        result: The remainder that must come out, or what the last digit must be for each remainder.
    """

    def holds(digits: Digits) -> Passes:
        rest = (digits[:, : len(weights)] * np.array(weights)).sum(axis=1) % modulus
        if callable(result):
            return result(rest) == digits[:, -1]
        return rest == result

    return holds


def number(digits: Digits) -> Digits:
    """The number that a row of at most 18 digits spells."""
    return digits @ (10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64))


def mod97(digits: Digits) -> Digits:
    """Remainder by 97 of a row of digits of any length."""
    rest: Digits = np.zeros(len(digits), dtype=np.int64)
    for place in range(digits.shape[1]):
        rest = (rest * 10 + digits[:, place]) % 97
    return rest


def mod11_10(digits: Digits) -> Passes:
    """ISO 7064 mod 11,10: German tax id, Croatian OIB."""
    product = np.full(len(digits), 10)
    for place in range(digits.shape[1] - 1):
        total = (digits[:, place] + product) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    return (11 - product) % 10 == digits[:, -1]


_TIMES = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ]
)
_TURN = np.array([1, 5, 7, 6, 2, 8, 3, 0, 9, 4])


def verhoeff(digits: Digits) -> Passes:
    """Verhoeff: Aadhaar."""
    turns = [np.arange(10)]
    for _ in range(7):
        turns.append(turns[-1][_TURN])
    check: Digits = np.zeros(len(digits), dtype=np.int64)
    for place in range(digits.shape[1]):
        check = _TIMES[check, turns[place % 8][digits[:, -1 - place]]]
    return check == 0


def plausible_date(month: Digits, day: Digits) -> Passes:
    """Whether month and day exist in some year."""
    longest = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    inside = (month >= 1) & (month <= 12)
    return inside & (day >= 1) & (day <= longest[np.where(inside, month, 0)])
