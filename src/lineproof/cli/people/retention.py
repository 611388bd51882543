"""`lineproof retention run`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json

__all__ = ["run_retention"]


def run_retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what has expired.")] = False,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Destroy the payloads that are older than the retention policies allow. Leaf headers stay.

    Policies cover `predictions`, a type of entry such as lineage.event, or `ledger` for every type that no other
    policy covers. What a legal hold covers stays, and is named.
    """
    from lineproof.cli.opening import open_for_reading, warn
    from lineproof.cli.text import console, literal, table, write_json

    done = open_for_reading().run_retention(dry_run=dry_run, acting_as=acting_as)
    for problem in done.untold:
        warn(f"{problem}; it is told by the next `lineproof witness keep`")
    if json:
        write_json(done)
        return
    made = table("policy", "older than", "expired", "held", "done")
    for one in done.policies:
        outcome = "nothing to do" if not one.entries else "would be destroyed"
        if one.destroyed_by is not None:
            outcome = f"destroyed by entry:{one.destroyed_by}"
        elif one.action != "delete" and one.entries:
            outcome = f"a person must {one.action} them"
        made.add_row(
            literal(one.policy),
            f"{one.max_age_days} days",
            str(len(one.entries)),
            str(len(one.held)),
            outcome,
        )
    out = console()
    out.print(made)
    for one in done.policies:
        for kept in one.held:
            out.print(f"entry:{kept.entry} is kept by the legal hold {literal(kept.hold)}", soft_wrap=True)
        if one.elsewhere:
            names = literal(", ".join(one.elsewhere))
            out.print(f"{literal(one.policy)} covers data outside of the ledger: {names}", soft_wrap=True)
