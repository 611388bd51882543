"""What a control comes to: items are judged one by one, the result follows from all of them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

__all__ = ["Check", "Item", "Outcome", "Result", "decide"]

SHOWN = 50  # items in a result; the rest is counted


class Outcome(StrEnum):
    """The six values of a result."""

    NOT_APPLICABLE = "not_applicable"  # empty scope
    FAIL = "fail"  # true on known data
    UNKNOWN = "unknown"  # needed data was never captured, or is destroyed
    MANUAL = "manual"  # a person must judge
    PASS = "pass"  # noqa: S105 - no password
    WAIVED = "waived"  # only instead of fail


_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.PASS)


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a control judged.

    Attributes:
        ref: What it is, by reference.
        evidence: Entries that the judgement rests on.
        remedy: What to do about it, where that is not what the control says.
    """

    ref: str
    result: Outcome
    reason: str
    evidence: tuple[int, ...] = ()
    remedy: str | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One control, judged for one subject.

    Attributes:
        reason: Why, in words; of the items the worst ones.
        items: What was judged, worst first; the first of `items_total`.
        defaults: Parameters that no text sets: house defaults.
        applies_from: First day of the duty, where it lies after the moment of judgement.
    """

    control: str
    framework: str
    clause: str
    title: str
    subject: str
    result: Outcome
    severity: str
    evidence: tuple[int, ...]
    reason: str
    remedy: str
    items: tuple[Item, ...] = ()
    items_total: int = 0
    defaults: dict[str, Any] = {}
    left_out: str | None = None
    applies_from: str | None = None
    crosswalk: dict[str, str] = {}

    @property
    def is_finding(self) -> bool:
        """Whether somebody must act: a failure, or something important that is not known."""
        grave = self.severity in ("critical", "high")
        return self.result is Outcome.FAIL or (self.result is Outcome.UNKNOWN and grave)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `lineproof check`.

    Attributes:
        as_of: Last entry that it rests on.
        at: The moment it was judged for, RFC 3339.
        catalogue: Version of the catalogue.
        results: One for each control and subject.
        summary: How many there are of each result, and of findings.
    """

    as_of: int
    at: str
    catalogue: str
    results: list[Result]
    summary: dict[str, int]


def decide(items: Sequence[Item]) -> tuple[Outcome, str]:
    """Give the result of all items, and the reason: those of the items that made it."""
    for outcome in _WORST_FIRST:
        found = [item for item in items if item.result is outcome]
        if found:
            reasons = list(dict.fromkeys(item.reason for item in found))
            more = f"; and {len(reasons) - 3} more reasons" if len(reasons) > 3 else ""  # noqa: PLR2004
            return outcome, f"{'; '.join(reasons[:3])}{more}"
    return Outcome.NOT_APPLICABLE, "nothing on record is in its scope"
