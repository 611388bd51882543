"""`lineproof waive`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json

__all__ = ["waive"]


def waive(
    control: Annotated[str, typer.Argument(metavar="CONTROL", help="Its id, for example SOX-CM-1.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="As `check` names it: system:NAME.")],
    expires: Annotated[str, typer.Option("--expires", metavar="DAY", help="Last day: 2026-12-31.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the failure is accepted.")],
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Accept a failed control until a day. It stays listed, as waived."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    ledger = open_for_reading()
    entry = ledger.waive(control, subject, reason=reason, expires=expires, acting_as=acting_as)
    told(entry, f"{control} waived for {subject} until {expires}", json=json)
