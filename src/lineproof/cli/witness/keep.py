"""`lineproof witness keep` and `lineproof witness remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json

__all__ = ["keep", "remove"]


def keep(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all when left out.")
    ] = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Hand the present checkpoint to the witnesses, each asked first whether the log has only grown.

    Meant for a timer, and for the end of a pipeline.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, literal, write_json

    done = open_for_reading().hand_over(names or (), acting_as=acting_as)
    if json:
        write_json([{"witness": known.name, "entry": entry} for known, entry in done])
        return
    for known, entry in done:
        console().print(f"entry:{entry}  witness {literal(known.name)} keeps a checkpoint", soft_wrap=True)
    if not done:
        console(stderr=True).print("no witness yet: `lineproof witness add` adds one", soft_wrap=True)


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The witness.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")],
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Ask a witness no more; that it was one, and what it keeps, stays."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    entry = open_for_reading().remove_witness(name, reason=reason, acting_as=acting_as)
    told(entry, f"witness {name} is not asked any more", json=json)
