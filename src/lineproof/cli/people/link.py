"""`lineproof subject link`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["link"]


def link(
    one: Annotated[str, typer.Argument(metavar="A", help="SPACE/ID of a person.")],
    other: Annotated[str, typer.Argument(metavar="B", help="SPACE/ID of the same person.")],
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Say that two identifiers are one person: what is destroyed of the one is destroyed of the other.

    It cannot be taken back. The log names neither identifier.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    entry = open_for_reading().link_subjects(one, other, reason=reason, acting_as=acting_as)
    told(entry, "two identifiers are one person", json=json)
