"""`lineproof approve`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["approve"]


def approve(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Model version, model:NAME@N.")],
    reject: Annotated[bool, typer.Option("--reject", help="Reject it instead.")] = False,
    ticket: Annotated[str | None, typer.Option("--ticket", help="Where the change was asked for.")] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Approve a model version, byte for byte. Whoever made it may not (exit code 4).

    Without a server nobody proves who they are: the name is recorded as asserted, and controls on
    segregation of duties stay for a person to judge.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    outcome = "rejected" if reject else "approved"
    ledger = open_for_reading()
    entry = ledger.approve(
        model,
        outcome="rejected" if reject else "approved",
        reason=reason,
        ticket=ticket,
        acting_as=acting_as,
    )
    told(entry, f"{model} {outcome}", json=json)
