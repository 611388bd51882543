"""`lineproof witness add`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["add"]


def add(
    kind: Annotated[str, typer.Argument(metavar="file|git", help="What keeps the checkpoints.")],
    location: Annotated[
        str,
        typer.Argument(
            metavar="PLACE", help="A file that is appended to, or a git repository that is pushed to."
        ),
    ],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What to call it.")] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Let somebody outside keep checkpoints, and hand over the present one.

    Whoever holds key and file of a ledger can rewrite it whole; what they cannot rewrite is a checkpoint that
    somebody else keeps. Choose a place that they do not reach.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    added = open_for_reading().add_witness(kind, location, name=name, reason=reason, acting_as=acting_as)
    told(added.entry, f"witness {added.name} ({added.kind} {added.location}) keeps a checkpoint", json=json)
