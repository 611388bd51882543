"""`lineproof tag`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["add_tag", "confirm_tag", "reject_tag"]


Column = Annotated[str, typer.Argument(metavar="REF", help="column:DATASET#COLUMN or dataset:NAME.")]


def add_tag(
    reference: Column,
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


def confirm_tag(
    reference: Column, reason: Reason = None, acting_as: ActingAs = None, json: Json = False
) -> None:
    """Confirm what was found in a column, or in every column of a dataset, by its values."""
    from lineproof import access
    from lineproof.cli.opening import open_for_reading

    stored = open_for_reading().stored
    found = access.confirm_tags(stored, reference, reason=reason, acting_as=acting_as)
    _told(found, f"{reference} confirmed", json=json)


def reject_tag(
    reference: Column,
    tags: Annotated[
        list[str] | None, typer.Argument(metavar="[TAG...]", help="What it does not hold; default: anything.")
    ] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State that a column does not hold what was found in it: then, and in all later versions."""
    from lineproof import access
    from lineproof.cli.opening import open_for_reading

    stored = open_for_reading().stored
    found = access.reject_tags(stored, reference, tags or (), reason=reason, acting_as=acting_as)
    _told(found, f"{reference} rejected", json=json)


def _told(entries: dict[str, int], said: str, *, json: bool) -> None:
    """Tell the entries, one for each column; the last one stands for all where a script asks for one."""
    from lineproof.cli.text import literal, write_json

    if json:
        write_json({"entry": max(entries.values()), "entries": entries, "stated": said})
        return
    for column, entry in entries.items():
        typer.echo(f"entry:{entry}  {literal(said)}: {literal(column)}")
