"""`lineproof witness key` and `lineproof witness cosign`: being a witness oneself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import Json

__all__ = ["cosign", "witness_key"]


def witness_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the witness, such as audit.example.org.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private half goes; for you only.")],
    json: Json = False,
) -> None:
    """Make the key of a witness, who cosigns exported logs; its public half is printed, for those who verify."""
    from lineproof.cli.text import write_json
    from lineproof.store.witness.cosign import create_witness_key

    key = create_witness_key(file, name)
    if json:
        write_json({"witness": str(key.verifier), "file": str(file)})
    else:
        typer.echo(str(key.verifier))


def cosign(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An exported log.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Your key, of `lineproof witness key`.")],
    log: Annotated[
        str | None,
        typer.Option("--log", metavar="FILE|VKEY", help="The log's public key; only needed the first time."),
    ] = None,
    json: Json = False,
) -> None:
    """Cosign the checkpoint of an exported log (C2SP tlog-cosignature), if it has only grown since you saw it.

    What you have seen of each log is kept beside your key. A log that was cut short, rolled back or rewritten is
    not cosigned; exits with 5 then.
    """
    import time

    from lineproof.cli.text import console, literal, write_json
    from lineproof.cli.verify_file import verifier_key
    from lineproof.store.witness.cosign import cosign_export

    done = cosign_export(folder, key, log=None if log is None else verifier_key(log), time=int(time.time()))
    if json:
        write_json(done)
        return
    before = "seen for the first time" if done.before is None else f"grown from {done.before}"
    console().print(f"cosigned: {done.size} entries of {literal(done.origin)}, {before}", soft_wrap=True)
