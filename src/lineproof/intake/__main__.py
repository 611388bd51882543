"""`python -m lineproof.intake FOLDER`: take in what lies in the spool folder.

Its parent's spool is finished only when that process has gone, so this waits for it, if it records.
A process that recorded itself starts `lineproof.states`, which does this and looks at the data besides.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from lineproof.errors import LineproofError
from lineproof.intake.spool import SPOOL_SUFFIX, is_alive
from lineproof.intake.sweep import take_in
from lineproof.store import Ledger

__all__ = ["main", "wait_for"]

_PATIENCE_S = 10.0  # after that the next lineproof command takes in what the parent wrote last
_PAUSE_S = 0.02


def main(folder: Path) -> int:
    """Take in the spools of a ledger; returns the exit code."""
    wait_for(os.getppid(), folder / "spool")
    try:
        problems = take_in(Ledger.open(folder)).problems
    except LineproofError as error:
        problems = [error]
    for problem in problems:
        sys.stderr.write(f"{problem.code}  {problem.message}\n  do:     {problem.remedy}\n")
    return 1 if problems else 0


def wait_for(pid: int, spools: Path) -> None:
    """Wait until a recording process has finished its spools, at most some seconds."""
    deadline = time.monotonic() + _PATIENCE_S
    for path in spools.glob(f"*-{pid}-*{SPOOL_SUFFIX}"):
        while path.exists() and is_alive(path) and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 — the program and its one argument
        sys.exit("usage: python -m lineproof.intake FOLDER")
    sys.exit(main(Path(sys.argv[1])))
