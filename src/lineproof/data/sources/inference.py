"""The one rule by which text becomes typed values, for files that have no types of their own.

A column has the first of these types that all its non-empty values fit; an empty field is null.

    bool        true, false, True, False, TRUE, FALSE
    int         -?(0|[1-9][0-9]*), from -2^63 to 2^63 - 1, but not -0
    float       -?(0|[1-9][0-9]*)?(.[0-9]*)?([eE][+-]?[0-9]+)? with a digit before the exponent and a finite
                value; or nan, inf, infinity, -inf, -infinity in small letters, capitals, or capitalised
    date        YYYY-MM-DD
    timestamp   YYYY-MM-DD, then optionally a space or T and HH[:MM[:SS[.fraction]]]; all without a zone, or
                all with a time and Z, +HH, +HHMM or +HH:MM
    string      everything else: 007, +49…, 1,5, " 12"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineproof.data.kernel.lanes import null_mask
from lineproof.data.kernel.text import byte_values

__all__ = ["STRING", "TEXT_KINDS", "convert", "infer", "join"]

STRING = "string"
TEXT_KINDS = ("date", "timestamp", "zoned", STRING)  # of formats that have numbers and booleans of their own
_KINDS = ("bool", "int", "float", *TEXT_KINDS)
_WIDER = {"int": "float", "date": "timestamp"}
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")
_INFINITY = ("inf", "Inf", "INF", "infinity", "Infinity", "INFINITY")
_WORDS = {"nan", "NaN", "Nan", "NAN", *_INFINITY, *("-" + word for word in _INFINITY)}


def infer(text: Any, kinds: tuple[str, ...] = _KINDS) -> tuple[str | None, Any]:
    """Give the type that all values of a part fit, and the part in that type.

    Args:
        text: Arrow array of strings.
        kinds: Types to choose from, in order.

    Returns:
        None as type when there are only nulls.
    """
    if text.null_count == len(text):
        return None, text.cast(pa.null()) if len(text) == 0 else pa.nulls(len(text))
    for kind in kinds:
        converted = convert(text, kind)
        if converted is not None:
            return kind, converted
    raise AssertionError("every text is a string")


def join(one: str, other: str) -> str:
    """Give the least type that values of both types fit."""
    ways = [[one], [other]]
    for way in ways:
        while way[-1] in _WIDER:
            way.append(_WIDER[way[-1]])
        way.append(STRING)
    return next(kind for kind in ways[0] if kind in ways[1])


def convert(text: Any, kind: str) -> Any:
    """Give text as values of a type, or None when one does not fit."""
    try:
        return _CONVERT[kind](text)
    except pa.ArrowInvalid:
        return None


def _bools(text: Any) -> Any:
    true = pc.is_in(text, value_set=pa.array(_TRUE))
    known = pc.or_(true, pc.is_in(text, value_set=pa.array(_FALSE)))
    fits = pc.all(pc.or_(known, pc.is_null(text)), min_count=0).as_py()
    return pc.if_else(pc.is_valid(text), true, pa.scalar(None, pa.bool_())) if fits else None


def _ints(text: Any) -> Any:
    numbers = text.cast(pa.int64())
    printed = numbers.cast(pa.string())  # what an integer prints is what the rule allows
    return numbers if pc.all(pc.equal(printed, text), min_count=0).as_py() else None


def _floats(text: Any) -> Any:
    numbers = text.cast(pa.float64())
    missing = null_mask(text)
    values = byte_values(text, missing)
    if _misleading(values, missing):
        return None
    odd = pc.invert(pc.is_finite(numbers)).fill_null(False)
    words = set(pc.unique(text.filter(odd)).to_pylist()) if pc.any(odd).as_py() else set()
    return numbers if words <= _WORDS else None


def _misleading(values: Any, missing: Any) -> bool:
    """Say whether a text starts like a code or a telephone number: 007, -01, +49."""
    first = values.byte_at(0)
    minus = first == ord("-")
    digit = np.where(minus, values.byte_at(1), first)
    after = np.where(minus, values.byte_at(2), values.byte_at(1))
    bad = (digit == ord("0")) & (after >= ord("0")) & (after <= ord("9"))
    bad |= first == ord("+")
    if missing is not None:
        bad &= ~missing
    return bool(bad.any())


def _times(text: Any) -> Any:
    try:
        return text.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return text.cast(pa.timestamp("ns"))


def _zoned(text: Any) -> Any:
    try:
        return text.cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        return text.cast(pa.timestamp("ns", "UTC"))


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "bool": _bools,
    "int": _ints,
    "float": _floats,
    "date": lambda text: text.cast(pa.date32()),
    "timestamp": _times,
    "zoned": _zoned,
    STRING: lambda text: text,
}
