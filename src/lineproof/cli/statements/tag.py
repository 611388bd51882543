"""`lineproof tag`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["add_tag"]


def add_tag(
    reference: Annotated[str, typer.Argument(metavar="REF", help="column:DATASET#COLUMN or dataset:NAME.")],
    tags: Annotated[list[str], typer.Argument(metavar="TAG...", help="PII, PHI, SPECIAL, BIRTH_DATE, ...")],
    rejected: Annotated[
        bool, typer.Option("--reject", help="It does not hold that, whatever else says so.")
    ] = False,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State what a column holds. It stays with all versions, and travels along column lineage."""
    from lineproof import access
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    stored = open_for_reading().stored
    entry = access.add_tags(stored, reference, tags, rejected=rejected, reason=reason, acting_as=acting_as)
    told(entry, f"{reference} {'is not' if rejected else 'is'} {', '.join(tags)}", json=json)
