"""`python -m lineproof.states FOLDER`: take in what lies in the spool folder, then look at the data of its runs.

A process that recorded itself starts this as its last act and does not wait for it. Its spool is
finished only when it has gone, so this waits for its parent, if that is one which records.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from lineproof.data.arrow import Process
from lineproof.errors import LineproofError
from lineproof.intake import take_in
from lineproof.intake.spool import SPOOL_SUFFIX, is_alive
from lineproof.states.budget import Budget
from lineproof.states.runs import record_runs, turn
from lineproof.store import Ledger, meet

__all__ = ["main"]

_PATIENCE_S = 10.0  # after that the next lineproof command takes in what the parent wrote last
_PAUSE_S = 0.02


def main(folder: Path) -> int:
    """Take in the spools of a ledger, and keep what the data of its runs is like; returns the exit code."""
    # 1. Wait until the parent's spool is finished.
    # 2. Keep readers waiting from before the spool is gone until states are recorded, so that none finds
    #    a run without them; see `lineproof.cli.opening`.
    Process.ours = True
    _wait_for(os.getppid(), folder / "spool")
    try:
        with turn(folder):
            ledger = Ledger.open(folder)
            for line in meet(ledger).lines():
                sys.stderr.write(f"lineproof: {line}\n")
            outcome = take_in(ledger)
            problems = outcome.problems
            record_runs(ledger, outcome.runs, Budget.of_environment(), waited=True)
    except LineproofError as error:
        problems = [error]
    for problem in problems:
        sys.stderr.write(f"{problem.code}  {problem.message}\n  do:     {problem.remedy}\n")
    return 1 if problems else 0


def _wait_for(pid: int, spools: Path) -> None:
    """Wait until a recording process has finished its spools, at most some seconds."""
    deadline = time.monotonic() + _PATIENCE_S
    for path in spools.glob(f"*-{pid}-*{SPOOL_SUFFIX}"):
        while path.exists() and is_alive(path) and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 — the program and its one argument
        sys.exit("usage: python -m lineproof.states FOLDER")
    sys.exit(main(Path(sys.argv[1])))
