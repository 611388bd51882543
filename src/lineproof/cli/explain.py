"""`lineproof explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, AsOf, At, Json, Reason

__all__ = ["explain"]


def explain(
    reference: Annotated[str, typer.Argument(metavar="REF", help="prediction:ID, or prediction:MODEL@N/ID.")],
    values: Annotated[
        bool,
        typer.Option("--values", help="Show personal values too; that somebody looked is recorded first."),
    ] = False,
    reason: Reason = None,
    acting_as: ActingAs = None,
    as_of: AsOf = None,
    at: At = None,
    json: Json = False,
) -> None:
    """Explain one prediction: what made it, from which raw columns, by whose decision.

    What the record does not say is listed under "not known". Values of personal features, and of
    those whose origin is not known, are withheld unless --values is given.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json

    answer = open_for_reading().explain(
        reference, as_of=as_of, at=at, values=values, reason=reason, acting_as=acting_as
    )
    if json:
        write_json(answer)
    else:
        from lineproof.cli.explanation import print_explanation

        print_explanation(answer)
