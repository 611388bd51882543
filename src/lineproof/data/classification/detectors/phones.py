"""Telephone numbers, by how they are grouped and how they begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["find"]

_EXTENSION = r"(\s?(x|ext\.?|#)\s?\d{1,6})?$"
# Pattern and how far it alone shows a telephone number.
_FORMS = (
    (r"^\(?\+\(?[1-9]\d{0,3}\)?[\d\s().\-/]{5,20}" + _EXTENSION, 1.0),
    (r"^00[1-9][\d\s().\-/]{7,20}" + _EXTENSION, 0.9),
    (r"^\(\d{2,5}\)\s?\d{1,5}[\d\s.\-/]{2,10}" + _EXTENSION, 1.0),
    (r"^(1[-. ])?[2-9]\d{2}[-. ]\d{3}[-. ]\d{4}" + _EXTENSION, 0.9),
    (r"^\d{3}[-.]\d{3}[-.]\d{4}" + _EXTENSION, 0.75),
    (r"^001-\d{3}-\d{3}-\d{4}" + _EXTENSION, 1.0),
    (r"^0[1-9]\d{0,4}[ \-/.][\d \-/.]{5,12}" + _EXTENSION, 0.9),
    (r"^[1-9]\d{1,3} 9?\d{4}-\d{4}$", 0.9),
    (r"^\d{2,4}-\d{3,4}-\d{4}$", 0.8),
    (r"^[1-9]\d{1,2}( \d{2,3}){3,4}$", 0.75),
    (r"^\d{2}( \d{2}){3,4}$", 0.8),
    (r"^\d{2,3}[- ]\d{3}[- ]\d{2}[- ]\d{2}$", 0.8),
    (r"^8[ (]+\d{3}[ )]+\d{3}[- ]?\d{2}[- ]?\d{2}$", 1.0),
    (r"^9[1-9]\d[ -]?\d{3}[ -]?\d{3}$", 0.3),
)
_BARE = (
    (r"^0[1-9]\d{8,9}$", 0.75, "begin with one zero, as national numbers do"),
    (r"^1[3-9]\d{9}$", 0.8, "are eleven digits like Chinese mobile numbers"),
    (r"^[1-9][1-9]9\d{8}$", 0.7, "are eleven digits like Brazilian mobile numbers"),
    (r"^[78]9\d{9}$", 0.8, "are eleven digits like Russian mobile numbers"),
    (r"^1?[2-9]\d{2}[2-9]\d{6}$", 0.55, "are ten digits like North American numbers"),
    (r"^(91)?[6-9]\d{9}$", 0.55, "are ten digits like Indian mobile numbers"),
)
_NOT = r"^(\d{3}-\d{2}-\d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d+\.\d+|\d{4}[- ]\d{4}[- ]\d{4}[- ]\d{1,7})$"


def _groupings(sample: Sample) -> int:
    """Ways of grouping the digits, each in a tenth of the values: one register groups in one way."""
    shapes = Counter(tuple(map(len, value.split())) for value in sample.text.to_pylist())
    return sum(number >= 0.1 * len(sample) for number in shapes.values())


def _grouped(sample: Sample) -> float:
    weight = np.zeros(len(sample))
    for pattern, strength in _FORMS:
        weight = np.maximum(weight, sample.mask(pattern) * strength)
    # Digits and spaces alone, in groups of many kinds: nobody writes other numbers so.
    spaced = sample.mask(r"^[1-9]\d{1,3}( \d{2,7}){1,4}$") & (sample.digits >= 8) & (sample.digits <= 12)
    weight = np.maximum(weight, spaced * (0.65 if _groupings(sample) >= 2 else 0.3))
    if weight.mean() > 0.3:
        weight = np.maximum(weight, sample.mask(r"^[1-9]\d{7,11}$") * 0.5)
    if weight.mean() > 0.15:
        # Beside numbers with signs, bare ones with a leading zero are national ones.
        weight = np.maximum(weight, sample.mask(r"^0[1-9]\d{7,10}$") * 0.7)
    weight[sample.mask(_NOT)] = 0
    weight[(sample.digits < 6) | (sample.digits > 20)] = 0
    return float(weight.mean())


def _by_beginning(sample: Sample, grouped: float) -> tuple[float, str]:
    """Bare digits: only a beginning that nearly all share, and that chance does not give, says anything."""
    bare = sample.mask(r"^\d{9,13}$")
    if not bare.any() or (bare.mean() < 0.7 and grouped < 0.3):
        return 0.0, ""
    best: tuple[float, str] = (0.0, "")
    for pattern, strength, why in _BARE:
        share = float((sample.mask(pattern) & bare).sum() / bare.sum())
        if share > 0.97 and bare.sum() >= 12:
            best = max(best, (strength * float(bare.mean()), f"{share:.0%} {why}"))
    return best


def find(sample: Sample) -> Iterator[Finding]:
    """PHONE."""
    if sample.kind not in {"text", "integer"} or not len(sample) or sample.density < 0.02:
        return
    grouped = _grouped(sample)
    loose = float((sample.mask(r"^[+(]?[\d\s().\-/+x#ext]+$") & (sample.digits >= 6)).mean())
    if grouped >= 0.45 and loose >= 0.75:
        # Where many are grouped like telephone numbers, the bare ones beside them are the same thing.
        yield Finding(
            "PHONE", min(0.97, 0.35 + 0.65 * grouped), f"{loose:.0%} are written like telephone numbers"
        )
        return
    bare, why = _by_beginning(sample, grouped)
    if bare:
        yield Finding("PHONE", bare + grouped * 0.5, why)
