"""`lineproof digest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import Json

__all__ = ["digest"]


def digest(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder with all that is in it.")],
    record: Annotated[
        bool, typer.Option("--record", help="Record it as a dataset version in the nearest ledger.")
    ] = False,
    json: Json = False,
) -> None:
    """Give the digest of the bytes of a file or folder; what has not changed since is not read again."""
    from lineproof.cli.digesting import answer

    answer(path, record=record, json=json)
