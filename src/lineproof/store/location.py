"""Where a ledger is: the folder `.lineproof` and what lies in it."""

from __future__ import annotations

import os
from pathlib import Path

from lineproof.errors import NoLedgerError

__all__ = [
    "DATABASE",
    "FOLDER",
    "KEYS",
    "OBJECTS",
    "SPOOL",
    "find_folder",
]

FOLDER = ".lineproof"
DATABASE = "ledger.db"
KEYS = "keys"
OBJECTS = "objects"
SPOOL = "spool"


def find_folder(start: Path | None = None) -> Path:
    """Find the folder of the ledger in force.

    Args:
        start: Where to look from, upwards; the working directory when left out.

    Returns:
        LINEPROOF_HOME when it is set, otherwise the nearest `.lineproof` from `start` upwards.

    Raises:
        NoLedgerError: There is none.
    """
    stated = os.environ.get("LINEPROOF_HOME")
    if stated:
        return Path(stated).absolute()
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / FOLDER / DATABASE).is_file():
            return folder / FOLDER
    raise NoLedgerError(f"no {FOLDER} in {here} or above")
