"""`lineproof deidentify`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["approve_run", "reject_run"]

Run = Annotated[str, typer.Argument(metavar="RUN", help="run:ID, as `lineproof log` lists it.")]
Ticket = Annotated[str | None, typer.Option("--ticket", help="Where it was asked for.")]


def approve_run(
    run: Run,
    method: Annotated[
        str | None, typer.Option("--method", help="How: Safe Harbor, keyed pseudonyms, k = 10, ...")
    ] = None,
    ticket: Ticket = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Approve a run as de-identification: tags of personal data end in it. Whoever ran it may not (exit code 4).

    It holds for all that happened in the run, and until it is rejected. Aggregation alone ends no tag.
    """
    from lineproof import access
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    stored = open_for_reading().stored
    entry = access.approve_deidentification(
        stored, run, method=method, reason=reason, ticket=ticket, acting_as=acting_as
    )
    told(entry, f"{run} approved as de-identification", json=json)


def reject_run(
    run: Run,
    ticket: Ticket = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State that a run is no de-identification, or take an approval back: tags flow on."""
    from lineproof import access
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    stored = open_for_reading().stored
    entry = access.approve_deidentification(
        stored, run, outcome="rejected", reason=reason, ticket=ticket, acting_as=acting_as
    )
    told(entry, f"{run} rejected as de-identification", json=json)
