"""`lineproof report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import ActingAs, AsOf, Json

if TYPE_CHECKING:
    from lineproof.reports.make import Made

__all__ = ["report"]


def report(
    reference: Annotated[str, typer.Argument(metavar="MODEL", help="The model version, model:NAME@N.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")],
    form: Annotated[
        str,
        typer.Option("--format", metavar="html|json", help="A page that checks itself, or its JSON twin."),
    ] = "html",
    as_of: AsOf = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Write everything on record about a model into one file that can be checked offline.

    The file carries the entries it cites, with payloads, proofs and signed checkpoint. That it was made
    is recorded. `lineproof verify FILE` checks it with nothing but the file and the public key.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json

    made = open_for_reading().report(reference, output, format=form, as_of=as_of, acting_as=acting_as)
    if json:
        write_json(made)
    else:
        _print(made)


def _print(made: Made) -> None:
    from lineproof.cli.text import console, counted, literal

    out = console()
    cited = counted(made.cited, "cited entry").replace("entrys", "entries")
    out.print(
        f"{literal(made.path)}: {literal(made.subject)} as of entry:{made.as_of}, {cited}", soft_wrap=True
    )
    out.print(f"content {made.content_sha256}, recorded as entry:{made.entry}", soft_wrap=True)
    for missing in made.draft:
        out.print(f"DRAFT: nobody has stated {literal(missing)}", style="yellow", soft_wrap=True)
    out.print(f"check it:  lineproof verify {literal(made.path)} --key ledger.vkey", soft_wrap=True)
