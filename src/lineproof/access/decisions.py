"""What people decide about a run: the same kind of entry as what its code decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from lineproof.errors import CommandError
from lineproof.graph import resolve
from lineproof.graph.view import view
from lineproof.model.entries import Decision, EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.references import Kind, Reference
from lineproof.store import Ledger, NewEntry

__all__ = ["decide"]


def decide(
    ledger: Ledger,
    kind: str,
    *,
    chosen: Any,
    candidates: Sequence[Any] = (),
    reason: str,
    run: str | None = None,
    acting_as: str | None = None,
) -> int:
    """Record what a person chose, among what, and why; give the number of the entry.

    Args:
        ledger: Where.
        kind: What was decided: `threshold`, `model_selection`.
        chosen: The chosen candidate, as JSON.
        candidates: All candidates; the chosen one is added when it is not among them.
        reason: Why.
        run: Reference of the run it was decided for.
        acting_as: Name of who decides, as asserted; the user of this process when left out.

    Raises:
        CommandError: The kind or the reason is empty, or the reference is none of a run.
        UsageError: There is no such run.
    """
    if not kind.strip() or not reason.strip():
        raise CommandError("a decision needs a kind and a reason", "say what was decided, and why")
    every = list(candidates)
    payload = Decision(
        decision=uuid7(),
        run=None if run is None else _run(ledger, run),
        kind=kind,
        chosen=chosen,
        candidates=every if chosen in every else [*every, chosen],
        reason=reason,
        made_by="person",
        time=now(),
    )
    entry = NewEntry(EntryType.DECISION, msgspec.json.encode(payload))
    return ledger.append([entry], acting_as=acting_as).first


def _run(ledger: Ledger, reference: str) -> str:
    parsed = Reference.parse(reference)
    if parsed.kind is not Kind.RUN:
        raise CommandError(f"{reference} is no run", "give run:ID, as `lineproof log` shows it")
    with ledger.connection() as connection:
        return resolve(connection, parsed, view(connection)).ref.removeprefix("run:")
