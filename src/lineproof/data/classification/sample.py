"""A sample of a column, in the one form that all detectors read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineproof.data.classification.text import fold

__all__ = ["LIMIT", "Array", "Sample", "matches", "sample_of"]

Array = Any  # a numpy array; its own type does not survive numpy's operations under mypy
LIMIT = 2000  # distinct values looked at; more change no decision
PROBE = 192
_SEPARATOR = "\x1f"
_MISSING = r"(?i)^(n/?a|nan|null|none|nil|unknown|unbekannt|-+|\?+|\.+|#n/?a|missing|undefined|tbd|n\.n\.|k\.a\.|s/n|x+|不明)?$"


class Sample:
    """Distinct, trimmed, present values of a column as text, with what was known before they became text.

    Attributes:
        text: Arrow string array of at most `LIMIT` distinct values.
        kind: `text`, `integer`, `number`, `date`, `time`, `boolean`, `binary` or `nested`.
        rows: Rows of the column.
        nulls: Missing values of the column.
        distinct: Distinct values of the column.
        magic: For binary values, share that begin like an image.
    """

    def __init__(
        self, text: pa.Array, kind: str, rows: int, nulls: int, distinct: int, magic: float = 0.0
    ) -> None:
        self.text = text
        self.kind = kind
        self.rows = rows
        self.nulls = nulls
        self.distinct = distinct
        self.magic = magic
        self._masks: dict[str, Array] = {}
        self._ask: Callable[[str], Array] | None = None

    def __len__(self) -> int:
        return len(self.text)

    def mask(self, pattern: str) -> Array:
        """Which values match a pattern (RE2), kept for the next who asks.

        In long samples a pattern that none of `PROBE` values spread over them matches is taken to match none:
        what a hundredth of the values are decides nothing. `any_match` is exact.
        """
        if pattern not in self._masks:
            seen = matches(self.looked_at, pattern) if self._ask is None else self._ask(pattern)
            if len(seen) < len(self):
                seen = matches(self.text, pattern) if seen.any() else np.zeros(len(self), dtype=bool)
            self._masks[pattern] = seen
        return self._masks[pattern]

    def ask(self, others: Callable[[str], Array] | None) -> None:
        """Let another say which of the values looked at match a pattern, or do it here again; see `beside`."""
        self._ask = others
        self._masks.clear()

    def any_match(self, pattern: str) -> bool:
        """Whether any value of the sample matches."""
        return bool(matches(self.text, pattern).any())

    @cached_property
    def looked_at(self) -> pa.Array:
        """The values that a pattern is first tried on: a probe of long samples, all of short ones."""
        if len(self) < 3 * PROBE:
            return self.text
        return self.text.take(pa.array(np.linspace(0, len(self) - 1, PROBE).astype(np.int64)))

    def share(self, pattern: str) -> float:
        """Share of the values that match a pattern."""
        return float(np.count_nonzero(self.mask(pattern)) / len(self)) if len(self) else 0.0

    @cached_property
    def lengths(self) -> Array:
        """Length of each value in characters."""
        return pc.utf8_length(self.text).to_numpy(zero_copy_only=False)

    @cached_property
    def compact(self) -> pa.Array:
        """Values in upper case without spaces, dots, hyphens and slashes: how identifiers are compared."""
        return pc.utf8_upper(pc.replace_substring_regex(self.text, "[\\s.\\-/\u00a0\u2010-\u2015]", ""))

    @cached_property
    def folded(self) -> list[str]:
        """Values folded, see `fold`."""
        joined = _SEPARATOR.join(self.text.to_pylist())
        return fold(joined).split(_SEPARATOR) if len(self) else []

    @cached_property
    def digits(self) -> Array:
        """Number of digits in each value."""
        return pc.count_substring_regex(self.text, r"\d").to_numpy(zero_copy_only=False)

    @cached_property
    def density(self) -> float:
        """Distinct values in relation to the present ones."""
        present = max(self.rows - self.nulls, 1)
        return min(self.distinct / present, 1.0)


def matches(text: pa.Array, pattern: str) -> Array:
    """Say which values match a pattern (RE2)."""
    return pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False)


def _array(values: Any) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return pa.array([None if value is None else str(value) for value in values])


def _plain(array: pa.Array) -> pa.Array:
    """Unwrap dictionaries and lists, so that the values themselves are looked at."""
    while True:
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        elif pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
            array = array.flatten()
        else:
            return array


def _whole_floats(array: pa.Array) -> bool:
    present = array.drop_null()
    finite = present.filter(pc.is_finite(present))
    return len(finite) > 0 and bool(pc.all(pc.equal(pc.floor(finite), finite)).as_py())


def _times(array: pa.Array) -> tuple[pa.Array, str]:
    """Times of the day only at midnight are dates."""
    plain = array.cast(pa.timestamp("us")) if array.type.tz is None else array.cast(pa.timestamp("us", "UTC"))
    days = pc.floor_temporal(plain, unit="day")
    if bool(pc.all(pc.equal(days, plain)).as_py()):
        return pc.strftime(plain, "%Y-%m-%d"), "date"
    return pc.strftime(plain, "%Y-%m-%d %H:%M:%S"), "time"


def _images(array: pa.Array) -> float:
    present = array.drop_null()
    starts = [value.as_py()[:4] for value in present[:64]]
    known = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM")
    return sum(start.startswith(known) for start in starts) / len(starts) if starts else 0.0


def _as_text(array: pa.Array) -> tuple[pa.Array, str, float]:
    kind = array.type
    none = pa.array([], pa.string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.string()), "text", 0.0
    if pa.types.is_null(kind):
        return none, "text", 0.0
    if pa.types.is_integer(kind):
        return array.cast(pa.string()), "integer", 0.0
    if pa.types.is_floating(kind):
        if kind != pa.float16() and _whole_floats(array):
            whole = array.filter(pc.is_finite(array)).cast(pa.float64())
            return whole.cast(pa.decimal128(38, 0)).cast(pa.string()), "integer", 0.0
        return array.cast(pa.string()), "number", 0.0
    if pa.types.is_decimal(kind):
        return array.cast(pa.string()), "number" if kind.scale else "integer", 0.0
    if pa.types.is_date(kind):
        return pc.strftime(array.cast(pa.date32()).cast(pa.timestamp("s")), "%Y-%m-%d"), "date", 0.0
    if pa.types.is_timestamp(kind):
        return *_times(array), 0.0
    if pa.types.is_boolean(kind):
        return array.cast(pa.string()), "boolean", 0.0
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return none, "binary", _images(array)
    return none, "nested", 0.0


def _distinct(text: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(text.drop_null())
    unique = pc.unique(trimmed)
    missing = pc.match_substring_regex(unique, _MISSING)
    return unique.filter(pc.invert(missing))


def sample_of(values: Any, *, rows: int, nulls: int, distinct: int | None = None) -> Sample:
    """Bring values into the form that detectors read.

    Args:
        values: Arrow array or sequence; distinct or not; strings or typed values.
        rows: Rows of the column.
        nulls: Missing values of the column.
        distinct: Distinct values of the column, where known; else those of `values`.
    """
    text, kind, magic = _as_text(_plain(_array(values)))
    unique = _distinct(text)
    counted = len(unique) if distinct is None else distinct
    if len(unique) > LIMIT:
        unique = unique.take(pa.array(np.linspace(0, len(unique) - 1, LIMIT).astype(np.int64)))
    return Sample(unique, kind, rows, nulls, counted, magic)
