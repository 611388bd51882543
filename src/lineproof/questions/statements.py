"""What people state of a ledger: approvals, decisions, waivers and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from lineproof import access, controls, graph
from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.graph.statements import Statements
from lineproof.graph.view import view
from lineproof.model.identity import now
from lineproof.model.statements import Statement, Waiver

__all__ = ["Stating"]


class Stating(graph.Ledger):
    """Statements made to a ledger."""

    def state(self, statement: Statement, *, acting_as: str | None = None) -> int:
        """Record a statement, such as a `System` or `Purpose`; give the number of its entry.

        Raises:
            CommandError: Something in it is not what its name says.
        """
        return access.state(self.stored, statement, acting_as=acting_as)

    def approve(
        self,
        model: str,
        *,
        outcome: Literal["approved", "rejected"] = "approved",
        reason: str | None = None,
        ticket: str | None = None,
        acting_as: str | None = None,
    ) -> int:
        """Approve, or reject, a model version that somebody else made; give the number of the entry.

        Raises:
            NotAllowedError: Whoever approves made it; the attempt is recorded.
            UsageError: There is no such model version.
        """
        return access.approve(
            self.stored, model, outcome=outcome, reason=reason, ticket=ticket, acting_as=acting_as
        )

    def decide(
        self,
        kind: str,
        *,
        chosen: Any,
        candidates: Sequence[Any] = (),
        reason: str,
        run: str | None = None,
        acting_as: str | None = None,
    ) -> int:
        """Record what a person chose, among what, and why; give the number of the entry.

        Raises:
            CommandError: The kind or the reason is empty, or the reference is none of a run.
            UsageError: There is no such run.
        """
        return access.decide(
            self.stored,
            kind,
            chosen=chosen,
            candidates=candidates,
            reason=reason,
            run=run,
            acting_as=acting_as,
        )

    def waive(
        self, control: str, subject: str, *, reason: str, expires: str, acting_as: str | None = None
    ) -> int:
        """Accept a failed control until a day, and say why; give the number of the entry.

        Raises:
            CommandError: There is no such control, the day is none, or past, or the reason is empty.
            UnknownReferenceError: Nobody stated that system.
        """
        known = [one.id for one in controls.catalogue().controls]
        if control not in known:
            raise CommandError(f"there is no control {control!r}", f"one of {', '.join(known)}")
        self._check_subject(subject)
        waiver = Waiver(control=control, subject=subject, expires=expires, reason=reason, time=now())
        return access.state(self.stored, waiver, acting_as=acting_as)

    def _check_subject(self, subject: str) -> None:
        """See that a waiver's subject is one that results name."""
        with self.stored.connection() as connection:
            stated = [f"system:{name}" for name in Statements(connection, view(connection)).systems()]
        if subject not in (*stated, controls.LEDGER):
            raise UnknownReferenceError(
                f"{subject!r} is no subject of a control; there are {', '.join((*stated, controls.LEDGER))}"
            )
