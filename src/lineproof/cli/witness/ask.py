"""`lineproof witness list` and `lineproof witness check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import Json

if TYPE_CHECKING:
    from lineproof.store import WitnessAnswer

__all__ = ["check", "list_witnesses"]


def list_witnesses(json: Json = False) -> None:
    """List the witnesses that the ledger names, with what they were handed. None of them is asked."""
    from lineproof.cli.opening import open_for_reading
    from lineproof.cli.text import console, literal, table, write_json

    known = open_for_reading().witnesses()
    if json:
        write_json(
            [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "location": one.location,
                    "entry": one.entry,
                    "kept": [{"entry": entry, "size": _size(note)} for entry, note in one.kept.items()],
                }
                for one in known
            ]
        )
        return
    made = table("witness", "kind", "place", "checkpoints", "newest")
    for one in known:
        newest = max((_size(note) for note in one.kept.values()), default=0)
        made.add_row(
            literal(one.name),
            literal(one.kind),
            literal(one.location),
            str(len(one.kept)),
            f"{newest} entries",
        )
    console().print(made)


def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all when left out.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="PLACE", help="A file or git repository instead, even if the ledger names none."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Demand that the log still holds everything that its witnesses have seen.

    A log that was cut short, rolled back to a backup or rewritten is found and the entries are named; both
    checkpoints are shown, they are the evidence. Exits with 5 then, and with 1 when a witness cannot be asked.
    """
    from lineproof.cli.opening import warn
    from lineproof.cli.text import write_json
    from lineproof.errors import CommandError, VerificationError, WitnessError
    from lineproof.questions import open_ledger

    if names and at is not None:
        raise CommandError("a NAME and --at exclude each other", "give one of them")
    answers = open_ledger(tell=warn).ask_witnesses(names or (), at=at)
    if json:
        ok = bool(answers) and all(one.ok for one in answers)
        write_json({"ok": ok, "witnesses": answers})
    else:
        for answer in answers:
            _print(answer)
    if any(one.failures for one in answers):
        raise typer.Exit(VerificationError.exit_code)
    if not answers:
        raise WitnessError(
            "nobody outside keeps checkpoints of this ledger", "`lineproof witness add` adds one"
        )
    if not all(one.ok for one in answers):
        raise typer.Exit(WitnessError.exit_code)


def _print(answer: WitnessAnswer) -> None:
    from lineproof.cli.text import console, counted, literal

    out = console()
    who = f"{literal(answer.name)} ({literal(answer.kind)} {literal(answer.location)})"
    if answer.problem is not None:
        out.print(f"{who} could not be asked: {literal(answer.problem)}", style="yellow", soft_wrap=True)
    elif answer.ok:
        seen = f"{counted(answer.kept, 'checkpoint')}, the newest of {answer.newest or 0} entries"
        out.print(f"{who}: the log holds all that it keeps, {seen}", style="green", soft_wrap=True)
    else:
        out.print(f"{who}: NOT WHAT IT HAS SEEN", style="bold red", soft_wrap=True)
    for failure in answer.failures:
        out.print(f"  {_named(failure.kind)}", style="bold", soft_wrap=True)
        if failure.key and "entries" in failure.key:
            out.print(f"    concerns  entries {literal(failure.key['entries'])}", soft_wrap=True)
        for word, note in (("witnessed", failure.expected), ("present", failure.found)):
            lines = str(note).splitlines() or [""]
            out.print(f"    {word:9} {literal(lines[0])}", soft_wrap=True)
            for line in lines[1:]:
                out.print(f"              {literal(line)}", soft_wrap=True)


def _named(kind: str) -> str:
    return {
        "rollback": "rollback: the log has fewer entries than were witnessed",
        "fork": "fork: entries are not those that were witnessed",
        "witness": "witness: what it keeps is damaged, or gone",
    }.get(kind, kind)


def _size(note: str) -> int:
    lines = note.split("\n", 2)
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else 0
