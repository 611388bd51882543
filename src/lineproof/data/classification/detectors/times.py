"""Dates: which are births, which are other days of a person's life, which are only time stamps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineproof.data.classification.checksums import plausible_date
from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Array, Sample

__all__ = ["days", "find"]

_ALL_DAYS = 0.85  # versions such as 4.1.18 are days only in part
_TIME = r"[T ]\d{1,2}:\d{2}"
_REST = r"(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$"
_Y, _M, _D = r"(?P<y>(?:1[89]|20)\d{2})", r"(?P<m>0?[1-9]|1[0-2])", r"(?P<d>0?[1-9]|[12]\d|3[01])"
_FORMS = (
    rf"^{_Y}[-/.]{_M}[-/.]{_D}{_REST}",
    rf"^{_Y}年{_M}月{_D}日$",
    rf"^{_Y}년 ?{_M}월 ?{_D}일$",
    rf"^{_D}[-/. ]{_M}[-/. ]{_Y}{_REST}",
    rf"^{_M}[-/. ]{_D}[-/. ]{_Y}{_REST}",
    r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])$",
    r"^(?P<d>0[1-9]|[12]\d|3[01])(?P<m>0[1-9]|1[0-2])(?P<y>(?:19|20)\d{2})$",
)
_SHORT = (
    r"^\d{1,2}[-/.]\d{1,2}[-/.](?P<y>\d{2})$",
    r"^'?(?P<y>\d{2})[-/.]\d{1,2}[-/.]\d{1,2}$",
)
_NAMED = (
    r"(?i)^\d{1,2}(?:st|nd|rd|th|\.)?[ -](?:de )?[a-zà-ÿ]{3,10}\.?,?[ -](?:de )?(?P<y>(?:19|20)\d{2})$",
    r"(?i)^[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? (?P<y>(?:19|20)\d{2})$",
    r"^(明治|大正|昭和|平成|令和)(元|\d{1,2})年\d{1,2}月\d{1,2}日$",
)


def _full(sample: Sample, pattern: str, left: Array) -> tuple[Array, Array]:
    """Years of the values of one form that are dates, and which these are."""
    chosen = left & sample.mask(pattern)
    parts = pc.extract_regex(sample.text.filter(pa.array(chosen)), pattern)
    year, month, day = (
        pc.cast(pc.struct_field(parts, field), pa.int64()).to_numpy(zero_copy_only=False) for field in "ymd"
    )
    real = plausible_date(month, day)
    chosen[np.flatnonzero(chosen)[~real]] = False
    return year[real], chosen


def _year_only(sample: Sample, pattern: str, left: Array) -> tuple[Array, Array]:
    chosen = left & sample.mask(pattern)
    if "?P<y>" not in pattern:
        return np.full(int(chosen.sum()), 1960), chosen
    parts = pc.extract_regex(sample.text.filter(pa.array(chosen)), pattern)
    return pc.cast(pc.struct_field(parts, "y"), pa.int64()).to_numpy(zero_copy_only=False), chosen


def days(sample: Sample) -> tuple[float, Array]:
    """Share of the values that are days without a time, and their years; two-digit years fall in 1930 to 2029."""
    left: Array = np.ones(len(sample), dtype=bool)
    years = []
    for pattern in (*_FORMS, *_NAMED, *_SHORT):
        if not sample.mask(pattern).any():
            continue
        found, chosen = (_full if pattern in _FORMS else _year_only)(sample, pattern, left)
        years.append(np.where(found < 100, found + np.where(found < 30, 2000, 1900), found))
        left &= ~chosen
    return float(1 - left.mean()), np.concatenate(years) if years else np.array([], dtype=np.int64)


def _times_of_day(sample: Sample) -> float:
    return float(
        (sample.mask(_TIME) & ~sample.mask(r"[T ]0{1,2}:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?$")).mean()
    )


def find(sample: Sample) -> Iterator[Finding]:
    """BIRTH_DATE by the spread of years; DATE only as a possibility, which a name or a neighbour must support."""
    if not len(sample) or sample.kind in {"number", "boolean"} or sample.share(r"\d") < 0.8:
        return
    if sample.kind == "time" or _times_of_day(sample) > 0.5:
        yield Finding("NONE", 0.6, "time stamps")
        return
    share, years = days(sample)
    if share < 0.7 or not len(years):
        return
    low, middle, high = (float(np.percentile(years, rank)) for rank in (5, 50, 95))
    if high - low >= 25 and 1915 <= middle <= 2012 and len(years) >= 5:
        score = 0.85 if high - low >= 40 else 0.7
        if not sample.share(r"\D"):
            score -= 0.15
        yield Finding(
            "BIRTH_DATE", score * share, f"{share:.0%} are days, spread over {high - low:.0f} years"
        )
    elif share >= _ALL_DAYS:
        yield Finding("DATE", 0.3, f"{share:.0%} are days, within {high - low:.0f} years")
