"""`lineproof rebuild`."""

from __future__ import annotations

import typer

from lineproof.cli.options import Json

__all__ = ["rebuild"]


def rebuild(json: Json = False) -> None:
    """Make all tables anew from the log.

    For example after somebody altered them. The log itself stays as it is; `lineproof verify` checks it.
    """
    from lineproof.cli.opening import warn
    from lineproof.cli.progress import progress
    from lineproof.cli.text import write_json
    from lineproof.questions import open_ledger

    ledger = open_ledger(tell=warn)
    with progress("rebuilding") as step:
        entries = ledger.rebuild(progress=step)
    if json:
        write_json({"entries": entries})
    else:
        typer.echo(f"tables rebuilt from {entries} entries")
