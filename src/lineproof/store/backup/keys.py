"""The keys of a ledger, copied apart from it: their copies must not outlive what is destroyed with a key."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from lineproof.errors import BackupError, KeyFileError
from lineproof.ledger import origin_of
from lineproof.store.backup.format import MANIFEST
from lineproof.store.keys import verifier_key
from lineproof.store.location import KEYS

if TYPE_CHECKING:
    from lineproof.store.ledger import Ledger

__all__ = ["bring_keys", "copy_keys", "write_keys"]

_LEFT_OUT = (".orphan", ".new", "-wal", "-shm")
_KEYS_NEEDED = (
    "put the folder `keys` of the ledger there first, or name it with --keys: keys are backed up apart"
)


def write_keys(ledger: Ledger, into: Path) -> int:
    """Write a copy of the keys while the ledger is in use, in place of an older copy; give the number of files.

    Args:
        ledger: Whose keys.
        into: A folder that is empty, missing, or holds a copy of this ledger's keys.

    Raises:
        BackupError: The folder holds something else, or cannot be written.
    """
    # 1. Only an older copy of the same keys is replaced, never those in use, never a backup.
    # 2. The new copy is whole before the old one goes: what was destroyed since is then in neither.
    if into.resolve().is_relative_to(ledger.folder.resolve()):
        raise BackupError(f"{into} is in the ledger's own folder", "name a folder elsewhere")
    if into.exists() and not _may_be_replaced(into, ledger.id):
        raise BackupError(
            f"{into} holds something else than keys of ledger {ledger.id}", "name an empty folder"
        )
    draft = into.with_name(f"{into.name}.new")
    try:
        if draft.exists():
            shutil.rmtree(draft)
        draft.parent.mkdir(parents=True, exist_ok=True)
        copied = list(copy_keys(ledger.folder / KEYS, draft))
        if into.exists():
            shutil.rmtree(into)
        draft.rename(into)
    except OSError as error:
        raise BackupError(f"cannot write the keys to {into}: {error.strerror}") from error
    return len(copied)


def copy_keys(source: Path, target: Path) -> Iterator[Path]:
    """Copy the files of a folder of keys into a new one that only its owner may read."""
    target.mkdir(mode=0o700)
    for path in sorted(source.glob("*")):
        if not path.is_file() or path.name.endswith(_LEFT_OUT):
            continue
        if path.suffix != ".db":
            yield Path(shutil.copy2(path, target / path.name))
            continue
        # What was written last is in its write-ahead log: a copy of the file would lack it.
        with closing(sqlite3.connect(path)) as there, closing(sqlite3.connect(target / path.name)) as here:
            there.backup(here)
        (target / path.name).chmod(0o600)
        yield target / path.name


def bring_keys(files: Iterable[Path], keys: Path, ledger: str) -> None:
    """Copy to where keys belong what is not there yet, and demand that they are those of the ledger.

    Args:
        files: Files of keys; of several of one name the first counts.
        keys: The folder `keys` of the ledger to be.
        ledger: Its id.

    Raises:
        KeyFileError: They are of another ledger, or there is not even the public one.
    """
    for path in files:
        if path.is_file() and not (keys / path.name).exists():
            shutil.copy2(path, keys / path.name)
    try:
        key = verifier_key(keys)
    except KeyFileError as error:
        raise KeyFileError(f"the keys of ledger {ledger} are not in {keys}", _KEYS_NEEDED) from error
    if key.name != origin_of(ledger):
        raise KeyFileError(f"{keys} holds the keys of another ledger than {ledger}", _KEYS_NEEDED)


def _may_be_replaced(folder: Path, ledger: str) -> bool:
    if not folder.is_dir():
        return False
    there = {path.name for path in folder.iterdir() if path.is_file()}
    if len(there) != sum(1 for _ in folder.iterdir()) or MANIFEST in there:
        return False
    try:
        return not there or verifier_key(folder).name == origin_of(ledger)
    except KeyFileError:
        return False
