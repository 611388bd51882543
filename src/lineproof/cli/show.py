"""`lineproof show`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, AsOf, At, Json, Reason

__all__ = ["show"]


def show(
    reference: Annotated[
        str,
        typer.Argument(metavar="REF", help="dataset:, column:, model:, run:, prediction:, job:, entry:, ..."),
    ],
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Of a run: all that the record does not hold.")
    ] = False,
    values: Annotated[
        bool,
        typer.Option("--values", help="Of an entry: personal values too; that somebody looked is recorded."),
    ] = False,
    reason: Reason = None,
    acting_as: ActingAs = None,
    as_of: AsOf = None,
    at: At = None,
    json: Json = False,
) -> None:
    """Tell everything recorded about one thing.

    Values of people in an entry, and values that may be, are withheld unless --values is given.
    """
    from lineproof.cli.details import print_detail
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json

    detail = open_for_reading().show(
        reference, as_of=as_of, at=at, values=values, reason=reason, acting_as=acting_as
    )
    if json:
        write_json(detail)
    else:
        print_detail(detail, coverage=coverage)
