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

    With LINEPROOF_HOME set, the ledger is made there.
    """
    import os

    from lineproof.cli.text import literal, write_json
    from lineproof.store import Ledger
    from lineproof.store.location import DATABASE, FOLDER

    home = os.environ.get("LINEPROOF_HOME") if folder is None else None
    place = Path(home) if home else (folder or Path.cwd()) / FOLDER
    existed = (place / DATABASE).is_file()
    ledger = Ledger.create(place)
    if json:
        write_json({"ledger": ledger.id, "folder": str(ledger.folder), "created": not existed})
        return
    done = "is there already" if existed else "made"
    typer.echo(f"ledger {done}: {literal(ledger.folder)}")
    if not existed:
        typer.echo("next: lineproof run -- python SCRIPT")
