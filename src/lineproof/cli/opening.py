"""Opening the ledger for a command that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineproof.questions import Ledger
    from lineproof.store.ledger import Ledger as Stored

__all__ = ["open_for_reading", "open_for_writing", "warn"]


def warn(line: str) -> None:
    """Say a line on stderr that stops nothing."""
    import typer

    from lineproof.cli.text import literal

    typer.echo(f"warning: {literal(line)}", err=True)


def open_for_reading() -> Ledger:
    """Open the nearest ledger, once what runs have left in the spool is part of it.

    What cannot be taken in is said on stderr and does not stop the question; a ledger that may not be
    written to is read as it is.

    Raises:
        NoLedgerError: There is none.
        NewerLedgerError: It was written by a newer lineproof.
    """
    from lineproof.cli.failure import tell
    from lineproof.errors import StoreError
    from lineproof.intake import take_in
    from lineproof.questions import open_ledger
    from lineproof.states import Budget, record_runs, turn

    ledger = open_ledger(tell=warn)
    if ledger.stored.writable:
        try:
            with turn(ledger.folder):  # another process may be looking at the data of a run just now
                report = take_in(ledger.stored)
                record_runs(ledger.stored, report.runs, Budget.of_environment(), waited=True)
            problems = report.problems
        except StoreError as error:
            problems = [error]
        for problem in problems:
            tell(problem)
    return ledger


def open_for_writing() -> Stored:
    """Open the nearest ledger to add to it, without what only questions need.

    Raises:
        NoLedgerError: There is none.
        NewerLedgerError: It was written by a newer lineproof.
    """
    from lineproof.store.ledger import Ledger
    from lineproof.store.witness.contact import meet

    ledger = Ledger.open()
    for line in meet(ledger).lines():
        warn(line)
    return ledger
