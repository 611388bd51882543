"""The stored hashes of a ledger's tree, for proofs about it."""

from __future__ import annotations

import sqlite3
from functools import cache

import msgspec

from lineproof.errors import CorruptLedgerError
from lineproof.ledger import TILE_WIDTH, HashSource, tile_source

__all__ = ["StoredHead", "read_head"]


class StoredHead(msgspec.Struct, frozen=True):
    """The head of a ledger as it is stored; nothing in it is checked.

    Attributes:
        size: Number of entries.
        checkpoint: The signed note.
        source: The hashes under it, read as they are asked for.
    """

    size: int
    checkpoint: str
    source: HashSource


def read_head(connection: sqlite3.Connection) -> StoredHead:
    """Read the head, and give access to the hashes under it as long as the connection lives.

    Raises:
        CorruptLedgerError: There is none, or it is not of its form.
    """
    row = connection.execute("SELECT size, leaves, checkpoint FROM head").fetchone()
    if row is None or list(map(type, row)) != [int, bytes, str]:
        raise CorruptLedgerError("the ledger has no head that can be read")
    size, last, checkpoint = row

    @cache
    def read(level: int, index: int) -> bytes:
        if level == 0 and index == size // TILE_WIDTH:
            return bytes(last)
        found = connection.execute(
            "SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, index)
        ).fetchone()
        return found[0] if found is not None and isinstance(found[0], bytes) else b""

    return StoredHead(size, checkpoint, cache(tile_source(read)))
