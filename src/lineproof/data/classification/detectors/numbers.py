"""Numbers with a check digit or a format of their own: cards, accounts, national ids, records, plans."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineproof.data.classification.checksums import plausible_date
from lineproof.data.classification.national import SCHEMES, Scheme
from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Array, Sample
from lineproof.data.classification.text import fold

__all__ = ["find", "signs"]

_LICENCE = r"^[A-Z](\d{7,14}|\d{3}-\d{3,4}-\d{2,4}(-\d{2,4}){0,2})$"
_ONE_FORM, _HEADS, _DENSE = 0.97, 15, 0.9
_LEAST = 0.7  # share of all values that must have the shape and pass
_FEW = 1e-5  # how unlikely by chance, over the fifty or so schemes that are tried
_COMMON = frozenset(
    [
        "id",
        "no",
        "number",
        "tax",
        "social",
        "security",
        "insurance",
        "personal",
        "code",
        "identity",
        "national",
        "citizen",
        "or",
        "de",
        "fr",
        "us",
    ]
)
_SSN = r"^(00[1-9]|0[1-9]\d|[1-578]\d\d|6[0-57-9]\d|66[0-57-9])[- ](0[1-9]|[1-9]\d)[- ](000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{3})$"
_SSN_SHAPE = r"^\d{3}[- ]\d{2}[- ]\d{4}$"
_IBAN = r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$"
_MBI = r"^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y]{2}\d{2}$"
_MRN = r"(?i)^(mrn|pat|patient|pid|emr|ehr|hosp)[-_ #:.]?[a-z]?\d{4,}$"
_PLAN = r"(?i)^(hp|hpn|hpi|hic|mem|mbr|member|ins|plan|sub|bene)[-_ #:.]?[a-z]{0,3}[-_]?\d{4,}([-_]\d+)?$"
_WITH_DATE = (
    ("KR resident registration number", r"^\d{2}(?P<m>\d{2})(?P<d>\d{2})-[1-8]\d{6}$"),
    ("DK CPR number", r"^(?P<d>\d{2})(?P<m>\d{2})\d{2}-\d{4}$"),
    ("MX CURP or RFC", r"^[A-Z&Ñ]{3,4}\d{2}(?P<m>\d{2})(?P<d>\d{2})(?:[A-Z0-9]{3}|[HM][A-Z]{5}[A-Z0-9]\d)$"),
    ("FI henkilötunnus", r"^(?P<d>\d{2})(?P<m>\d{2})\d{2}[-+A-FU-Y]\d{3}[0-9A-Y]$"),
    ("CN resident identity number", r"^[1-8]\d{5}(?:19|20)\d{2}(?P<m>\d{2})(?P<d>\d{2})\d{3}[0-9Xx]$"),
    ("SE personnummer", r"^(?:19|20)?\d{2}(?P<m>\d{2})(?P<d>\d{2})[-+]\d{4}$"),
    ("MY identity card", r"^\d{2}(?P<m>\d{2})(?P<d>\d{2})-\d{2}-\d{4}$"),
)


def signs(values: pa.Array) -> Array:
    """Matrix of the signs of ASCII strings of one length: digits 0 to 9, letters 10 to 35."""
    joined = "".join(values.to_pylist()).encode("ascii")
    codes = np.frombuffer(joined, dtype=np.uint8).reshape(len(values), -1).astype(np.int64)
    return np.where(codes >= 65, codes - 55, codes - 48)


def by_chance(passes: int, number: int, chance: float) -> float:
    """Probability that at least `passes` of `number` pass by luck, from above (Chernoff) when there are many."""
    if passes <= number * chance:
        return 1.0
    if number <= 60:
        rest = range(passes, number + 1)
        return sum(comb(number, k) * chance**k * (1 - chance) ** (number - k) for k in rest)
    share = passes / number
    entropy = share * np.log(share / chance) + (
        (1 - share) * np.log((1 - share) / (1 - chance)) if share < 1 else 0
    )
    return float(np.exp(-number * entropy))


def _passes(scheme: Scheme, compact: pa.Array, lengths: Array) -> tuple[int, int]:
    """How many values have the scheme's shape, and how many of these pass its check."""
    shaped = passed = 0
    for length in scheme.lengths:
        if not (lengths == length).any():
            continue
        values = compact.filter(pa.array(lengths == length))
        values = values.filter(pc.match_substring_regex(values, scheme.pattern))
        shaped += len(values)
        if len(values):
            passed += int(scheme.holds(signs(values)).sum())
    return shaped, passed


def _schemes(sample: Sample) -> Iterator[Finding]:
    lengths = pc.utf8_length(sample.compact).to_numpy(zero_copy_only=False)
    common = {int(length) for length in np.unique(lengths) if (lengths == length).mean() > 0.02}
    for scheme in SCHEMES:
        if not common.intersection(scheme.lengths):
            continue
        shaped, passed = _passes(scheme, sample.compact, lengths)
        if shaped < 0.5 * len(sample):
            continue
        share = passed / len(sample)
        if share >= _LEAST and by_chance(passed, shaped, scheme.chance) < _FEW:
            title = f"{passed / shaped:.0%} of those with its shape are a valid {scheme.title}"
            yield Finding(scheme.class_, 0.7 + 0.29 * share, title, firm=True)


def _register(text: str) -> set[str]:
    """The words that name a register: `dni`, not `id` or `number`."""
    return set(fold(text).split()) - _COMMON


def unchecked(sample: Sample, class_: str, term: str) -> bool:
    """Whether values have the shape of a number with check digits, yet hold no more often than by chance.

    Args:
        sample: The values.
        class_: What the column's name says it is.
        term: The word that says so: among national ids only the register that it names is asked.
    """
    lengths = pc.utf8_length(sample.compact).to_numpy(zero_copy_only=False)
    schemes = [scheme for scheme in SCHEMES if scheme.class_ == class_ and scheme.chance > 0.001]
    if class_ == "NATIONAL_ID":
        schemes = [scheme for scheme in schemes if _register(term) & _register(scheme.title)]
    shapes = 0
    for scheme in schemes:
        shaped, passed = _passes(scheme, sample.compact, lengths)
        if shaped < 0.7 * len(sample) or shaped < 20:
            continue
        shapes += 1
        if passed / shaped > 2.5 * scheme.chance + 0.02:
            return False
    return shapes > 0


def _iban_holds(value: str) -> bool:
    turned = value[4:] + value[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _accounts(sample: Sample) -> Iterator[Finding]:
    shaped = sample.compact.filter(pc.match_substring_regex(sample.compact, _IBAN)).to_pylist()
    if len(shaped) < 0.6 * len(sample):
        return
    share = sum(map(_iban_holds, shaped)) / len(sample)
    if share > 0.6:
        yield Finding("ACCOUNT", 0.7 + 0.29 * share, f"{share:.0%} are valid IBANs", firm=True)


def _social_security(sample: Sample) -> Iterator[Finding]:
    shape, valid = sample.share(_SSN_SHAPE), sample.share(_SSN)
    if shape >= 0.7:
        # Nine random digits in this shape are in the issued ranges 0.88 of the time; made-up ones hardly ever.
        if valid / shape > 0.965:
            yield Finding("SSN", 0.9, f"{valid:.0%} are SSNs in the issued ranges")
        elif valid / shape > 0.6:
            yield Finding(
                "SSN", 0.65, f"{shape:.0%} have the shape of SSNs, {valid:.0%} are in the issued ranges"
            )
        else:
            yield Finding("NONE", 0.6, f"{shape - valid:.0%} have the shape of SSNs that were never issued")


def _dated(sample: Sample) -> Iterator[Finding]:
    for title, pattern in _WITH_DATE:
        if sample.share(pattern) < 0.8:
            continue
        parts = pc.extract_regex(sample.text, pattern).drop_null()
        month = pc.cast(parts.field("m"), pa.int64()).to_numpy(zero_copy_only=False)
        day = pc.cast(parts.field("d"), pa.int64()).to_numpy(zero_copy_only=False)
        share = float(plausible_date(month, day).mean())
        if share > 0.85 and len(parts) >= 5:
            yield Finding("NATIONAL_ID", 0.85, f"shape of {title}, with a date in {share:.0%}", firm=True)


def _vehicles(sample: Sample) -> Iterator[Finding]:
    """Outside North America the check digit is free, but I, O and Q never occur."""
    share = sample.share(r"(?i)^[A-HJ-NPR-Z0-9]{17}$")
    mixed = sample.share(r"[A-Za-z].*\d|\d.*[A-Za-z]")
    if share > 0.97 and mixed > 0.97 and len(sample) >= 8:
        yield Finding("VEHICLE_ID", 0.75, f"{share:.0%} are written like vehicle identification numbers")


def _licences(sample: Sample) -> Iterator[Finding]:
    """One letter that runs through the alphabet, then many digits: licences and passports; codes keep to few heads."""
    share = sample.share(_LICENCE)
    if (
        share > _ONE_FORM
        and len({value[0] for value in sample.text.to_pylist()}) >= _HEADS
        and sample.density > _DENSE
    ):
        yield Finding("LICENCE", 0.4, f"{share:.0%} are a letter of great variety and a long number")
    prefixed = sample.share(r"^(DL|DLN|LIC)[-_ #:.]?[A-Z]?\d{5,}$")
    if prefixed > _ONE_FORM:
        yield Finding("LICENCE", 0.7, f"{prefixed:.0%} are licence numbers by their prefix")


def _british(sample: Sample) -> Iterator[Finding]:
    """National insurance numbers as people write them, provisional ones included."""
    share = sample.share(r"^[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Z]$")
    if share > 0.9 and len(sample) >= 8:
        spaced = sample.share(r"^[A-Z]{2} \d{2} ")
        why = f"{share:.0%} are written like national insurance numbers"
        yield Finding("NATIONAL_ID", 0.8 if spaced > 0.1 else 0.6, why)


def find(sample: Sample) -> Iterator[Finding]:
    """Everything that a number alone can tell."""
    if not len(sample) or sample.kind in {"date", "time", "boolean", "number"} or sample.share(r"\d") < 0.6:
        return
    yield from _schemes(sample)
    yield from _accounts(sample)
    yield from _social_security(sample)
    yield from _dated(sample)
    yield from _british(sample)
    yield from _licences(sample)
    yield from _vehicles(sample)
    for class_, pattern, what in (
        ("MRN", _MRN, "record numbers by their prefix"),
        ("HEALTH_PLAN_ID", _PLAN, "plan or member numbers by their prefix"),
    ):
        share = sample.share(pattern)
        if share > 0.8:
            yield Finding(class_, 0.8, f"{share:.0%} are {what}", firm=True)
    if float(pc.mean(pc.match_substring_regex(sample.compact, _MBI).cast(pa.float64())).as_py()) > 0.8:
        yield Finding("HEALTH_PLAN_ID", 0.9, "written like Medicare beneficiary identifiers", firm=True)
