"""`lineproof retention`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json, Reason

__all__ = ["set_retention"]


def set_retention(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the policy.")],
    covers: Annotated[
        list[str],
        typer.Option(
            "--covers",
            metavar="WHAT",
            help="Name of a dataset (* and ? allowed), a type of entry, predictions, or ledger.",
        ),
    ],
    min_days: Annotated[
        int | None, typer.Option("--min-days", min=0, help="Kept at least so many days.")
    ] = None,
    max_days: Annotated[
        int | None, typer.Option("--max-days", min=0, help="Kept at most so many days.")
    ] = None,
    action: Annotated[
        str, typer.Option("--action", metavar="WHAT", help="Then: delete, anonymise or review.")
    ] = "delete",
    ground: Annotated[str | None, typer.Option("--ground", help="The law or rule it follows.")] = None,
    reason: Reason = None,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """State how long data or records are kept. Nothing is destroyed before `lineproof retention run`."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import choice, told
    from lineproof.errors import CommandError
    from lineproof.model.identity import now
    from lineproof.model.statements import Retention, RetentionAction

    if min_days is None and max_days is None:
        raise CommandError("no time is given", "give --min-days, --max-days or both")
    if min_days is not None and max_days is not None and min_days > max_days:
        raise CommandError(f"{min_days} days at least and {max_days} at most exclude each other", "swap them")
    retention = Retention(
        name=name,
        covers=tuple(covers),
        min_age_days=min_days,
        max_age_days=max_days,
        legal_ground=ground,
        action=choice(action, RetentionAction, "--action"),
        reason=reason,
        time=now(),
    )
    told(open_for_reading().state(retention, acting_as=acting_as), f"retention {name}", json=json)
