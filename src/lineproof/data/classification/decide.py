"""From findings and a name to one class."""

from __future__ import annotations

from typing import Any

import msgspec

from lineproof.data.classification.detectors import ALL
from lineproof.data.classification.detectors.numbers import unchecked
from lineproof.data.classification.hints import Hints, hints
from lineproof.data.classification.plausible import plausible
from lineproof.data.classification.result import Classification, Finding, classification
from lineproof.data.classification.sample import Sample, sample_of

__all__ = ["Opinion", "choose", "classify", "opinion"]

_STRONG, _WEAK = 0.8, 0.35  # what a name alone is worth, values being plausible
_AGAINST = {
    "strong": 0.45,
    "weak": 0.75,
    "": 1.0,
}  # what is left of a soft finding when the name speaks against
_SURE = 0.12  # added to that for a finding that is nearly sure
_OTHER_NAME = 0.55  # what is left of a soft finding when the name plausibly says another class
_ENOUGH = 0.5
_SPECIFIC = (
    "SSN",
    "CREDIT_CARD",
    "NPI",
    "HEALTH_PLAN_ID",
    "MRN",
    "LICENCE",
    "VEHICLE_ID",
    "NATIONAL_ID",
    "ACCOUNT",
)


class Opinion(msgspec.Struct):
    """Scores of classes for one column, before neighbours are heard.

    Attributes:
        scores: Class to probability.
        evidence: Class to the reasons for it.
        contains: What is embedded, for FREE_TEXT.
        firm: Classes shown by a checksum or a format of their own.
        hints: What the name says.
        sample: The values.
    """

    scores: dict[str, float]
    evidence: dict[str, list[str]]
    contains: tuple[str, ...]
    firm: set[str]
    hints: Hints
    sample: Any

    def add(self, class_: str, score: float, why: str) -> None:
        """Let further, independent evidence speak for a class."""
        before = self.scores.get(class_, 0.0)
        self.scores[class_] = 1 - (1 - before) * (1 - score)
        self.evidence.setdefault(class_, []).append(why)


def _findings(sample: Sample) -> list[Finding]:
    found: list[Finding] = []
    for find in ALL:
        found.extend(find(sample))
    return found


def _named(sample: Sample, said: Hints) -> dict[str, tuple[float, str]]:
    """What the name is worth for each class it names, given the values."""
    worth = {}
    for terms, weight in ((said.strong, _STRONG), (said.weak, _WEAK)):
        for class_, term in terms.items():
            fits = plausible(sample, class_)
            if fits >= 0.5:
                against = 1.0 if weight == _STRONG else _AGAINST[said.against]
                worth[class_] = (weight * fits * against, f"the name says {class_} ({term})")
    return worth


def _failing(sample: Sample, class_: str, said: Hints) -> bool:
    term = said.strong.get(class_) or said.weak.get(class_, "")
    return class_ in {"CREDIT_CARD", "NATIONAL_ID", "NPI"} and unchecked(sample, class_, term)


def opinion(name: str, sample: Sample) -> Opinion:
    """Weigh name and values of one column."""
    said = hints(name)
    worth = _named(sample, said)
    result = Opinion({}, {}, (), set(), said, sample)
    named_strongly = {class_ for class_, (score, _) in worth.items() if score >= _ENOUGH}
    for finding in _findings(sample):
        score = finding.score
        if (
            finding.class_ == "NONE"
            and finding.firm
            and named_strongly & {"DEVICE_ID", "URL", "PHOTO", "BIOMETRIC"}
        ):
            continue
        if not finding.firm and finding.class_ not in said.strong:
            score *= _AGAINST[said.against] + (_SURE if said.against and score >= 0.85 else 0.0)
            if named_strongly - {finding.class_}:
                score *= _OTHER_NAME
        result.add(finding.class_, score, finding.why)
        result.contains = finding.contains or result.contains
        if finding.firm:
            result.firm.add(finding.class_)
    for class_, (score, why) in worth.items():
        if class_ not in result.firm and _failing(sample, class_, said):
            result.evidence.setdefault("NONE", []).append(
                f"{why}, but check digits hold no more often than by chance"
            )
            continue
        result.add(class_, score, why)
    return result


def _best(scores: dict[str, float]) -> tuple[str, float]:
    """The class with the highest score; between equals the more specific one."""
    order = {class_: -rank for rank, class_ in enumerate(_SPECIFIC)}
    return max(scores.items(), key=lambda item: (round(item[1], 2), order.get(item[0], -len(_SPECIFIC))))


def choose(seen: Opinion) -> Classification:
    """Settle on a class."""
    personal = {class_: score for class_, score in seen.scores.items() if class_ != "NONE"}
    none = seen.scores.get("NONE", 0.0)
    reasons = seen.evidence.get("NONE", [])
    if not personal:
        return classification("NONE", max(none, 0.7), tuple(reasons))
    class_, score = _best(personal)
    if "NONE" in seen.firm and class_ not in seen.firm and score < 0.85:
        return classification("NONE", none, tuple(reasons))
    if score < _ENOUGH:
        doubt = (f"{class_} is possible ({score:.2f})", *seen.evidence[class_]) if score > 0.2 else ()
        return classification("NONE", 1 - score, (*reasons, *doubt))
    if (
        "NONE" in seen.evidence
        and class_ not in seen.firm
        and class_ not in seen.hints.strong
        and none > score
    ):
        return classification("NONE", none, tuple(reasons))
    contains = seen.contains if class_ == "FREE_TEXT" else ()
    return classification(class_, min(score, 0.99), tuple(seen.evidence[class_]), contains)


def classify(name: str, values: Any, *, rows: int, nulls: int, distinct: int | None = None) -> Classification:
    """Say what one column holds.

    Args:
        name: Name of the column, in any language; it may be empty or say nothing.
        values: A sample of its values: Arrow array or sequence, of text or typed, distinct or not. Some hundred
            distinct values suffice; more than 2,000 are thinned out.
        rows: Rows of the column.
        nulls: Missing values of the column.
        distinct: Distinct values of the column where known, else those of `values`.

    Returns:
        Class, letter, GDPR class, confidence and evidence; the evidence never holds a value.
    """
    return choose(opinion(name, sample_of(values, rows=rows, nulls=nulls, distinct=distinct)))
