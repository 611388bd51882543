"""Addresses, towns and postcodes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lineproof.data.classification.detectors.people import name_shaped
from lineproof.data.classification.detectors.times import days
from lineproof.data.classification.lexicon import reading
from lineproof.data.classification.lists import collected, section, words
from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["find"]

_NUMBER_FIRST = r"^\d{1,5}[A-Za-z]?([-/]\d+)?,? +\p{L}[\p{L}\p{M}'’.\-]*[ ,\n]+\p{L}"
_NUMBER_LAST = r"\p{L}[.,]? ?(no?[.:º°]* ?)?\d{1,4}( ?[-/+] ?\d{1,4})?( ?[a-zA-Z])?([ ,].*)?$"
_WITH_TOWN = r"\p{L}.*([,\n] *([A-Z]{1,2}-)?\d{3,6}[ -]?\d{0,3} +\p{Lu}|[,\n].*\p{L}.*[, ] *\d{4,6}$)"
_FLAT = r"(?i)^(flat|studio|apt|unit|suite) ?\d+"
_JAPANESE = r"(丁目|番地|番.*号|[都道府県].*[市区町村郡])"
_CHINESE = r"(路|街|巷|弄|大道).*\d*(号|號|座|室)|[省市].*[区县].*[路街]"
_KOREAN = r"(로|길|동|거리|가) ?\d+"
_OTHER = r"(?i)(ул\.|улица|пер\.|просп|пр-т|шоссе|бул\.|наб\.|алл\.|вул\.|д\. ?\d|شارع|طريق|خیابان|रोड|मार्ग|ถนน|ซอย|οδός|λεωφ|רחוב|שדרות|\bkat\b|mah\.|sok\.|cad\.|ქ\. ?\d|ქუჩა|გამზ|(^|[ \d])(đường|phố|ngõ|hẻm|ngách) |کوچه|بلوار|मार्ग|नगर \d)"
_NUMBERED = r"^[\p{Hebrew}\"' \-]{2,30} \d{1,3}$|^\d{1,4}(/\d{1,4})? [\p{Devanagari}\p{M} ]{2,40}$"
_POSTCODES = (
    ("GB", r"^[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}$", 0.85),
    ("CA", r"^[A-CEGHJ-NPR-TVXY]\d[A-CEGHJ-NPR-TV-Z][ -]?\d[A-CEGHJ-NPR-TV-Z]\d$", 0.9),
    ("NL", r"^[1-9]\d{3} ?[A-Z]{2}$", 0.75),
    ("IE", r"^[AC-FHKNPRTV-Y]\d[0-9W] ?[0-9AC-FHKNPRTV-Y]{4}$", 0.8),
    ("JP", r"^〒?\d{3}-\d{4}$|^\d{7}$", 0.85),
    ("PL", r"^\d{2}-\d{3}$", 0.8),
    ("PT", r"^\d{4}-\d{3}$", 0.75),
    ("BR", r"^\d{5}-\d{3}$|^\d{8}$", 0.85),
    ("SE, CZ, SK or GR", r"^(SE-?)?\d{3} \d{2}$|^\d{5}$", 0.75),
    ("IR", r"^\d{5}-\d{5}$", 0.6),
    ("IN", r"^[1-9]\d{2} \d{3}$", 0.6),
    ("with a country", r"^(D|A|CH|F|B|L|H|I|E|PL|SK|CZ|HR|SI|DK|NO|FI|SE|LV|LT|AD|MD)-\d{4,5}$", 0.8),
    ("AR", r"^[A-HJ-NP-Z]\d{4}([A-Z]{3})?$", 0.4),
)


@cache
def _suffixes(key: str) -> tuple[str, ...]:
    return tuple(sorted(section("streets" if key == "suffix" else "affixes", key)))


def _street(value: str) -> bool:
    parts = value.replace(",", " ").replace("\n", " ").replace(".", ". ").replace("-", " ").split()
    listed, suffixes = section("streets", "word"), _suffixes("suffix")
    return any(
        ((word := part.strip(".")) in listed and not word.isdigit())
        or (len(word) > 5 and word.endswith(suffixes))
        or (len(word) > 4 and word.endswith("str"))
        for part in parts
    )


def _varied(sample: Sample) -> bool:
    """Words before a number, both of great variety: a street and its house, not a product and its size."""
    if (
        sample.density < 0.7
        or len(sample) < 30
        or sample.share(r"^\p{Lu}\S*( \S+){0,3} \d{1,4}\S{0,4}$") < 0.9
    ):
        return False
    heads, _, numbers = zip(*(value.rpartition(" ") for value in sample.text.to_pylist()), strict=True)
    return len(set(heads)) > 0.25 * len(heads) and len(set(numbers)) > min(30, 0.2 * len(numbers))


def _addresses(sample: Sample) -> Iterator[Finding]:
    numbered, spaced = sample.share(r"\d"), sample.share(r"[\s,]")
    if sample.share(_NUMBERED) > 0.85 and sample.density > 0.7 and len(sample) >= 30:
        yield Finding("ADDRESS", 0.6, "words of a script without capitals, and a house number")
        return
    script = max(sample.share(pattern) for pattern in (_JAPANESE, _CHINESE, _KOREAN, _OTHER))
    if script > 0.5 and (numbered > 0.5 or script > 0.8):
        yield Finding("ADDRESS", 0.5 + 0.45 * script, f"{script:.0%} have the parts of an address")
        return
    if spaced < 0.7 or sample.share(r"\p{L}{3}") < 0.8 or sample.lengths.mean() < 7:
        return
    streets = sum(map(_street, sample.folded)) / len(sample)
    first = float((sample.mask(_NUMBER_FIRST) | sample.mask(_FLAT)).mean())
    last = sample.share(_NUMBER_LAST)
    score = max(first * (0.55 + 0.45 * streets), last * streets, 0.55 * streets if numbered > 0.3 else 0)
    settled = sample.share(_WITH_TOWN)
    if settled > 0.8:
        score = max(score, 0.7 * settled)  # street, then a postcode with its town
    if last > 0.95 and _varied(sample):
        score = max(score, 0.5)
    if not numbered and streets > 0.8 and sample.density > 0.1:
        score = 0.55 * streets  # street names without a house number
    if score > 0.25:
        why = f"{streets:.0%} have a word of streets, {max(first, last):.0%} a house number"
        yield Finding("ADDRESS", min(0.97, 0.1 + score), why)


def _town(value: str) -> bool:
    parts = value.replace("-", " ").split()
    prefixes, ends = section("affixes", "place_prefix"), section("affixes", "place_word")
    if value in words("places") or (len(parts) > 1 and (parts[0] in prefixes or parts[-1] in ends)):
        return True
    return any(len(part) > 5 and part.endswith(_suffixes("place_suffix")) for part in parts)


def _towns(name: str) -> frozenset[str]:
    """Towns of one script by name of its section, or the collected ones of all scripts."""
    return section("scripts", name) if name else collected("towns")


def _cities(sample: Sample) -> Iterator[Finding]:
    if sample.kind != "text" or name_shaped(sample) < 0.7:
        return
    script = sample.share(
        r"^[\p{Han}\p{Katakana}\p{Hiragana}ケヶ々]{1,9}[市区縣县郡町村省]$|^[가-힣 ]{2,12}[시군구]$|^(?i:tp\. ?|thành phố |thị xã |huyện )|^(г\.|город|пос\.|с\.|д\.|к\.|ст\.|п\.|клх|хутір|село|селище|місто|станиця|посёлок|деревня) "
    )
    listed = max(
        sum(value in towns for value in sample.folded) / len(sample)
        for towns in map(
            _towns,
            (
                "zh_place",
                "ko_place",
                "cyrillic_place",
                "greek_place",
                "arabic_place",
                "hebrew_place",
                "ja_place",
                "devanagari_place",
                "thai_place",
                "georgian_place",
                "",
            ),
        )
    )
    if max(script, listed) > 0.3 or (listed > 0.1 and len(sample) >= 20):
        yield Finding("CITY", 0.5 + 0.45 * max(script, listed), f"{max(script, listed):.0%} are places")
        return
    if sample.share(r"^[\p{Latin}]") < 0.7:
        return
    seen = reading(sample)
    towns = sum(map(_town, sample.folded)) / len(sample)
    named = sum(value in words("places") for value in sample.folded) / len(sample)
    place = float(seen.weights[2])
    score = max(towns, 0.9 * named + 0.3) if towns > 0.35 else towns
    score = 0.5 * score + 0.5 * min(1.0, place * 1.8) if seen.companies < 0.2 else 0.0
    if score > 0.3 and len(sample) >= 5:
        yield Finding("CITY", min(0.93, score * 1.15), f"{towns:.0%} are towns or are named like towns")


def _drawn(sample: Sample) -> bool:
    """Numbers spread over their range with gaps, not counted up, and not rounded as amounts are."""
    return sample.density < 0.999 and len(sample) >= 50 and sample.share("0$") < 0.2


def _years(sample: Sample) -> bool:
    return sample.share(r"^(19|20)\d{2}$") > 0.9


def _postcodes(sample: Sample) -> Iterator[Finding]:
    if sample.kind not in {"text", "integer"} or len(sample) < 5 or not 3 <= sample.lengths.mean() <= 11:
        return
    signs = sample.share(r"[- \p{L}〒]")
    for country, pattern, score in _POSTCODES:
        share = sample.share(pattern)
        if share > 0.9 and signs > 0.3:
            if country == "GB" and sample.share(" ") < 0.3:
                continue
            yield Finding("POSTCODE", score * share, f"{share:.0%} are written like postcodes ({country})")
            return
    if days(sample)[0] > 0.5:
        return
    five = sample.share(r"^\d{5}(-\d{4})?$")
    zeros = sample.share(r"^0\d{4}")
    if five > 0.97 and len(sample) > 10:
        plus_four = sample.share(r"^\d{5}-\d{4}$")
        heads = len({value[0] for value in sample.text.to_pylist()})
        score = 0.7 if plus_four > 0.05 else 0.47 if zeros > 0.02 and heads >= 6 else 0.25
        if not zeros and heads >= 8 and _drawn(sample):
            score = 0.32
        yield Finding("POSTCODE", score, "five digits, some with a leading zero" if zeros else "five digits")
    elif (sample.share(r"^\d{4}$") > 0.97 and not _years(sample)) or sample.share(r"^\d{6}$|^\d{7}$") > 0.97:
        yield Finding("POSTCODE", 0.15, "four, six or seven digits, as postcodes can have")


def find(sample: Sample) -> Iterator[Finding]:
    """ADDRESS, CITY, POSTCODE; plain digits only as a possibility that a name or a neighbour must support."""
    if not len(sample) or sample.kind not in {"text", "integer"}:
        return
    if sample.kind == "text":
        yield from _addresses(sample)
        yield from _cities(sample)
    yield from _postcodes(sample)
