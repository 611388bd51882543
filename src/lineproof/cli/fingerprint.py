"""`lineproof fingerprint`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import Json

__all__ = ["fingerprint"]


def fingerprint(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, JSON lines, Parquet, Arrow; or a folder of Parquet.")
    ],
    json: Json = False,
) -> None:
    """Give the identity of a table: of its bytes, and of its content.

    The content fingerprint is the same for the same rows in another order, another file format,
    another width of integers. It is identity, not evidence: that is the digest of the bytes.
    """
    from lineproof.cli.text import console, literal, table, write_json
    from lineproof.data.reading import fingerprint as identify

    found = identify(file)
    if json:
        write_json(found)
        return
    out = console()
    out.print(f"digest       {found.digest}", soft_wrap=True)
    out.print(f"fingerprint  {found.fingerprint}", soft_wrap=True)
    out.print(f"rows         {found.rows}\n")
    shown = table("COLUMN", "FINGERPRINT")
    for name, one in found.columns.items():
        shown.add_row(literal(name), one)
    out.print(shown)
