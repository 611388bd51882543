"""`lineproof events`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import AsOf, At, Json, Limit

__all__ = ["events"]


def events(
    since: Annotated[int, typer.Option("--since", min=0, metavar="ENTRY", help="From this entry on.")] = 0,
    limit: Limit = None,
    as_of: AsOf = None,
    at: At = None,
    json: Json = False,
) -> None:
    """Tell what happened, entry by entry, oldest first."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, literal, moment, short, write_json

    rows = open_for_reading().events(since=since, limit=limit, as_of=as_of, at=at)
    if json:
        for row in rows:
            write_json(row)
        return
    out = console()
    for row in rows:
        job = "" if row.job is None else row.job.partition("::")[2] + "  "
        when = moment(row.time or row.recorded)
        line = f"{row.entry:>6}  {when}  {literal(row.type):<18}  {literal(job)}{short(row.summary)}"
        out.print(line.rstrip(), soft_wrap=True)
