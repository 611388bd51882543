"""`lineproof verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineproof.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineproof.questions import Ledger
    from lineproof.store import Failure, VerifyReport

__all__ = ["verify"]

_LONGEST_NOTE = 1_000_000  # characters


def verify(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="A report, an exported log (folder or zip) or a .tlog-proof to check instead of the ledger.",
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", metavar="FILE|VKEY", help="Of a FILE: the ledger's public key, as given to you."
        ),
    ] = None,
    witnesses: Annotated[
        list[str] | None,
        typer.Option(
            "--witness", metavar="FILE|VKEY", help="Of a FILE: a witness that you know; several times."
        ),
    ] = None,
    quorum: Annotated[
        int | None,
        typer.Option(
            "--quorum", metavar="N", min=1, help="How many of them must have cosigned; all when left out."
        ),
    ] = None,
    log_only: Annotated[bool, typer.Option("--log-only", help="The log, not the tables.")] = False,
    tables: Annotated[bool, typer.Option("--tables", help="The tables, not the log.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="N|CHECKPOINT",
            help="The log after N entries, or after a checkpoint kept in a file; not the tables.",
        ),
    ] = None,
    accept_restored: Annotated[
        str | None,
        typer.Option(
            "--accept-restored",
            metavar="REASON",
            help="The ledger is not the one you saw here last, on purpose: a backup was restored. Recorded.",
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Record what was found, as evidence that the record is tested.")
    ] = False,
    json: Json = False,
) -> None:
    """Check that nothing was changed, in log and tables.

    The log: each entry, the tree over them and its signature. The tables: that they still say what
    the log says. Exits with 5 when something does not hold. What still lies in the spool is not part of the
    ledger and not checked.

    A ledger that is not the one you saw in this place last is a failure, with both checkpoints as evidence; of
    copies in other places that differ it warns.

    With --since it reads only what was added; that the log still begins with what a CHECKPOINT speaks of is
    shown by a consistency proof.

    With a FILE that `lineproof report` or `lineproof ledger` made: every byte of it, with no ledger at hand.
    With --witness its checkpoint must carry cosignatures of witnesses whose keys you know.
    Without --key the key is taken from the file, which shows that it agrees with itself and not who made it.
    """
    from lineproof.cli.progress import progress
    from lineproof.cli.text import write_json
    from lineproof.errors import CommandError, VerificationError
    from lineproof.store import Scope

    if file is not None:
        given = log_only or tables or record or since is not None or accept_restored is not None
        _verify_file(file, key, witnesses or (), quorum, ledger_options=given, json=json)
        return
    if key is not None or witnesses or quorum is not None:
        raise CommandError("--key and --witness are for a file", "name the file, or leave them out")
    if log_only and tables:
        raise CommandError("--log-only and --tables exclude each other", "leave both out to check both")
    if since is not None and (tables or record):
        raise CommandError("--since reads a part of the log", "leave --tables and --record out")
    scope = Scope.LOG if log_only or since is not None else Scope.TABLES if tables else Scope.ALL
    ledger = _as_it_lies()
    if accept_restored is not None:
        _accept(ledger, accept_restored)
    with progress("verifying") as step:
        report = ledger.verify(scope=scope, since=None if since is None else _start(since), progress=step)
    if record:
        ledger.record_verification(report)
    if json:
        write_json(report)
    else:
        _print(report, _named(ledger, report))
    if not report.ok:
        raise typer.Exit(VerificationError.exit_code)


def _as_it_lies() -> Ledger:
    """Open the ledger without changing what may be evidence; what it contradicts is among the failures."""
    from lineproof.cli.opening import warn
    from lineproof.graph import open_ledger
    from lineproof.questions import Ledger
    from lineproof.store import meet

    stored = open_ledger().stored
    for line in () if stored.seen else meet(stored).lines():
        warn(line)
    return Ledger(stored)


def _verify_file(
    file: Path,
    key: str | None,
    witnesses: Sequence[str],
    quorum: int | None,
    *,
    ledger_options: bool,
    json: bool,
) -> None:
    from lineproof.cli.verify_file import verify_file
    from lineproof.errors import CommandError, VerificationError

    if ledger_options:
        raise CommandError("a file is checked as a whole", "leave the options of ledgers out")
    if not verify_file(file, key, witnesses=witnesses, quorum=quorum, json=json):
        raise typer.Exit(VerificationError.exit_code)


def _accept(ledger: Ledger, reason: str) -> None:
    from lineproof.cli.opening import warn

    entry = ledger.accept_restored(reason=reason)
    warn("nothing to accept: the log has only grown" if entry is None else f"accepted, entry:{entry} says so")
    for line in ledger.forget_again().lines():
        warn(line)


def _start(since: str) -> int | str:
    """Read where to start: a number of entries, or the checkpoint in a file."""
    from lineproof.errors import CommandError

    number = since.removeprefix("entry:")
    if number.isdecimal() and number.isascii():
        return int(number)
    try:
        with Path(since).open(encoding="utf-8") as file:
            return file.read(_LONGEST_NOTE)
    except (OSError, UnicodeError) as error:
        raise CommandError(
            f"--since {since!r:.80} is no number of entries and no file that holds a checkpoint",
            "give a number, or the file `checkpoint` of an export",
        ) from error


def _print(report: VerifyReport, names: dict[int, str]) -> None:
    from lineproof.cli.text import console, literal

    out = console()
    if report.ok:
        out.print(f"verified: {_covered(report)}", style="green", soft_wrap=True)
    else:
        noun = "failure" if report.failure_count == 1 else "failures"
        out.print(f"NOT VERIFIED: {report.failure_count} {noun}", style="bold red", soft_wrap=True)
        out.print(f"covered: {_covered(report)}", soft_wrap=True)
        for failure in report.failures:
            _print_failure(failure, names)
        if report.failure_count > len(report.failures):
            out.print(f"  ... and {report.failure_count - len(report.failures)} more")
    for warning in report.warnings:
        first, *rest = warning.splitlines()
        out.print(f"warning: {literal(first)}", style="yellow", soft_wrap=True)
        for line in rest:
            out.print(f"    {literal(line)}", soft_wrap=True)


def _covered(report: VerifyReport) -> str:
    """Say what was checked, and how many of how many."""
    parts = []
    if report.scope.log:
        parts.append(
            f"{report.checked} of {report.total} entries hold (leaf, payload, tree, signed checkpoint)"
        )
        parts += [f"those from {report.scope.since} on"] if report.scope.since else []
    if report.scope.tables:
        parts.append(f"{report.rows_checked} rows of the tables compared with {report.total} entries")
    if report.scope.log and report.scope.tables:
        parts.append("every object read")
    return "; ".join(parts)


def _print_failure(failure: Failure, names: dict[int, str]) -> None:
    from lineproof.cli.text import console, literal

    out = console()
    place = [failure.kind]
    place += [] if failure.entry is None else [f"entry:{failure.entry}"]
    place += [] if failure.table is None else [f"table {failure.table}"]
    place += [] if failure.field is None else [f"field {failure.field}"]
    out.print(f"  {literal('  '.join(place))}", style="bold", soft_wrap=True)
    if failure.key is not None:
        key = ", ".join(f"{name}={value}" for name, value in failure.key.items())
        out.print(f"    row       {literal(key)}", soft_wrap=True)
        about = [names[one] for one in failure.key.values() if one in names]
        if about:
            out.print(f"    about     {literal(' -> '.join(about))}", soft_wrap=True)
    for word, value in (("expected", failure.expected), ("found", failure.found)):
        first, *rest = _value(value).split("\n")
        out.print(f"    {word:8}  {literal(first)}", soft_wrap=True)
        for line in rest:
            out.print(f"              {literal(line)}", soft_wrap=True)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    return "nothing" if value is None else str(value)


def _named(ledger: Ledger, report: VerifyReport) -> dict[int, str]:
    """Name the nodes that failures concern, as far as the tables in question still can."""
    from lineproof.errors import LineproofError

    keys = (value for failure in report.failures for value in (failure.key or {}).values())
    try:
        return ledger.names({one for one in keys if isinstance(one, int)})
    except LineproofError:
        return {}
