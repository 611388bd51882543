"""Vehicle plates: the ways countries write them. One pattern must hold nearly the whole column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["find"]

# Country, pattern, score: how seldom anything else is written so.
_PLATES = (
    ("BR", r"^[A-Z]{3}[- ]?\d[A-Z]\d{2}$", 0.8),
    ("GB", r"^[A-Z]{2}\d{2} ?[A-Z]{3}$", 0.8),
    ("DE", r"^[A-ZÄÖÜ]{1,3}[- :][A-Z]{1,2}[- ]?\d{1,4}[EH]?$", 0.75),
    ("AT", r"^[A-Z]{1,2}[- ]\d{1,5} ?[A-Z]{1,3}$", 0.6),
    (
        "CH",
        r"^(AG|AI|AR|BE|BL|BS|FR|GE|GL|GR|JU|LU|NE|NW|OW|SG|SH|SO|SZ|TG|TI|UR|VD|VS|ZG|ZH)[- ]?\d{1,3}[ '’]?\d{0,3}$",
        0.9,
    ),
    ("FR or IT", r"^[A-Z]{2}[- ]?\d{3}[- ]?[A-Z]{2}$", 0.75),
    ("ES", r"^\d{4}[- ]?[BCDFGHJKLMNPRSTVWXYZ]{3}$|^[A-Z]{1,2}[- ]?\d{4}[- ]?[A-Z]{1,2}$", 0.75),
    ("NL", r"^([A-Z0-9]{1,3}-[A-Z0-9]{2,3}-[A-Z0-9]{1,3})$", 0.6),
    ("SE", r"^[A-Z]{3} ?\d{2}[A-Z0-9]$", 0.7),
    ("DK or NO", r"^[A-Z]{2} ?\d{2} ?\d{3}$", 0.65),
    ("PL", r"^[A-Z]{2,3} [A-Z0-9]{4,5}$", 0.6),
    ("CZ or SK", r"^\d[A-Z][A-Z0-9] ?\d{4}$|^[A-Z]{2}[- ]?\d{3}[A-Z]{2}$", 0.65),
    ("PT", r"^[A-Z0-9]{2}-[A-Z0-9]{2}-[A-Z0-9]{2}$", 0.65),
    ("RO", r"^[A-Z]{1,2}[- ]\d{2,3}[- ][A-Z]{3}$", 0.8),
    ("IN", r"^[A-Z]{2}[- ]?\d{2}[- ]?[A-Z]{1,2}[- ]?\d{4}$", 0.8),
    (
        "CN",
        r"^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][-· ]?[A-Z0-9]{5,6}$",
        0.9,
    ),
    ("JP", r"^[^\d\s]{1,5} ?\d{2,3} ?[ぁ-ゖA-Z] ?[\d・.\-]{1,5}$", 0.9),
    ("RU", r"^[АВЕКМНОРСТУХABEKMHOPCTYX]{0,2}\d{3,4}[АВЕКМНОРСТУХABEKMHOPCTYX]{0,2} ?\d{2,3}$", 0.6),
    ("UA", r"^[A-ZА-ЯІ]{2} ?\d{4} ?[A-ZА-ЯІ]{2}$", 0.75),
    ("TR", r"^\d{2} ?[A-Z]{1,3} ?\d{2,5}$", 0.65),
    ("MX", r"^[A-Z]{3}-\d{2}-\d{2}$|^[A-Z]{3}-\d{3}-[A-Z]$", 0.75),
    ("US, FI or HU", r"^[A-Z]{3}[- ]\d{3,4}$|^\d{3}[- ][A-Z]{3}$|^\d[A-Z]{3}\d{3}$|^[A-Z]{3}\d{3}$", 0.55),
    (
        "GB, older",
        r"^[A-Z]{1,3} \d{1,4}$|^\d{1,4}[- ]?[A-Z]{1,3}$|^[A-Z]\d{1,3} ?[A-Z]{3}$|^[A-Z]{3} ?\d{1,3}[A-Z]?$",
        0.55,
    ),
    ("KR", r"^\d{2,3}[가-힣] ?\d{4}$", 0.9),
)
_ANY = r"^([A-Z]{1,4}[- ]?\d{2,5}([- ]?[A-Z]{1,2})?|\d{1,4}[- ]?[A-Z]{1,4}[- ]?\d{0,5}|[A-Z]{2,3} [A-Z]?\d{2,3}|[A-Z]\d{2,3} ?[A-Z]{3})$"
_TIGHT = r"^[A-Z]{2,3}\d{2,4}([A-Z]{2})?$|^\d{2,3}[A-Z]{3}$"
_SIGNS = r"^[A-Z0-9]{1,4}[- ]?[A-Z0-9]{1,4}([- ]?[A-Z0-9]{1,3})?$"
_KINDS, _DENSE = 6, 0.95
_OWN_SIGNS = 0.9  # from this score on the signs are a country's own, so that they need not vary
_NO_LETTER = re.compile(r"[\W\d_]+")


def _letters_vary(values: list[str]) -> bool:
    """Letters of plates run through; product codes and order numbers have a few heads."""
    return len({_NO_LETTER.sub("", value) for value in values}) > min(60, 0.3 * len(values))


def _shapes(values: list[str]) -> int:
    """Orders of letters and digits, each in a hundredth of the values: codes of one maker have one or two."""
    shapes = Counter(re.sub("[A-Z]", "A", re.sub(r"\d", "9", value)) for value in values)
    return sum(number >= 0.01 * len(values) for number in shapes.values())


def find(sample: Sample) -> Iterator[Finding]:
    """VEHICLE_ID by the shape of a country's plates; the letters must vary as plates' letters do."""
    if (
        not 4 <= (sample.lengths.mean() if len(sample) else 0) <= 12
        or len(sample) < 8
        or sample.density < 0.5
    ):
        return
    if sample.share(r"\d") < 0.9 or sample.share(r"\p{L}") < 0.8:
        return
    vary = _letters_vary(sample.text.to_pylist())
    for country, pattern, score in _PLATES:
        if not vary and score < _OWN_SIGNS:
            continue
        share = sample.share(pattern)
        if share > (0.8 if score > 0.7 else 0.9):
            yield Finding("VEHICLE_ID", score * share, f"{share:.0%} are written like plates ({country})")
            return
    if not vary:
        return
    if (
        sample.density > _DENSE
        and sample.share(_SIGNS) > _DENSE
        and _shapes(sample.text.to_pylist()) >= _KINDS
    ):
        yield Finding(
            "VEHICLE_ID", 0.55, "letters and digits in many orders, short, as on plates of several kinds"
        )
        return
    if sample.share(_TIGHT) > 0.95 and sample.density > 0.9 and sample.lengths.max() <= 7:
        yield Finding("VEHICLE_ID", 0.52, "letters of great variety and a few digits, as on plates")
        return
    share = sample.share(_ANY)
    if share > 0.9 and sample.share("[- ]") > 0.3 and sample.density > 0.9:
        yield Finding("VEHICLE_ID", 0.52, f"{share:.0%} are written like plates of several kinds")
