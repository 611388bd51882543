"""Approval of a run as de-identification, by somebody who did not run it: tags of personal data end in it."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, select

from lineproof.access.approvals import recorders
from lineproof.access.guarded import note_access
from lineproof.access.state import state
from lineproof.errors import CommandError, NotAllowedError
from lineproof.graph import resolve, view
from lineproof.graph.facts import Facts, RunFacts
from lineproof.graph.states import descendants, root_of
from lineproof.graph.view import View
from lineproof.model.identity import now, uuid7
from lineproof.model.references import Kind, Reference
from lineproof.model.statements import Approval
from lineproof.store import Ledger
from lineproof.store.principals import current_user
from lineproof.store.schema import run_event

__all__ = ["approve_deidentification"]


def approve_deidentification(
    ledger: Ledger,
    reference: str,
    *,
    method: str | None = None,
    outcome: Literal["approved", "rejected"] = "approved",
    reason: str | None = None,
    ticket: str | None = None,
    acting_as: str | None = None,
) -> int:
    """Record that what a run wrote no longer holds the personal data that it read.

    Aggregation alone does not make it so; a person who looked says that it is so, and how.

    Args:
        ledger: Where.
        reference: `run:ID`; it holds for all that happened in the run.
        method: How the run de-identifies: `Safe Harbor`, `keyed pseudonyms`, `k = 10`.
        outcome: `approved`; or `rejected`, which also takes an approval back.
        reason: Why.
        ticket: Where it was asked for.
        acting_as: Name of who approves, as asserted; the user of this process when left out.

    Returns:
        Number of the entry.

    Raises:
        CommandError: It is no run; or neither method nor reason is given.
        NotAllowedError: Whoever approves ran it; the attempt is recorded.
        UsageError: There is no such run.
    """
    # 1. Find the run and who recorded it and what happened in it.
    # 2. Refuse the word of one of them, and record that it was refused.
    # 3. Record the word.
    with ledger.connection() as connection:
        seen = view(connection)
        run = _run(connection, reference, seen)
        by = _who_ran(connection, run, seen)
    if outcome == "approved" and not (method or reason):
        raise CommandError(
            "it is not said how the run de-identifies", "give --method 'keyed pseudonyms', or --reason"
        )
    who = acting_as or current_user()
    if outcome == "approved" and who in by:
        note_access(ledger, "approve", run.ref, "refused", reason="approver ran it", acting_as=acting_as)
        raise NotAllowedError(f"{who} ran {run.ref} and may not approve it as de-identification")
    return state(
        ledger,
        Approval(
            approval=uuid7(),
            run=run.uuid,
            method=method,
            outcome=outcome,
            reason=reason,
            ticket=ticket,
            time=now(),
        ),
        acting_as=acting_as,
    )


def _run(connection: Connection, reference: str, seen: View) -> RunFacts:
    found = resolve(connection, Reference.parse(reference), seen)
    if found.kind is not Kind.RUN:
        raise CommandError(f"{reference} is not a run", "give run:ID, as `lineproof log` lists it")
    return Facts(connection, seen).runs([found.id])[found.id]


def _who_ran(connection: Connection, run: RunFacts, seen: View) -> frozenset[str]:
    """Give the names of those who recorded a run, what happened in it, or the run it happened in."""
    facts = Facts(connection, seen)
    within = descendants(facts, [root_of(facts, run.id)])
    return recorders(connection, select(run_event.c.entry).where(run_event.c.run.in_(within)))
