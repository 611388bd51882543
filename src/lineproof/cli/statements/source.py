"""`lineproof dataset source`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["set_source"]


def set_source(
    reference: Annotated[str, typer.Argument(metavar="REF", help="dataset:NAME.")],
    origin: Annotated[str | None, typer.Option("--origin", help="Where it was collected.")] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="Under which terms.")] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Where it is kept, such as EU or US.")
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Who answers for it.")] = None,
    obtained: Annotated[str | None, typer.Option("--obtained", help="How it was obtained.")] = None,
    purpose: Annotated[
        str | None, typer.Option("--purpose", help="What it was collected for: name of a purpose.")
    ] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State where a dataset comes from; it holds for all its versions."""
    from msgspec import UNSET

    from lineproof import access
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told
    from lineproof.model.facets import Source

    source = Source(
        origin=origin or UNSET,
        licence=licence or UNSET,
        region=region or UNSET,
        owner=owner or UNSET,
        obtained=obtained or UNSET,
        purpose=purpose or UNSET,
        reason=reason or UNSET,
    )
    entry = access.set_source(open_for_reading().stored, reference, source, acting_as=acting_as)
    told(entry, f"source of {reference}", json=json)
