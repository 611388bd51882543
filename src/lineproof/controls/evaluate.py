"""Evaluation: a pure function of the ledger as of an entry, and a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import get_args

from sqlalchemy import Connection

from lineproof.controls.catalogue import Control, Framework, catalogue
from lineproof.controls.record import LEDGER, Record
from lineproof.controls.results import SHOWN, Check, Item, Outcome, Result, decide
from lineproof.controls.rules import RULES
from lineproof.controls.scope import Scope
from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.graph.statements import Stated, serves
from lineproof.graph.view import View
from lineproof.model.entries import EntryType
from lineproof.model.statements import Waiver

__all__ = ["evaluate"]

_EVIDENCE = 200  # entries of one result; items name theirs
_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL, Outcome.PASS)


def evaluate(
    connection: Connection,
    seen: View,
    moment: str,
    *,
    framework: str | None = None,
    system: str | None = None,
    models: Collection[str] | None = None,
) -> Check:
    """Judge every control for every system.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What counts; only its `as_of` is used.
        moment: The moment that is judged for, RFC 3339: ages and expiries are measured from it.
        framework: One framework only.
        system: One system only.
        models: Only the systems that one of these models belongs to.

    Returns:
        One result for each control and subject. The same ledger, entry and moment give the same.

    Raises:
        CommandError: There is no such framework.
        UnknownReferenceError: Nobody stated such a system.
    """
    known = get_args(Framework)
    if framework is not None and framework.upper() not in known:
        raise CommandError(f"there is no framework {framework!r}", f"one of {', '.join(known)}")
    record = Record(connection, View(as_of=seen.as_of), moment)
    scopes = _scopes(record, system, models)
    whole = Scope(record, None)
    waivers = _waivers(record)
    results = []
    for control in catalogue().controls:
        if framework is None or control.framework == framework.upper():
            subjects = [whole] if control.subject == LEDGER else scopes
            results += [_judge(scope, control, waivers) for scope in subjects]
    summary = Counter({outcome.value: 0 for outcome in Outcome})
    summary.update(result.result.value for result in results)
    summary["findings"] = sum(result.is_finding for result in results)
    return Check(
        as_of=seen.as_of, at=moment, catalogue=catalogue().version, results=results, summary=dict(summary)
    )


def _scopes(record: Record, system: str | None, models: Collection[str] | None) -> list[Scope]:
    if system is not None and system not in record.systems:
        stated = ", ".join(sorted(record.systems)) or "none"
        raise UnknownReferenceError(f"nobody stated a system {system!r}; stated: {stated}")
    chosen = [
        Scope(record, found, entries)
        for name, (found, entries) in sorted(record.systems.items())
        if system in (None, name) and (models is None or any(serves(found, model) for model in models))
    ]
    return chosen or [Scope(record, None)]


def _waivers(record: Record) -> dict[tuple[str, str], Stated]:
    """Give the waivers that hold at the moment, by control and subject; the last one counts."""
    found = {}
    for one in record.statements.of(EntryType.WAIVER):
        if isinstance(one.body, Waiver) and one.body.expires >= record.day:
            found[one.body.control, one.body.subject] = one
    return found


def _judge(scope: Scope, control: Control, waivers: dict[tuple[str, str], Stated]) -> Result:
    items = sorted(RULES[control.id](scope, control), key=lambda item: _WORST_FIRST.index(item.result))
    outcome, reason = decide(items)
    evidence = {entry for item in items for entry in item.evidence}
    subject = LEDGER if control.subject == LEDGER else scope.subject
    waiver = waivers.get((control.id, subject))
    if outcome is Outcome.FAIL and waiver is not None and isinstance(waiver.body, Waiver):
        outcome = Outcome.WAIVED
        reason = (
            f"waived by {waiver.name} until {waiver.body.expires}: {waiver.body.reason}. It fails: {reason}"
        )
        evidence.add(waiver.entry)
    return _result(control, subject, outcome, reason, sorted(evidence), items, scope.record.day)


def _result(
    control: Control,
    subject: str,
    outcome: Outcome,
    reason: str,
    evidence: list[int],
    items: list[Item],
    day: str,
) -> Result:
    later = control.applies_from if control.applies_from and control.applies_from > day else None
    return Result(
        control=control.id,
        framework=control.framework,
        clause=control.clause,
        title=control.title,
        subject=subject,
        result=outcome,
        severity=control.severity,
        evidence=tuple(evidence[:_EVIDENCE]),
        reason=reason,
        remedy=next((item.remedy for item in items if item.remedy), control.remedy),
        items=tuple(items[:SHOWN]),
        items_total=len(items),
        defaults={} if control.basis else control.parameters,
        left_out=control.left_out,
        applies_from=later,
        crosswalk=control.crosswalk,
    )
