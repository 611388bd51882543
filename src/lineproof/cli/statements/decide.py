"""`lineproof decide`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lineproof.cli.options import ActingAs, Json

__all__ = ["decide"]


def decide(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="What was decided: threshold, model_selection.")
    ],
    chosen: Annotated[str, typer.Option("--chosen", metavar="VALUE", help="What was chosen; JSON or text.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")],
    candidate: Annotated[
        list[str] | None, typer.Option("--candidate", metavar="VALUE", help="What else there was; repeat it.")
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="REF", help="The run it was decided for.")
    ] = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Record what a person decided: the same kind of entry as a search of a program leaves."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    ledger = open_for_reading()
    entry = ledger.decide(
        kind,
        chosen=_value(chosen),
        candidates=[_value(one) for one in candidate or ()],
        reason=reason,
        run=run,
        acting_as=acting_as,
    )
    told(entry, f"{kind}: {chosen}", json=json)


def _value(text: str) -> Any:
    import msgspec

    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
