"""Where a ledger is: the folder `.lineproof` and what lies in it, and the store its tables are in."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from lineproof.errors import CorruptLedgerError, NoLedgerError

__all__ = [
    "DATABASE",
    "FOLDER",
    "KEYS",
    "OBJECTS",
    "SPOOL",
    "StoreNote",
    "find_folder",
    "read_note",
    "stated_store",
    "write_note",
]

FOLDER = ".lineproof"
DATABASE = "ledger.db"
KEYS = "keys"
OBJECTS = "objects"
SPOOL = "spool"
_NOTE = "store.json"


class StoreNote(msgspec.Struct, frozen=True):
    """What a folder remembers of a ledger whose tables are elsewhere.

    Attributes:
        ledger: Its id.
        place: The parameters of libpq that say where it is; never a password.
    """

    ledger: str
    place: dict[str, str]


def find_folder(start: Path | None = None) -> Path:
    """Find the folder of the ledger in force.

    Args:
        start: Where to look from, upwards; the working directory when left out.

    Returns:
        LINEPROOF_HOME when it is set, or the `.lineproof` in it when the ledger is there; otherwise the nearest `.lineproof` from `start` upwards.

    Raises:
        NoLedgerError: There is none.
    """
    stated = os.environ.get("LINEPROOF_HOME")
    if stated:
        home = Path(stated).absolute()
        return home / FOLDER if not _holds(home) and _holds(home / FOLDER) else home
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if _holds(folder / FOLDER):
            return folder / FOLDER
    raise NoLedgerError(f"no {FOLDER} in {here} or above")


def _holds(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (DATABASE, _NOTE))


def stated_store() -> str | None:
    """Give LINEPROOF_STORE, or None when it is not set."""
    return os.environ.get("LINEPROOF_STORE") or None


def read_note(folder: Path) -> StoreNote | None:
    """Read what a folder remembers of its store, or None when its tables are in it.

    Raises:
        CorruptLedgerError: The file cannot be read.
    """
    try:
        return msgspec.json.decode((folder / _NOTE).read_bytes(), type=StoreNote)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise CorruptLedgerError(
            f"cannot read {folder / _NOTE}: {type(error).__name__}",
            "remove it, set LINEPROOF_STORE, and run `lineproof init`",
        ) from error


def write_note(folder: Path, note: StoreNote) -> None:
    """Let a folder remember its store."""
    if read_note(folder) == note:
        return
    draft = folder / f"{_NOTE}.{os.getpid()}.new"
    draft.write_bytes(msgspec.json.encode(note) + b"\n")
    draft.replace(folder / _NOTE)
