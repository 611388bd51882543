"""`python -m lineproof.states FOLDER`: take in what lies in the spool folder, then look at the data of its runs.

A process that recorded itself starts this as its last act and does not wait for it. Its spool is
finished only when it has gone, so this waits for its parent, if that is one which records.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lineproof.data.arrow import Process
from lineproof.errors import LineproofError
from lineproof.intake import take_in
from lineproof.intake.__main__ import wait_for
from lineproof.states.budget import Budget
from lineproof.states.runs import record_runs, turn
from lineproof.store import Ledger

__all__ = ["main"]


def main(folder: Path) -> int:
    """Take in the spools of a ledger, and keep what the data of its runs is like; returns the exit code."""
    # 1. Wait until the parent's spool is finished.
    # 2. Keep readers waiting from before the spool is gone until states are recorded, so that none finds
    #    a run without them; see `lineproof.cli.opening`.
    Process.ours = True
    wait_for(os.getppid(), folder / "spool")
    try:
        with turn(folder):
            ledger = Ledger.open(folder)
            outcome = take_in(ledger)
            problems = outcome.problems
            record_runs(ledger, outcome.runs, Budget.of_environment(), waited=True)
    except LineproofError as error:
        problems = [error]
    for problem in problems:
        sys.stderr.write(f"{problem.code}  {problem.message}\n  do:     {problem.remedy}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 — the program and its one argument
        sys.exit("usage: python -m lineproof.states FOLDER")
    sys.exit(main(Path(sys.argv[1])))
