"""Options that several commands take, each written once."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.failure import Wish

__all__ = ["ActingAs", "AsOf", "At", "Json", "Limit", "Query", "Reason", "Table"]


def _note(wished: bool) -> bool:
    Wish.json = wished
    return wished


Json = Annotated[
    bool, typer.Option("--json", callback=_note, is_eager=True, help="Print JSON instead of text.")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="ENTRY|TIME", help="What was known then: after this entry, or at this time."
    ),
]
At = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="What was true then, by the events' own times.")
]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="At most N of them.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")]
ActingAs = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="NAME",
        help="Who states it; default: the user of this process. Recorded as asserted, not as proven.",
    ),
]
Table = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="Of a database: the table or view.")
]
Query = Annotated[
    str | None, typer.Option("--query", metavar="SQL", help="Of a database: a statement that gives rows.")
]
