"""Rules on the record itself."""

from __future__ import annotations

from collections.abc import Iterable

from lineproof.controls.catalogue import Control
from lineproof.controls.record import LEDGER, Record
from lineproof.controls.results import Item
from lineproof.controls.rules.interface import days_before, failed, manual, passed, rule, unknown
from lineproof.controls.scope import Scope
from lineproof.graph.statements import Stated
from lineproof.model.entries import EntryType
from lineproof.model.statements import Report, Retention

__all__ = ["kept_for"]


def last_verification(record: Record) -> Stated | None:
    """Give the verification recorded last."""
    found = [
        one
        for one in record.statements.of(EntryType.REPORT, subject=LEDGER)
        if isinstance(one.body, Report) and one.body.kind == "verification"
    ]
    return found[-1] if found else None


@rule("GDPR-5-2")
def intact_and_tested(scope: Scope, control: Control) -> Iterable[Item]:
    """The log was verified lately, and what was found is on record."""
    found = last_verification(scope.record)
    days = control.parameters["verify_days"]
    if found is None:
        yield unknown(LEDGER, "no verification is on record (`lineproof verify --record`)")
        return
    body = found.body
    assert isinstance(body, Report)
    if not (body.outcome or {}).get("ok"):
        yield failed(
            LEDGER, f"the verification of {found.recorded[:10]} found that something was changed", found
        )
    elif found.recorded < days_before(scope.record.moment, days):
        yield failed(
            LEDGER, f"the last verification is of {found.recorded[:10]}, over {days} days ago", found
        )
    else:
        yield passed(LEDGER, f"verified on {found.recorded[:10]}", found)
        if not scope.record.witnessed:
            yield manual(
                LEDGER, "nobody outside holds a checkpoint: who has key and file could rewrite both", found
            )


@rule("SOX-802-RET")
def evidence_kept(scope: Scope, control: Control) -> Iterable[Item]:
    """The log is kept long enough, was verified, and nothing of it was destroyed without a look at it."""
    stated = [system.sox_scope for system, _ in scope.record.systems.values()]
    if not stated or None in stated:
        yield unknown(LEDGER, "whether a system feeds financial reporting is not stated (--sox-scope)")
    if True not in stated:
        return
    yield kept_for(scope, control, LEDGER)
    found = last_verification(scope.record)
    if found is None:
        yield unknown(LEDGER, "no verification is on record (`lineproof verify --record`)")
    elif isinstance(found.body, Report) and not (found.body.outcome or {}).get("ok"):
        yield failed(LEDGER, "the last verification found that something was changed", found)
    if scope.record.destroyed:
        count = len(scope.record.destroyed)
        yield manual(
            LEDGER,
            f"{count} payloads were destroyed: see that none was evidence",
            *scope.record.destroyed[:50],
        )


def kept_for(scope: Scope, control: Control, what: str) -> Item:
    """Judge whether a retention policy keeps something long enough."""
    days = control.parameters["min_days"]
    policy = scope.record.retention_of(what)
    body = None if policy is None else policy.body
    if policy is None or not isinstance(body, Retention) or body.min_age_days is None:
        return failed(what, f"no policy says how long the {what} is kept at least")
    if body.min_age_days < days:
        return failed(
            what, f"{body.name} keeps the {what} {body.min_age_days} days; {days} are asked for", policy
        )
    return passed(what, f"{body.min_age_days} days by {body.name}", policy)
