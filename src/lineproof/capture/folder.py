"""Where the recording goes: the folder `.lineproof`. Capture looks for it and never makes one."""

from __future__ import annotations

import os

__all__ = ["FOLDER", "SPOOL", "disabled", "find_folder"]

FOLDER = ".lineproof"
SPOOL = "spool"


def find_folder() -> str | None:
    """Give the folder of the ledger: LINEPROOF_HOME, or the nearest `.lineproof` upwards from here.

    Returns:
        An absolute path, or None when there is none.
    """
    home = os.environ.get("LINEPROOF_HOME")
    if home:
        folder = os.path.abspath(os.path.expanduser(home))
        return folder if os.path.isdir(folder) else None
    try:
        here = os.getcwd()
    except OSError:  # the working directory was removed
        return None
    while not os.path.isdir(os.path.join(here, FOLDER)):
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above
    return os.path.join(here, FOLDER)


def disabled() -> bool:
    """Whether LINEPROOF_DISABLE switches everything off."""
    return os.environ.get("LINEPROOF_DISABLE", "") not in ("", "0")
