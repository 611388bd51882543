"""`lineproof subject find`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import AsOf, Json

if TYPE_CHECKING:
    from lineproof.privacy import FoundPerson

__all__ = ["find"]


def find(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="As it stands in the data.")],
    space: Annotated[
        str | None,
        typer.Option("--space", metavar="SPACE", help="Space of the identifier, if there are several."),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it is looked for.")] = None,
    acting_as: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who looks.")] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Find the dataset versions, features, runs, models and predictions that hold or learned from a person.

    "superset" means that they may be in it; "unknown" that there may be more. That somebody looked is
    recorded, without the identifier.
    """
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import write_json

    answer = open_for_reading().find_subject(
        identifier, space=space, as_of=as_of, reason=reason, acting_as=acting_as
    )
    if json:
        write_json(answer)
    else:
        _print(answer)


def _print(answer: FoundPerson) -> None:
    from lineproof.cli.text import console, counted, literal, table

    out = console()
    found = table("what", "reference", "precision")
    for kind in ("datasets", "models", "features", "runs", "predictions"):
        for place in getattr(answer, kind):
            words = f"{place.ref} ({place.why})" if kind == "predictions" else place.ref
            found.add_row(kind.removesuffix("s"), literal(words), str(place.precision))
    if found.row_count:
        out.print(found)
    places, space = counted(found.row_count, "place"), literal(answer.subject_space)
    out.print(f"{places} of a person of {space}, as of entry:{answer.as_of}; {answer.precision}")
    for gap in answer.unknown:
        console(stderr=True).print(f"unknown: {literal(gap)}")
