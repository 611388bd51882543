"""`lineproof hold`."""

from __future__ import annotations

from typing import Annotated

import typer

from lineproof.cli.options import ActingAs, Json

__all__ = ["add_hold", "list_holds", "release_hold"]

_Name = Annotated[str, typer.Argument(metavar="NAME", help="What the hold is called, such as a case.")]
_Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")]


def add_hold(
    name: _Name,
    reason: _Why,
    entries: Annotated[
        list[str] | None, typer.Option("--entry", metavar="entry:N", help="An entry; may be repeated.")
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="TYPE", help="Entries of a type, or predictions; may be repeated."),
    ] = None,
    datasets: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset",
            metavar="NAME",
            help="Entries of runs that touched it (* and ? allowed); may be repeated.",
        ),
    ] = None,
    subjects: Annotated[
        list[str] | None,
        typer.Option("--subject", metavar="SPACE/ID", help="A person; may be repeated."),
    ] = None,
    objects: Annotated[
        list[str] | None, typer.Option("--object", metavar="DIGEST", help="A kept object; may be repeated.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All there is.")] = False,
    acting_as: ActingAs = None,
    json: Json = False,
) -> None:
    """Keep what is named from being destroyed, by whomever and for whatever reason, until it is released."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    entry = open_for_reading().add_hold(
        name,
        reason=reason,
        entries=entries or (),
        kinds=kinds or (),
        datasets=datasets or (),
        subjects=subjects or (),
        objects=objects or (),
        everything=everything,
        acting_as=acting_as,
    )
    told(entry, f"hold {name} is in force", json=json)


def release_hold(name: _Name, reason: _Why, acting_as: ActingAs = None, json: Json = False) -> None:
    """End a legal hold; that it was in force stays in the log."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.statements.stated import told

    entry = open_for_reading().release_hold(name, reason=reason, acting_as=acting_as)
    told(entry, f"hold {name} is released", json=json)


def list_holds(json: Json = False) -> None:
    """List the legal holds in force, with what they cover and why."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, literal, table, write_json

    found = open_for_reading().holds()
    if json:
        write_json(found)
        return
    made = table("hold", "since", "covers", "reason")
    for one in found:
        covers = ["everything"] if one.everything else []
        covers += [f"entry:{number}" for number in one.entries]
        covers += [*one.kinds, *(f"dataset {name}" for name in one.datasets)]
        covers += [*(f"person {ref}" for ref in one.subjects), *one.objects]
        made.add_row(literal(one.name), one.time[:10], literal(", ".join(covers)), literal(one.reason or ""))
    console().print(made)
