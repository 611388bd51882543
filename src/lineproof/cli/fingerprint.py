"""`lineproof fingerprint`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import Json, Query, Table

__all__ = ["fingerprint"]


def fingerprint(
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE|URL", help="CSV, JSON lines, Parquet, Arrow; a folder of Parquet; a database."
        ),
    ],
    table: Table = None,
    query: Query = None,
    json: Json = False,
) -> None:
    """Give the identity of a table: of its bytes, and of its content.

    The content fingerprint is the same for the same rows in another order, another file format,
    another width of integers. It is identity, not evidence: that is the digest of the bytes.
    """
    from lineproof.cli.text import console, literal, write_json
    from lineproof.cli.text import table as rows
    from lineproof.data.reading import fingerprint as identify
    from lineproof.data.sources import open_source

    found = identify(open_source(place, table=table, query=query))
    if json:
        write_json(found)
        return
    out = console()
    out.print(f"digest       {found.digest}", soft_wrap=True)
    out.print(f"fingerprint  {found.fingerprint}", soft_wrap=True)
    out.print(f"rows         {found.rows}\n")
    shown = rows("COLUMN", "FINGERPRINT")
    for name, one in found.columns.items():
        shown.add_row(literal(name), one)
    out.print(shown)
