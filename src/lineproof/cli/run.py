"""`lineproof run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import Json

if TYPE_CHECKING:
    from lineproof.capture.launch import Launched
    from lineproof.graph import Ledger, RunRow

__all__ = ["run"]


def run(
    command: Annotated[
        list[str], typer.Argument(metavar="[--] CMD...", help="The program and its arguments.")
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the job; default: the script's path.")
    ] = None,
    namespace: Annotated[str | None, typer.Option("--namespace", help="Namespace of the job.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="What the run is for.")] = None,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Also see files that are opened below Python. Linux; needs a C compiler or strace."
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary when it ends.")] = False,
    json: Json = False,
) -> None:
    """Run a program and record it. Its input, output and exit code pass through untouched.

    The summary goes to stderr, with --json as one JSON line. Without a ledger nothing is run; with one
    that cannot be opened or written to the program runs all the same, and stderr says what is the matter.
    """
    from lineproof.capture.folder import find_folder
    from lineproof.capture.launch import launch
    from lineproof.cli.failure import tell
    from lineproof.errors import LineproofError, NoLedgerError

    folder = find_folder()
    if folder is None:
        raise NoLedgerError(f"no .lineproof in {Path.cwd()} or above")
    launched = launch(
        command, folder=Path(folder), name=name, namespace=namespace, purpose=purpose, deep=deep
    )
    try:
        _record(launched, quiet=quiet, json=json)
    except LineproofError as error:
        tell(error)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong now must not hide how the program ended
        tell(LineproofError(f"{type(error).__name__}: {error}"))
    raise typer.Exit(launched.exit_code)


def _record(launched: Launched, *, quiet: bool, json: bool) -> None:
    from lineproof.cli.failure import tell
    from lineproof.cli.opening import warn
    from lineproof.intake import take_in
    from lineproof.questions import open_ledger

    if launched.problem is not None:
        typer.echo(f"lineproof: not all was recorded: {launched.problem}", err=True)
    ledger = open_ledger(tell=warn)
    report = take_in(ledger.stored, [] if launched.report is None else [launched.report])
    for problem in report.problems:
        tell(problem)
    _look_at_data(ledger, report.runs, quiet=quiet)
    if quiet or launched.run is None:
        return
    row = ledger.show(f"run:{launched.run}").log  # type: ignore[union-attr]  # a run: reference names a run
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(row), err=True)
    else:
        typer.echo(_summary(row), err=True)


def _look_at_data(ledger: Ledger, runs: list[str], *, quiet: bool) -> None:
    """Keep what the files of the run are like; what the budget did not suffice for can be scanned later."""
    from lineproof.states import Budget, record_runs

    missed = record_runs(ledger.stored, runs, Budget.of_environment())
    if missed and not quiet:
        names = ", ".join(missed[:3]) + (", ..." if len(missed) > 3 else "")  # noqa: PLR2004 - for the eye
        typer.echo(f"lineproof: not looked at: {names}; `lineproof scan FILE --record` does", err=True)


def _summary(row: RunRow) -> str:
    from lineproof.cli.log import coverage_in_words
    from lineproof.cli.text import counted, literal, short

    parts = [counted(len(row.inputs), "input"), counted(len(row.outputs), "output")]
    parts += [literal(model) for model in row.models]
    return (
        f"lineproof: {short(row.run)} {row.state}: {', '.join(parts)}; "
        f"coverage: {coverage_in_words(row.coverage)}"
    )
