"""`lineproof shred`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json

__all__ = ["shred"]


def shred(
    reference: Annotated[
        str, typer.Argument(metavar="REF", help="entry:N for its payload, subject:SPACE/ID for a person.")
    ],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; name no personal data in it.")
    ],
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Destroy for good what was found personal, or all that is encrypted for a person. It takes two people.

    The first to run it asks; nothing is destroyed. The second, who must be somebody else, confirms by running it
    again. Leaves stay, the log verifies, and what was destroyed reads `shredded`.
    """
    from lineproof.cli.opening import open_for_reading, warn
    from lineproof.cli.text import console, literal, write_json

    done = open_for_reading().shred(reference, reason=reason, acting_as=acting_as)
    for problem in done.untold:
        warn(f"{problem}; it is told by the next `lineproof witness keep`")
    if json:
        write_json(done)
        return
    out = console()
    if done.state == "asked":
        out.print(f"entry:{done.entry}  asked; nothing is destroyed yet", soft_wrap=True)
        out.print(
            f"a second person confirms it: lineproof shred {literal(reference)} --reason ...", soft_wrap=True
        )
        return
    what = [
        f"{len(done.entries)} payloads"
        if len(done.entries) != 1
        else f"the payload of entry {done.entries[0]}"
    ]
    if done.people:
        what.insert(0, f"{len(done.people)} key{'s' if len(done.people) > 1 else ''}")
    out.print(f"entry:{done.entry}  destroyed: {' and '.join(what)}", soft_wrap=True)
