"""`lineproof ledger export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import Json

__all__ = ["export"]


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to; a folder of its own.")],
    payloads: Annotated[
        bool,
        typer.Option(
            "--with-payloads",
            help="With what the entries say; without it only what the log itself rests on. Never what was destroyed.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Write the log out as static files (C2SP tlog-tiles) that anybody can check with the public key alone.

    Called again it writes only what is new. The folder can be served as it is by any web server, or packed
    with zip; `lineproof verify` checks both.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.progress import progress
    from lineproof.cli.text import console, counted, literal, write_json

    ledger = open_for_reading()
    with progress("exporting") as step:
        done = ledger.export(folder, payloads=payloads, progress=step)
    if json:
        write_json(done)
        return
    out = console()
    what = "leaves, tree and payloads" if done.payloads else "leaves and tree, without payloads"
    out.print(
        f"{literal(done.path)}: {done.size} entries ({done.added} new), {what}; "
        f"{counted(done.files, 'file')} written",
        soft_wrap=True,
    )
    out.print(f"check it:  lineproof verify {literal(done.path)} --key ledger.vkey", soft_wrap=True)
