"""`lineproof ledger rotate-key`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json

__all__ = ["rotate_key"]


def rotate_key(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")],
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Let a new key sign the log from now on. The old one signs for it; its private half is destroyed.

    Checkpoints that the old key signed still verify, and whoever has the old public key is led to the new one
    by the log itself. Hand the new public key out all the same.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, literal, write_json

    rotated = open_for_reading().rotate_key(reason=reason, acting_as=acting_as)
    if json:
        write_json(rotated)
        return
    out = console()
    out.print(f"entry:{rotated.entry}  a new key signs from here on", soft_wrap=True)
    out.print(f"fingerprint {literal(rotated.fingerprint)}", soft_wrap=True)
