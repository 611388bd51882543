"""`lineproof witness add`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["add"]


def add(
    kind: Annotated[str, typer.Argument(metavar="file|git|tsa", help="What keeps the checkpoints.")],
    location: Annotated[
        str,
        typer.Argument(
            metavar="PLACE",
            help="A file that is appended to, a git repository that is pushed to, or the URL of an RFC 3161 authority.",
        ),
    ],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What to call it.")] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            "--certificate",
            metavar="FILE",
            help="Of a tsa: PEM of the certificates trusted to have issued its own.",
        ),
    ] = None,
    tokens: Annotated[
        Path | None,
        typer.Option(
            "--tokens", metavar="FILE", help="Of a tsa: the file, elsewhere, that keeps its tokens."
        ),
    ] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Let somebody outside keep checkpoints, and hand over the present one.

    Whoever holds key and file of a ledger can rewrite it whole; what they cannot rewrite is a checkpoint that
    somebody else keeps. Choose a place that they do not reach.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    added = open_for_reading().add_witness(
        kind,
        location,
        name=name,
        certificate=None if certificate is None else _read(certificate),
        tokens=tokens,
        reason=reason,
        acting_as=acting_as,
    )
    told(added.entry, f"witness {added.name} ({added.kind} {added.location}) keeps a checkpoint", json=json)


def _read(certificate: Path) -> str:
    from lineproof.errors import CommandError

    try:
        return certificate.read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        raise CommandError(f"cannot read {certificate}", "name a file of certificates in PEM") from error
