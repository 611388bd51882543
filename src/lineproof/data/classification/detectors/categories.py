"""Closed vocabularies: codes of diseases, religions, ethnic groups, trade unions and the like."""

from __future__ import annotations

from collections.abc import Iterator

from lineproof.data.classification.lists import section
from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["find", "known"]

_ICD = r"^[A-TV-Z]\d[0-9AB](\.?[0-9A-TV-Z]{1,4}[+*!†]?|\.-|[+*!†])?$"
_ICD_COMMON = r"^(E1[0-4]|I1[0-5]|I2[0-5]|I48|I50|J4[45]|J18|J06|F3[2-4]|F41|F17|M54|M17|N18|K21|K29|C50|C34|G43|E78|E66|E03|Z00|R07|R10|S72|O80|N39|U07|B20|A09)"
_ICD_9 = r"^(\d{3}\.\d{1,2}|V\d{2}\.\d{1,2}|E\d{3}\.\d)$"
_ATC = r"^[ABCDGHJLMNPRSV]\d{2}[A-Z]{2}\d{2}$"
_LISTS = ("RELIGION", "ETHNICITY", "TRADE_UNION", "DIAGNOSIS", "HEALTH", "SEXUALITY", "POLITICAL")
_COLOURS = frozenset(
    [
        "red",
        "blue",
        "green",
        "rot",
        "blau",
        "grun",
        "rouge",
        "bleu",
        "vert",
        "rojo",
        "azul",
        "verde",
        "rosso",
        "blu",
        "vermelho",
        "pink",
        "purple",
    ]
)
_MANY = 400


def known(sample: Sample, class_: str) -> float:
    """Share of the values, neutral answers aside, that are in a class's vocabulary."""
    vocabulary, neutral = section("terms", class_), section("terms", "NEUTRAL")
    telling = [_plain(value) for value in sample.folded]
    telling = [value for value in telling if value not in neutral]
    if not telling:
        return 0.0
    return sum(_is_in(value, vocabulary) for value in telling) / len(telling)


def _plain(value: str) -> str:
    return (
        " ".join(value.replace(".", " ").replace("-", " ").replace("/", " ").replace("'", "").split())
        or value
    )


def _is_in(value: str, vocabulary: frozenset[str]) -> bool:
    if value in vocabulary or value.rstrip("s") in vocabulary:
        return True
    words = value.split()
    # `evangelisch lutherisch`, `black african`: every word or pair of words is known.
    return 1 < len(words) <= 5 and (
        any(" ".join(words[:n]) in vocabulary for n in range(len(words) - 1, 1, -1))
        or sum(word in vocabulary for word in words) > len(words) / 2
    )


def _codes(sample: Sample) -> Iterator[Finding]:
    icd = sample.share(_ICD)
    dotted, common = sample.share(r"\."), sample.share(_ICD_COMMON)
    if icd > 0.8 and (dotted > 0.2 or common > 0.25):
        score = 0.6 + 0.2 * min(dotted * 2, 1) + 0.15 * min(common * 2, 1)
        yield Finding(
            "DIAGNOSIS", score * icd, f"{icd:.0%} have the shape of ICD-10 codes", firm=dotted > 0.2
        )
    atc = sample.share(_ATC)
    if atc > 0.9:
        yield Finding("HEALTH", 0.7, f"{atc:.0%} have the shape of ATC codes of medicines")


def find(sample: Sample) -> Iterator[Finding]:
    """DIAGNOSIS and the special categories that have a vocabulary."""
    if not len(sample) or sample.kind != "text":
        return
    yield from _codes(sample)
    if len(sample) > _MANY or (sample.density > 0.6 and len(sample) > 30):
        return
    for class_ in _LISTS:
        share = known(sample, class_)
        number = round(share * len(sample))
        if class_ == "ETHNICITY" and _COLOURS.intersection(sample.folded):
            continue
        if share >= 0.55 and number >= 2:
            least = 0.45 if class_ in {"HEALTH", "POLITICAL"} and number < 4 else 0.6
            yield Finding(
                class_, least + 0.38 * share, f"{share:.0%} of the distinct values are words of {class_}"
            )
