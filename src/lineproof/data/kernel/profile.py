"""From the state of a column to what a person reads of it."""

from __future__ import annotations

import datetime as dt
import math
import string
from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineproof.data.kernel.column import NUMBERS, TIMES, ColumnState
from lineproof.data.kernel.content import ColumnContent
from lineproof.data.kernel.histogram import number_edges

__all__ = ["Profile", "profile"]

Value = int | float | str | bool
_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_TOP = 10
_PATTERNS = 5
_PATTERN_LENGTH = 40
_SIGNS = ((r"\p{Lu}", "A"), (r"[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{M}]", "a"), (r"\p{N}", "9"))
_ASCII = bytes.maketrans((string.ascii_letters + string.digits).encode(), b"a" * 26 + b"A" * 26 + b"9" * 10)
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - the column's own times, whatever their zone


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a column.

    Attributes:
        type: Class of type.
        nulls: Number of nulls.
        distinct: Number of different values.
        distinct_exact: Whether that is exact; else its standard error is 0.8 %, 3.3 % in tables of more
            than 256 columns.
        min: Smallest value; for text in the order of its code points.
        max: Largest value.
        mean: Mean of the finite numbers.
        std: Standard deviation of the finite numbers, as of a sample.
        quantiles: Share to value; numbers within 1/128 of their size, times to the day.
        nan: Floats that are not a number.
        infinite: Infinite floats.
        lengths: Shortest, mean and longest length of text in characters, of bytes in bytes.
        top: Most frequent values with their counts, where all different values are known.
        patterns: Most frequent shapes of text (capital A, small or other letter a, digit 9), share of the
            sampled values.
    """

    type: str
    nulls: int
    distinct: int
    distinct_exact: bool
    min: Value | None = None
    max: Value | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: dict[str, Value] | None = None
    nan: int | None = None
    infinite: int | None = None
    lengths: dict[str, float] | None = None
    top: list[tuple[Value, int]] | None = None
    patterns: dict[str, float] | None = None


def profile(state: ColumnState, content: ColumnContent) -> Profile:
    """Give the profile of a column; where its state is redacted, without extremes, top values and patterns."""
    kind = content.kind
    distinct = state.distinct
    low, high = (_readable(value, kind) for value in (state.low, state.high))
    known: dict[str, Any] = {"min": low, "max": high, "quantiles": _quantiles(state, kind)}
    if kind in NUMBERS:
        known |= {
            "mean": _finite(state.moments.mean) if state.moments.count else None,
            "std": _deviation(state),
        }
        known |= {"nan": state.nans, "infinite": state.infinities} if kind == "float" else {}
    if kind in ("string", "binary") and state.numbers.counts:
        bins = sorted(state.numbers.counts)
        shortest, longest = number_edges(bins[0])[0], number_edges(bins[-1])[0]
        known["lengths"] = {"min": shortest, "mean": state.moments.mean, "max": longest}
    if distinct.values is not None:
        known["top"] = _top(distinct) if distinct.complete else None
        known["patterns"] = _patterns(distinct) if kind == "string" else None
    exact = distinct.complete
    return Profile(type=kind, nulls=content.nulls, distinct=distinct.count(), distinct_exact=exact, **known)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _deviation(state: ColumnState) -> float | None:
    variance = state.moments.variance
    return None if variance is None else math.sqrt(variance)


def _readable(value: Any, kind: str) -> Value | None:
    if value is None or kind not in TIMES:
        finite = not isinstance(value, float) or math.isfinite(value)
        return value if finite else str(value)
    try:
        time = _EPOCH + dt.timedelta(microseconds=value)
    except OverflowError:
        return f"{value} us"
    return time.date().isoformat() if kind == "date" else time.isoformat()


def _quantiles(state: ColumnState, kind: str) -> dict[str, Value] | None:
    if kind not in (*NUMBERS, *TIMES) or not state.numbers.counts:
        return None
    bins = state.numbers.quantiles(_SHARES)
    if kind in TIMES:
        values: list[Value] = [(_EPOCH + dt.timedelta(days=day)).date().isoformat() for day in bins]
    else:
        values = [_middle(number, state) for number in bins]
    return {f"{share:g}": value for share, value in zip(_SHARES, values, strict=True)}


def _middle(number: int, state: ColumnState) -> float:
    """Give the middle of a bin, but nothing beyond the extremes where these are known."""
    low, high = number_edges(number)
    value = low / 2 + high / 2
    if isinstance(state.low, (int, float)) and isinstance(state.high, (int, float)):
        value = min(max(value, state.low), state.high)
    return value


def _top(distinct: Any) -> list[tuple[Value, int]]:
    order = np.lexsort((distinct.hashes, -distinct.counts))[:_TOP]
    values = distinct.values.take(pa.array(order)).to_pylist()
    return [(_plain(value), int(distinct.counts[at])) for value, at in zip(values, order, strict=True)]


def _plain(value: Any) -> Value:
    if isinstance(value, bytes):
        return value[:_PATTERN_LENGTH].hex()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (bool, int, float)) else str(value)


def _patterns(distinct: Any) -> dict[str, float] | None:
    shapes = _shapes(pc.utf8_slice_codeunits(distinct.values, 0, _PATTERN_LENGTH))
    sizes: Counter[str] = Counter()
    for shape, size in zip(shapes.to_pylist(), distinct.counts.tolist(), strict=True):
        sizes[shape] += size
    found = sorted(((size, shape) for shape, size in sizes.items()), reverse=True)
    total = int(distinct.counts.sum())
    return {shape: round(size / total, 4) for size, shape in found[:_PATTERNS]}


def _shapes(text: Any) -> Any:
    """Put one sign for all letters and digits of a kind; ASCII without patterns, whose classes compile slowly."""
    if pc.all(pc.string_is_ascii(text)).as_py():
        valid, offsets, signs = text.buffers()
        plain = pa.py_buffer((signs or b"") and signs.to_pybytes().translate(_ASCII))
        return pa.StringArray.from_buffers(len(text), offsets, plain, valid, text.null_count, text.offset)
    for pattern, sign in _SIGNS:
        text = pc.replace_substring_regex(text, pattern, sign)
    return text
