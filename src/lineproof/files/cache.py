"""Digests of files that were read before, kept over processes, so that what is unchanged is not read again.

An entry says: the file with this device, inode, size and times of change had this digest. It is made only of
a file that was settled when it was read (`status.settled`), so it holds until the key changes. The cache is
no evidence and no part of the ledger: it may be removed at any time, and whoever can write it can write the
files as well. Where it cannot be used, files are read.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from lineproof.files.status import Key

__all__ = ["CACHE", "DigestCache", "nearest_cache"]

CACHE = os.path.join("cache", "digests.db")  # in the folder of the ledger
_TABLE = (
    "CREATE TABLE IF NOT EXISTS digest (dev INTEGER, folder INTEGER, ino INTEGER, kind TEXT, size INTEGER,"
    " mtime INTEGER, ctime INTEGER, digest TEXT NOT NULL, PRIMARY KEY (dev, folder, ino, kind)) WITHOUT ROWID"
)
_OF_FOLDER = "SELECT ino, size, mtime, ctime, digest FROM digest WHERE dev = ? AND folder = ?"
_OF_FILE = _OF_FOLDER + " AND ino = ? AND kind = ?"
_PUT = "INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_WAIT_S = 2.0

Within = tuple[
    int, int, int, int
]  # inode, size, times of change: the key of a file in a folder on one device


class DigestCache:
    """The cache of one ledger; what goes wrong with it goes unnoticed, but nothing is found then."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Take the folder of a ledger; the cache is made when something is first put into it."""
        self._path = os.path.join(folder, CACHE)

    def find(self, key: Key, folder: os.stat_result, kind: str = "sha256") -> str | None:
        """Give the digest of a file that is as it was, or None.

        Args:
            key: Of the file.
            folder: Status of the folder it is in.
            kind: Which digest: what stands before its colon.
        """
        with self._open() as database:
            rows = _rows(database, _OF_FILE, (key[0], folder.st_ino, key[1], kind))
        return next((digest for *within, digest in rows if tuple(within) == key[1:]), None)

    def find_all(self, folder: os.stat_result) -> dict[Within, str]:
        """Give the digests of all files that were seen in a folder."""
        with self._open() as database:
            rows = _rows(database, _OF_FOLDER, (folder.st_dev, folder.st_ino))
        return {row[:4]: row[4] for row in rows}

    def put(self, found: Iterable[tuple[Key, str]], folder: os.stat_result) -> None:
        """Keep digests of files in a folder, each of which was settled when it was read."""
        rows = [
            (key[0], folder.st_ino, key[1], digest.partition(":")[0], *key[2:], digest)
            for key, digest in found
        ]
        if not rows:
            return
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
        with self._open() as database, contextlib.suppress(sqlite3.Error, OverflowError):
            database.execute(_TABLE)
            database.executemany(_PUT, rows)
            database.commit()

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            database = sqlite3.connect(self._path, timeout=_WAIT_S)
        except sqlite3.Error:
            database = sqlite3.connect(":memory:")
        try:
            with contextlib.suppress(sqlite3.Error):
                database.execute("PRAGMA synchronous = NORMAL")
            yield database
        finally:
            database.close()


def _rows(database: sqlite3.Connection, question: str, values: tuple[int | str, ...]) -> list[Any]:
    try:
        return database.execute(question, values).fetchall()
    except (sqlite3.Error, OverflowError):
        return []


def nearest_cache() -> DigestCache | None:
    """Give the cache of the ledger that commands use here: LINEPROOF_HOME, or the nearest folder upwards."""
    stated = os.environ.get("LINEPROOF_HOME")
    if stated:
        return DigestCache(stated) if os.path.isdir(stated) else None
    here = os.getcwd()
    while True:
        folder = os.path.join(here, ".lineproof")
        if os.path.isdir(folder):
            return DigestCache(folder)
        if here == (here := os.path.dirname(here)):
            return None
