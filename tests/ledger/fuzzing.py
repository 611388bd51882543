"""Coverage-guided fuzzing of parsers: inputs that reach a new line are kept and mutated further.

`sys.settrace` sees the lines of one module; a seed is all the chance there is.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

_INTERESTING = (
    b"\x00",
    b"\xff",
    b"\n",
    b"\n\n",
    b" ",
    b"+",
    b"=",
    b"0",
    b"-1",
    b"9" * 20,
    b"\xe2\x80\x94 ",
    b"{",
    b'"',
)


def fuzz(
    target: Callable[[bytes], object],
    allowed: type[Exception] | tuple[type[Exception], ...],
    corpus: Sequence[bytes],
    *,
    module: str,
    rounds: int,
    seed: int = 1,
) -> int:
    """Call a parser with mutated input; give how many pairs of lines were reached.

    Args:
        target: Takes bytes, raises what it documents.
        allowed: What it documents.
        corpus: Real input to start from.
        module: File name whose lines guide the search.
        rounds: How many inputs are tried.
        seed: Of the chance.
    """
    chance = random.Random(seed)
    pool = list(corpus)
    reached: set[tuple[int, int]] = set()
    for data in corpus:
        reached |= _lines(target, allowed, data, module)
    for _ in range(rounds):
        data = mutated(chance.choice(pool), pool, chance)
        found = _lines(target, allowed, data, module)
        if not found <= reached:
            reached |= found
            pool.append(data)
    return len(reached)


def mutated(data: bytes, pool: Sequence[bytes], chance: random.Random) -> bytes:
    """Change some bytes: flip, cut, repeat, insert, or cross with another input."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(made))
        match chance.randrange(6):
            case 0 if made:
                made[at % len(made)] ^= 1 << chance.randrange(8)
            case 1:
                del made[at : at + chance.randint(1, 40)]
            case 2:
                made[at:at] = made[at : at + chance.randint(1, 60)]
            case 3:
                made[at:at] = chance.choice(_INTERESTING)
            case 4:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                other = chance.choice(pool)
                made = made[:at] + other[chance.randint(0, len(other)) :]
    return bytes(made[:20_000])


def _lines(
    target: Callable[[bytes], object],
    allowed: type[Exception] | tuple[type[Exception], ...],
    data: bytes,
    module: str,
) -> set[tuple[int, int]]:
    seen: set[tuple[int, int]] = set()
    last = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal last
        if not frame.f_code.co_filename.endswith(module):
            return None
        if event == "line":
            seen.add((last, frame.f_lineno))
            last = frame.f_lineno
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        target(data)
    except allowed:
        pass
    finally:
        sys.settrace(before)
    return seen
