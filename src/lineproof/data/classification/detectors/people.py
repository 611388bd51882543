"""Names of people and user names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from lineproof.data.classification.lexicon import reading
from lineproof.data.classification.lists import collected, names, section
from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample

__all__ = ["find", "name_shaped"]

_SHAPE = r"^[\p{L}\p{M}][\p{L}\p{M}.,'’´` \-]*$"
_KANJI = r"^[\p{Han}々ヶ]{1,4}[ 　,，、]{0,2}[\p{Han}\p{Hiragana}\p{Katakana}々ー]{1,5}$"
_KANA = r"^[\p{Katakana}ー]{1,8}[ 　][\p{Katakana}ー]{1,8}$|^[\p{Hiragana}]{2,6}[ 　][\p{Hiragana}]{2,6}$"
_JA_GIVEN = r"^[\p{Han}々]{0,2}[子美香奈恵織花菜里紗音郎朗太介也夫男雄樹輝人平一二三輔翔真治司哉吾志実幸代江和明健大希斗馬生彦伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞刚英华玉兰云莉玲婷雪琴宁浩鑫宇红梅春凤建国文斌琳凯波辉龙林玲雷]$|^(陽|翼|翔|蓮|健|誠|学|稔|修|晃|淳|聡|豊|舞|愛|桜|葵|さくら|あすか|あい|みゆき|くみこ|さゆり|ひろみ)$"
_HANGUL = r"^[가-힣]{1,2} ?[가-힣]{1,3}$"
_CYRILLIC = r"^[\p{Cyrillic}][\p{Cyrillic}.,' \-]+$"
_CYRILLIC_END = (
    r"(?i)(ов|ев|ёв|ин|ын|ский|цкий|ова|ева|ёва|ина|ская|цкая|енко|чук|ович|евич|овна|евна|ична|ій|юк)( |,|$)"
)
_GREEK_END = r"(?i)(ίδης|άκης|όπουλος|οπούλου|ίδου|άκη|έλης|ιάδης|ιάδου|άκος|έας|ούλης|ίου)( |,|$)"
_COMPANY = r"(?i)(\bs\. ?a\.|\bs\. ?r\.? ?l\b|\bc\.v\.|\b[avozs]\.[os]\.|\bs\.r\.o|\blda\b|\ba/s\b|& (co|sons)|, \S+ (and|y|et|und|e|i|και|och|og|en|&) \S+$|\bα\.?ε\.?($| )|\bο\.?ε\.?($| )|ε\.?π\.?ε)"
_COMPANY_LATIN = (
    r"(?i)( and | & | group$| ltd\.?$| inc\.?$| plc$| sons$| llc$|שות|בע.מ|شرکت|कंपनी|บริษัท|ბანკი|შპს|ლტდ)"
)
_THAI_PAIR = r"^(น\.?ส\.? |นาย |นาง |นางสาว |ดร\. )?[\p{Thai}]{2,20} [\p{Thai}]{2,25}$"
_TITLE_CASE = r"^\p{Lu}\S*( \p{Lu}\S*){1,3}$"
_WRITTEN_OTHERWISE = r"[\p{Latin}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\d]"
_LOGIN = r"^[a-z0-9][a-z0-9._\-]{2,29}$"
_FEW, _SOME = 12, 40
_SCRIPTS = (
    (r"\p{Arabic}", ("arabic_given", "persian_surname"), r"(زاده|نژاد|پور|یان|فر|لو)$"),
    (r"\p{Hebrew}", ("hebrew_given", "hebrew_surname"), r"(וביץ|נסקי|שטיין|ברג)$"),
    (r"\p{Devanagari}", ("devanagari_given", "devanagari_surname"), r"(कर|वाल|जी|स्वामी)$"),
    (r"\p{Thai}", ("thai_given",), r"(พร|ศักดิ์|ชัย|วรรณ|ภรณ์|นันท์|รัตน์|ทอง|สกุล|วงศ์|กุล)$"),
    (r"\p{Georgian}", ("georgian_given",), r"(შვილი|ძე|ავა|უა|იანი|ური|იევა|იევი|ოვი)$"),
)


def name_shaped(sample: Sample) -> float:
    """Share of values that could be written as a name: letters, at most six words, no short code in capitals."""
    if not len(sample):
        return 0.0
    code, long = sample.mask(r"^[A-Z]{1,3}$"), sample.mask(r"(\S+\s+){6}")
    # Length by count: a bounded repeat of a class of letters is what RE2 compiles slowest.
    return float((sample.mask(_SHAPE) & (sample.lengths <= 61) & ~code & ~long).mean())


def _scale(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))


def _latin(sample: Sample) -> Iterator[Finding]:
    shaped, latin = name_shaped(sample), sample.share(r"^[\p{Latin}]")
    if shaped < 0.7 or latin < 0.7:
        return
    seen = reading(sample)
    companies = max(seen.companies, sample.share(_COMPANY))
    if companies > 0.12:
        yield Finding("NONE", 0.6, f"{companies:.0%} have words or forms of companies")
        return
    given, surname, place, word = seen.weights
    person = given + surname
    if seen.counted > 1.3:
        # A name has a given name at one end and a surname at the other, whatever the order.
        ends = max(seen.first[0] + seen.last[1], seen.first[1] + seen.last[0]) / 2
        person = max(person, 1.15 * ends) if seen.last[3] < 0.45 and seen.first[3] < 0.45 else person
    if seen.last_variety > 0.25 and word < 0.3 and sample.density > 0.5 and sample.share(_TITLE_CASE) > 0.85:
        person += 0.1  # two to four capitalised words of great variety
    score = 0.95 * _scale(person - 0.5 * max(word, place) + seen.titled, 0.3, 0.75) * shaped
    if (
        seen.last_variety < 0.1
        and seen.counted > 1.3
        and seen.last[0] + seen.last[1] < 0.6
        and len(sample) > 100
    ):
        score *= 0.4
    if not seen.titled and (
        len(sample) < _FEW or (seen.counted < 1.3 and len(sample) < _SOME and sample.density < 0.1)
    ):
        score *= 0.75  # colours and the like: a handful of words over and over
    if sample.share(r"^\p{Lu}") < 0.5 and sample.share(" ") < 0.5:
        score *= 0.7
    if sample.share(r"\s\p{Ll}{4,}") > 0.3:
        return
    score *= 1 - sample.share(r"\s\p{Ll}{6,}|\s\p{Ll}+(?:ar|er|ir|re|ung|ing)\b")
    if score > 0.1:
        yield Finding("PERSON", score, f"{person:.0%} of the weight of the words is names of people")


def _turned(value: str) -> str:
    """The last word of a value, where there are several."""
    return value.rpartition(" ")[2] if " " in value else ""


def _begins(values: Iterable[str], surnames: frozenset[str]) -> float:
    """Share of the values that begin with a surname of one to three signs."""
    hits = [any(value[:size] in surnames for size in (1, 2, 3)) for value in values]
    return sum(hits) / len(hits)


def _east_asian(sample: Sample) -> Iterator[Finding]:
    short = sample.share(r"^\p{Han}{1,2}$")
    surname = section("scripts", "zh_surname") | section("scripts", "ja_surname")
    if (
        short > 0.9
        and len(sample) >= 8
        and sum(value in surname for value in sample.folded) > 0.45 * len(sample)
    ):
        yield Finding("PERSON", 0.8, "most are common surnames")
        return
    if sample.share(r"^[가-힣]{1,2}$") > 0.9 and len(sample) >= 8:
        known = (
            section("scripts", "ko_syllable")
            if sample.lengths.mean() > 1.5
            else section("scripts", "ko_surname")
        )
        share = sum(set(value) <= known for value in sample.folded) / len(sample)
        if share > 0.6:
            yield Finding("PERSON", 0.35 + 0.45 * share, f"{share:.0%} are of the syllables of names")
            return
    for pattern, lists, least in (
        (_KANJI, ("ja_surname", "zh_surname"), 0.6),
        (_HANGUL, ("ko_surname",), 0.8),
    ):
        if sample.share(pattern) < 0.7 or sample.share(r"[市区縣县郡町村]$|\d|[시군구동로길]$") > 0.5:
            continue
        for name in lists:
            surnames = section("scripts", name)
            hit = max(_begins(sample.folded, surnames), _begins(map(_turned, sample.folded), surnames))
            if hit >= least and len(sample) >= 5:
                yield Finding("PERSON", 0.9 * hit, f"{hit:.0%} begin with a common surname")
                break
    given = sample.share(_JA_GIVEN)
    if given > 0.6 and sample.share(r"^\p{Han}") > 0.5 and len(sample) >= 8 and sample.density < 0.98:
        yield Finding("PERSON", 0.3 + 0.4 * given, f"{given:.0%} end like given names")
    kana = sample.share(_KANA)
    if kana > 0.8 and sample.density > 0.2:
        yield Finding("PERSON", 0.65, f"{kana:.0%} are two words in kana")


def _foreign(sample: Sample) -> Iterator[Finding]:
    """Single to three capitalised words of a script whose names we know few of: possible, no more."""
    shaped = name_shaped(sample) * (1 - sample.share(_WRITTEN_OTHERWISE))
    cased = sample.share(r"^[\p{Greek}\p{Cyrillic}\p{Armenian}]") > 0.5
    capital = (sample.share(r"^\p{Lu}") if cased else 1.0) if shaped > 0.9 else 0.0
    if (
        capital > 0.9
        and len(sample) >= 12
        and sample.share(_COMPANY) < 0.1
        and sample.share(_COMPANY_LATIN) < 0.1
        and sample.share(r"\s\p{Ll}{4,}|\S+\s+\S+\s+\S+\s") < 0.1
    ):
        yield Finding("PERSON", 0.22, "a few words of a script whose names are known little")


def _listed(sample: Sample) -> Iterator[Finding]:
    """Words of scripts other than Latin that are names of people, by the collected list."""
    if sample.share(r"^[\p{Latin}\p{Han}\p{Hangul}\d]") > 0.3 or name_shaped(sample) < 0.9:
        return
    values = [re.split(r"[ ,.\-]+", value) for value in sample.folded]
    hit = sum(not collected("names").isdisjoint(value) for value in values) / len(sample)
    places = sum(value in collected("towns") for value in sample.folded) / len(sample)
    if (
        hit > 0.35
        and hit > 1.5 * places
        and sample.share(_COMPANY_LATIN) < 0.12
        and sample.share(_COMPANY) < 0.12
    ):
        yield Finding("PERSON", 0.45 + 0.45 * hit, f"{hit:.0%} hold a name of people of that script")


def _other_scripts(sample: Sample) -> Iterator[Finding]:
    yield from _listed(sample)
    if sample.share(_CYRILLIC) > 0.7:
        given = section("scripts", "cyrillic_given")
        hit = sum(not given.isdisjoint(value.split()) for value in sample.folded) / len(sample)
        ends = sample.share(_CYRILLIC_END)
        score = max(hit, ends * (1 if sample.share(" ") > 0.5 else 0.8))
        if score > 0.4 and sample.share(r"(?i)(ооо|оао|зао|город|ул\.|\bг\.|обл)") < 0.3:
            yield Finding(
                "PERSON", 0.4 + 0.55 * score, f"{score:.0%} have a given name or the ending of a name"
            )
    yield from _foreign(sample)
    if sample.share(r"^\p{Greek}") > 0.7 and sample.share(r"\d") < 0.2:
        given = section("scripts", "greek_given")
        hit = sum(not given.isdisjoint(value.split()) for value in sample.folded) / len(sample)
        score = max(hit, 0.8 * sample.share(_GREEK_END))
        if score > 0.4:
            yield Finding(
                "PERSON", 0.4 + 0.5 * score, f"{score:.0%} have a given name or the ending of a name"
            )
    for pattern, lists, ending in _SCRIPTS:
        if sample.share(pattern) > 0.7 and sample.share(r"\d") < 0.2 and sample.lengths.mean() < 40:
            known = frozenset().union(*(section("scripts", name) for name in lists))
            hit = sum(not known.isdisjoint(value.split()) for value in sample.folded) / len(sample)
            ends = sample.share(ending)
            if sample.share(_COMPANY_LATIN) > 0.12:
                yield Finding("NONE", 0.6, "some have forms of companies")
            elif hit > 0.12 or ends > 0.35 or hit + ends > 0.2:
                score = min(0.6 + max(hit, 0.6 * ends), 0.92)
                yield Finding("PERSON", score, f"{hit:.0%} have a common name, {ends:.0%} the ending of one")
            elif sample.share(_THAI_PAIR) > 0.9 and sample.density > 0.8 and len(sample) >= 12:
                # Thai is written without spaces between words: two words are a name and a family's name.
                yield Finding("PERSON", 0.6, "two Thai words of great variety")
            elif hit + ends > 0.06 and sample.density > 0.5:
                yield Finding("PERSON", 0.25, f"{hit + ends:.0%} have a common name or the ending of one")


@np.vectorize
def _parts(login: str) -> bool:
    """Whether a login holds a name of five letters or more, or begins or ends with one of four."""
    known = names()
    letters = "".join(sign if sign.isalpha() else " " for sign in login).split()
    for part in letters:
        for size in range(4, len(part) + 1):
            if part[:size] in known or part[-size:] in known:
                return True
    return False


def _logins(sample: Sample) -> Iterator[Finding]:
    shaped = sample.share(_LOGIN)
    lower = sample.share(r"[a-z]{3}")
    if shaped < 0.85 or lower < 0.85 or sample.density < 0.5 or len(sample) < 12:
        return
    if sample.share(r"^[0-9a-f\-]{12,}$") > 0.3 or sample.share(r"-.*-") > 0.3:
        return
    hit = float(_parts(np.array(sample.folded)).mean())
    if hit > 0.3:
        yield Finding("USERNAME", min(0.45 + 0.6 * hit, 0.92), f"{hit:.0%} are logins with a name inside")
    elif len(sample) >= 50 and sample.density > 0.85 and sample.share(r"^[a-z]+[._]?[a-z]*\d{0,4}$") > 0.95:
        yield Finding("USERNAME", 0.52 + 0.3 * hit, "single words in small letters that hardly ever repeat")


def find(sample: Sample) -> Iterator[Finding]:
    """PERSON and USERNAME."""
    if sample.kind != "text" or not len(sample):
        return
    yield from _latin(sample)
    yield from _east_asian(sample)
    yield from _other_scripts(sample)
    yield from _logins(sample)
