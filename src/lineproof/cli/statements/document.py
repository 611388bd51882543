"""`lineproof document`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["add_document"]


def add_document(
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help="dpia, technical_file, instructions_for_use, risk_file, ..."),
    ],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The document; a copy is kept with the ledger.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Default: the name of the file.")] = None,
    covers: Annotated[
        list[str] | None,
        typer.Option(
            "--covers",
            metavar="WHAT",
            help="system:NAME, purpose:NAME, model:NAME@N, dataset:NAME. Repeat for more.",
        ),
    ] = None,
    valid_until: Annotated[str | None, typer.Option("--valid-until", metavar="DAY", help="Last day.")] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME=TEXT", help="A named part of it. Repeat for more."),
    ] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Add a document that a person supplies and answers for."""
    from lineproof import access
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told
    from lineproof.errors import CommandError

    parts = [field.partition("=") for field in fields or ()]
    if any(not name or not separator for name, separator, _ in parts):
        raise CommandError("--field needs NAME=TEXT", "for example --field '2(b)=gradient boosting'")
    entry = access.add_document(
        open_for_reading().stored,
        kind,
        file=file,
        title=title,
        covers=covers or (),
        valid_until=valid_until,
        fields={name: text for name, _, text in parts},
        reason=reason,
        acting_as=acting_as,
    )
    told(entry, f"document {kind}", json=json)
