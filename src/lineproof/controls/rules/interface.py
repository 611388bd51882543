"""What a rule is, and what many rules ask.

A rule looks at a scope and yields what it judged, item by item. It never returns a result: the result
follows from the items (`results.decide`), so that unknown and manual cannot be lost on the way. No item
at all means that nothing is in scope.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from lineproof.controls.catalogue import Control
from lineproof.controls.record import LEDGER
from lineproof.controls.results import Item, Outcome
from lineproof.controls.scope import Run, Scope
from lineproof.graph.statements import Stated

__all__ = [
    "RULES",
    "Rule",
    "days_before",
    "failed",
    "judged",
    "manual",
    "passed",
    "personal_runs",
    "rule",
    "unknown",
]

Rule = Callable[[Scope, Control], Iterable[Item]]
RULES: dict[str, Rule] = {}
_SHOWN = 3  # names in a reason


def rule(
    control: str, *, flag: str | None = None, off: tuple[object, ...] = ("none", False)
) -> Callable[[Rule], Rule]:
    """Register the rule of a control.

    Args:
        control: Its id.
        flag: Field of the system that says whether the framework concerns it. Unstated, the result is
            unknown: what may apply is not waved through.
        off: Values of the flag by which it does not.
    """

    def register(function: Rule) -> Rule:
        @functools.wraps(function)
        def guarded(scope: Scope, control: Control) -> Iterable[Item]:
            if flag is None:
                return function(scope, control)
            stated = None if scope.system is None else getattr(scope.system, flag)
            if stated is None:
                return [unstated(scope, flag)]
            return [] if stated in off else function(scope, control)

        RULES[control] = guarded
        return function

    return register


def unstated(scope: Scope, flag: str) -> Item:
    """Say that nobody stated whether a framework concerns a system."""
    option = "--" + flag.replace("_", "-")
    if scope.subject == LEDGER:
        remedy = (
            f"State the system and what concerns it: `lineproof system set NAME --model MODEL {option} ...`."
        )
        return Item(LEDGER, Outcome.UNKNOWN, "no system is stated", remedy=remedy)
    name = scope.subject.partition(":")[2]
    return Item(
        scope.subject,
        Outcome.UNKNOWN,
        f"nobody stated {flag}",
        scope.entries,
        f"State it: `lineproof system set {name} {option} ...`.",
    )


def judged(ref: str, result: Outcome, reason: str, *stated: Stated | int) -> Item:
    """Give an item with the entries it rests on."""
    entries = {one if isinstance(one, int) else one.entry for one in stated}
    return Item(ref, result, reason, tuple(sorted(entries)))


def passed(ref: str, reason: str, *stated: Stated | int) -> Item:
    """Give an item that holds."""
    return judged(ref, Outcome.PASS, reason, *stated)


def failed(ref: str, reason: str, *stated: Stated | int) -> Item:
    """Give an item that does not hold, on known data."""
    return judged(ref, Outcome.FAIL, reason, *stated)


def unknown(ref: str, reason: str, *stated: Stated | int) -> Item:
    """Give an item that cannot be judged for want of data."""
    return judged(ref, Outcome.UNKNOWN, reason, *stated)


def manual(ref: str, reason: str, *stated: Stated | int) -> Item:
    """Give an item that a person must judge."""
    return judged(ref, Outcome.MANUAL, reason, *stated)


def days_before(moment: str, days: float) -> str:
    """Give the time so many days before a moment, RFC 3339."""
    return (datetime.fromisoformat(moment) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def personal_runs(scope: Scope, wanted: frozenset[str]) -> Iterator[tuple[Run, tuple[int, ...]] | Item]:
    """Give the runs that read data with one of these tags, and the entries that tag it.

    Where nobody said of some source what its columns hold, the other runs cannot be told: one item says so.
    """
    others = []
    for run in scope.runs:
        tags = scope.personal(run.inputs)
        entries = {entry for tag in wanted & set(tags) for entry in tags[tag]}
        if entries:
            yield run, tuple(sorted(entries))
        else:
            others.append(run)
    if others and scope.unclassified:
        names = [one.ref for one in scope.unclassified]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield unknown(
            scope.subject,
            f"nobody said what the columns of {', '.join(names[:_SHOWN])}{more} hold, so whether "
            f"{len(others)} further {'run' if len(others) == 1 else 'runs'} used such data is not known",
        )
