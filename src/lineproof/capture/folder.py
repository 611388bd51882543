"""Where the recording goes: the folder `.lineproof`. Capture looks for it and never makes one."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["FOLDER", "SPOOL", "disabled", "find_folder"]

FOLDER = ".lineproof"
SPOOL = "spool"


def find_folder() -> Path | None:
    """Give the folder of the ledger: LINEPROOF_HOME, or the nearest `.lineproof` upwards from here.

    Returns:
        An absolute path, or None when there is none.
    """
    home = os.environ.get("LINEPROOF_HOME")
    if home:
        folder = Path(home).expanduser().absolute()
        return folder if folder.is_dir() else None
    try:
        here = Path.cwd()
    except OSError:  # the working directory was removed
        return None
    return next((above / FOLDER for above in (here, *here.parents) if (above / FOLDER).is_dir()), None)


def disabled() -> bool:
    """Whether LINEPROOF_DISABLE switches everything off."""
    return os.environ.get("LINEPROOF_DISABLE", "") not in ("", "0")
