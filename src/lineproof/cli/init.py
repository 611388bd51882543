"""`lineproof init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import Json

__all__ = ["init"]


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Project to record; default: here.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a ledger in the folder .lineproof. Doing it twice is harmless.

    With LINEPROOF_HOME set, the ledger is made there; with LINEPROOF_STORE=postgresql://… its tables are in
    that database, and the folder keeps keys, spool and objects. A ledger that is in the database already is
    joined.
    """
    import os

    from lineproof.cli.text import literal, write_json
    from lineproof.store import Ledger
    from lineproof.store.location import FOLDER

    home = os.environ.get("LINEPROOF_HOME") if folder is None else None
    place = Path(home) if home else (folder or Path.cwd()) / FOLDER
    ledger = Ledger.create(place)
    existed = not ledger.made
    if json:
        write_json({"ledger": ledger.id, "folder": str(ledger.folder), "created": not existed})
        return
    done = "is there already" if existed else "made"
    typer.echo(f"ledger {done}: {literal(ledger.folder)}")
    if not existed:
        typer.echo("next: lineproof run -- python SCRIPT")
