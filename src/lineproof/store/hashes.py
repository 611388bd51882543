"""The stored hashes of a ledger's tree, for proofs about it."""

from __future__ import annotations

from functools import cache

import msgspec

from lineproof.errors import CorruptLedgerError
from lineproof.ledger import HASH_SIZE, TILE_WIDTH, HashSource, tile_source
from lineproof.store.database import Session

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


def read_head(connection: Session) -> StoredHead:
    """Read the head, and give access to the hashes under it as long as the connection lives.

    Raises:
        CorruptLedgerError: There is none, or it is not of its form.
    """
    row = connection.execute("SELECT size, frontier, leaves, checkpoint FROM head").fetchone()
    if row is None or list(map(type, row)) != [int, bytes, bytes, str]:
        raise CorruptLedgerError("the ledger has no head that can be read")
    size, frontier, last, checkpoint = row
    # Tiles that are not complete are stored at the lowest level alone: without the frontier the hash over
    # them, which every proof to the present head needs, would be computed from up to 65,536 leaves.
    peaks = _peaks(size, frontier)

    @cache
    def read(level: int, index: int) -> bytes:
        if level == 0 and index == size // TILE_WIDTH:
            return bytes(last)
        found = connection.execute(
            "SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, index)
        ).fetchone()
        return found[0] if found is not None and isinstance(found[0], bytes) else b""

    stored = tile_source(read)

    @cache
    def source(height: int, index: int) -> bytes:
        return peaks.get((height, index)) or stored(height, index)

    return StoredHead(size, checkpoint, source)


def _peaks(size: int, frontier: bytes) -> dict[tuple[int, int], bytes]:
    """Give the hashes of the perfect subtrees that the tree is made of, by height and index."""
    peaks: dict[tuple[int, int], bytes] = {}
    start = 0
    for height in reversed(range(size.bit_length() if size > 0 else 0)):
        if size >> height & 1:
            at = len(peaks) * HASH_SIZE
            peaks[height, start >> height] = frontier[at : at + HASH_SIZE]
            start += 1 << height
    if len(frontier) != len(peaks) * HASH_SIZE:
        raise CorruptLedgerError("the head of the ledger does not have the hashes that its size asks for")
    return peaks
