"""Approval of a model version by somebody who did not make it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Select, select

from lineproof.access.guarded import note_access
from lineproof.access.state import state
from lineproof.errors import CommandError, NotAllowedError
from lineproof.graph import View, resolve, view
from lineproof.graph.facts import UNVERSIONED, Facts, VersionFacts
from lineproof.graph.hops import DatasetHops, Direction
from lineproof.model.identity import now, uuid7
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind, Reference
from lineproof.model.statements import Approval
from lineproof.store import Ledger
from lineproof.store.principals import current_user
from lineproof.store.schema import entry, principal, run_dataset

__all__ = ["approve", "makers", "model_version", "recorders"]


def approve(
    ledger: Ledger,
    reference: str,
    *,
    outcome: Literal["approved", "rejected"] = "approved",
    reason: str | None = None,
    ticket: str | None = None,
    acting_as: str | None = None,
) -> int:
    """Record that a person approves, or rejects, one content of a model.

    Args:
        ledger: Where.
        reference: The model version, `model:NAME@N`.
        outcome: `approved` or `rejected`.
        reason: Why.
        ticket: Where the change was asked for.
        acting_as: Name of who approves, as asserted; the user of this process when left out.

    Returns:
        Number of the entry.

    Raises:
        NotAllowedError: Whoever approves made the model; the attempt is recorded.
        UsageError: There is no such model version.
    """
    # 1. Find the model version and who recorded the runs that made it.
    # 2. Refuse the word of one of them, and record that it was refused. Rejecting one's own is allowed.
    # 3. Record the word about the content, not about the number: numbers may be given to other bytes.
    with ledger.connection() as connection:
        seen = view(connection)
        model = model_version(connection, reference, seen)
        by = makers(connection, model.id, seen)
    who = acting_as or current_user()
    if outcome == "approved" and who in by:
        note_access(ledger, "approve", model.ref, "refused", reason="approver made it", acting_as=acting_as)
        raise NotAllowedError(f"{who} made {model.ref} and may not approve it")
    return state(
        ledger,
        Approval(
            approval=uuid7(),
            model_namespace=model.namespace,
            model_name=model.name,
            model_version=model.content,
            outcome=outcome,
            reason=reason,
            ticket=ticket,
            time=now(),
        ),
        acting_as=acting_as,
    )


def model_version(connection: Connection, reference: str, seen: View) -> VersionFacts:
    """Find the model version that a reference names.

    Raises:
        CommandError: It names something else, or a model whose content nobody recorded.
    """
    parsed = Reference.parse(reference)
    found = resolve(connection, parsed, seen).version if parsed.kind is Kind.MODEL else None
    if found is None:
        raise CommandError(f"{reference} is not a model version", "give it as model:NAME@N")
    if found.content == UNVERSIONED:
        raise CommandError(
            f"the content of {found.ref} is not recorded",
            "record the run that saves the model: only a known content can be approved or deployed",
        )
    return found


def makers(connection: Connection, node: int, seen: View) -> frozenset[str]:
    """Give the names of the principals who recorded the runs that fitted and saved a model version."""
    facts = Facts(connection, seen)
    above = DatasetHops(facts, Direction.UP)([node], 10_000).hops
    fitted = facts.versions({hop.source for hop in above})
    nodes = {node, *(one for one, about in fitted.items() if about.namespace == MEMORY_NAMESPACE)}
    query = (
        select(entry.c.leaf)
        .join(run_dataset, run_dataset.c.entry == entry.c.seq)
        .where(run_dataset.c.version.in_(nodes), run_dataset.c.direction == "output", seen.known(run_dataset))
    )
    return _names(connection, query)


def recorders(connection: Connection, entries: Select[Any]) -> frozenset[str]:
    """Give the names of the principals who recorded some entries."""
    return _names(connection, select(entry.c.leaf).where(entry.c.seq.in_(entries)))


def _names(connection: Connection, leaves: Select[Any]) -> frozenset[str]:
    references = {msgspec.json.decode(leaf)["principal"] for leaf in connection.scalars(leaves)}
    names = select(principal.c.name).where(principal.c.ref.in_(references))
    return frozenset(connection.scalars(names))
