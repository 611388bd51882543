"""Free text, and what is embedded in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pyarrow.compute as pc

from lineproof.data.classification.lists import common
from lineproof.data.classification.result import Finding
from lineproof.data.classification.sample import Sample
from lineproof.data.classification.text import fold

__all__ = ["find", "prose"]

_EMBEDDED = (
    ("EMAIL", r"(?i)\b[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}"),
    (
        "PHONE",
        r"(\+\d[\d ().-]{7,}\d|\(\d{2,5}\) ?\d{3,4}[ -]?\d{3,4}|\b\d{3}[-.]\d{3}[-.]\d{4}\b|\b0\d{1,4}[ /-]\d{2,4}[ -]?\d{2,4}[ -]?\d{0,4}\b|\b\d{2,3}-\d{3,4}-\d{4}\b|\b\d{2} 9?\d{4}-\d{4}\b)",
    ),
    ("SSN", r"\b\d{3}-\d{2}-\d{4}\b"),
    ("ACCOUNT", r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}\b"),
    ("NATIONAL_ID", r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b"),
    ("MRN", r"(?i)\bMRN[-_ #:.]*\d{4,}\b"),
    ("CREDIT_CARD", r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b"),
    ("IP", r"\b(\d{1,3}\.){3}\d{1,3}\b"),
    ("URL", r"(?i)\bhttps?://[^\s]+"),
    ("DATE", r"\b(\d{1,2}[./]\d{1,2}[./](19|20)\d{2}|(19|20)\d{2}[-/]\d{2}[-/]\d{2})\b"),
)
_LEAST = 0.05  # share of the values in which an identifier must be embedded
_WEAK = frozenset({"URL", "DATE"})  # alone they do not make a text personal
_TITLE = (
    r"\b(Mr|Mrs|Ms|Dr|Herrn?|Frau|Mme|Sra?|Sig|Signora|Patient(in)?|Pt|Paciente|Dhr|Mevr)\.? \p{Lu}\p{Ll}+"
)
_READ = 300  # texts read word by word


def prose(sample: Sample) -> float:
    """Share of the values that are more than a name or a label: several words, or a long line without spaces."""
    if not len(sample):
        return 0.0
    spaces = pc.count_substring_regex(sample.text, r"\s+").to_numpy(zero_copy_only=False)
    script = sample.mask(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]") & sample.mask(
        r"[。、，：:！？]|.{18,}"
    )
    small = sample.mask(r"(^|\s)\p{Ll}{2,}") | sample.mask(r"[.:;!?](\s|$)")
    return float(((spaces >= 3) & small | script).mean())


def _names(sample: Sample) -> float:
    """Share of texts that hold a title with a name, or a known given name before another capital."""
    given = common("given")

    def named(text: str) -> bool:
        parts = text.split()
        return any(
            one[0].isupper() and two[0].isupper() and fold(one.strip(".,;:()")) in given
            for one, two in pairwise(parts)
        )

    texts = sample.text.to_pylist()[:_READ]
    return max(sample.share(_TITLE), sum(map(named, texts)) / len(texts))


def find(sample: Sample) -> Iterator[Finding]:
    """FREE_TEXT with identifiers inside; NONE for prose in which none was found."""
    if sample.kind != "text" or not len(sample):
        return
    share = prose(sample)
    if share < 0.5:
        return
    found = [class_ for class_, pattern in _EMBEDDED if sample.share(pattern) >= _LEAST]
    # Capitals alone are also titles and companies; a name counts in what is written in sentences.
    if _names(sample) >= 0.1 and sample.share(r"\p{Ll}[.!?](\s|$)") > 0.3:
        found.append("PERSON")
    telling = [class_ for class_ in found if class_ not in _WEAK]
    if telling:
        why = f"free text; identifiers inside: {', '.join(found)}"
        sure = 0.65 if telling != ["PERSON"] else 0.4
        yield Finding("FREE_TEXT", sure + 0.3 * share, why, contains=tuple(found))
    else:
        yield Finding("NONE", 0.6, f"{share:.0%} are text of several words; no identifier found inside")
