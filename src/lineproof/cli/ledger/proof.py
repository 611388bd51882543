"""`lineproof ledger proof`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["proof"]


def proof(
    reference: Annotated[str, typer.Argument(metavar="ENTRY", help="The entry, entry:N.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file; stdout when left out.")
    ] = None,
    payload: Annotated[
        bool, typer.Option("--with-payload", help="With what the entry says, not only that it is there.")
    ] = False,
    cosigned: Annotated[
        Path | None,
        typer.Option(
            "--cosigned",
            metavar="FILE|DIR",
            help="Lead to this checkpoint, or that of an export, with the signatures of its witnesses.",
        ),
    ] = None,
) -> None:
    """Write the proof that one entry is in the log (C2SP tlog-proof), to be checked without the log.

    `lineproof verify FILE --key ledger.vkey` checks it.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, literal
    from lineproof.errors import CommandError, ReferenceSyntaxError
    from lineproof.model.references import Kind, Reference

    parsed = Reference.parse(reference)
    if parsed.kind is not Kind.ENTRY:
        raise ReferenceSyntaxError(f"{reference} is no entry", "write entry:N, for example entry:12")
    note = None if cosigned is None else _note(cosigned)
    text = open_for_reading().prove(int(parsed.name), payload=payload, cosigned=note)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {output}: {error.strerror}", "name another file") from error
    console(stderr=True).print(
        f"check it:  lineproof verify {literal(output)} --key ledger.vkey", soft_wrap=True
    )


def _note(path: Path) -> str:
    from lineproof.errors import CommandError

    file = path / "checkpoint" if path.is_dir() else path
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CommandError(f"cannot read {file}", "name a cosigned checkpoint, or an export") from error
