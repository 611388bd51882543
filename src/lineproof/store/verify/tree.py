"""The stored hashes of the tree, held against the leaves as they stream past."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Protocol

from lineproof.ledger import HASH_SIZE, TILE_WIDTH, Frontier, node_hash
from lineproof.store.database import Session
from lineproof.store.verify.report import Failure, Findings
from lineproof.store.verify.since import Start

__all__ = ["StoredHashes", "Tiles", "TreeCheck"]


class StoredHashes:
    """The leaf hashes that a ledger keeps beside its leaves: in tiles, and in the head.

    Args:
        connection: A snapshot of the ledger.
        size: Number of entries, as the head says.
        last: Hashes of the leaves after the last complete tile, as the head says.
    """

    def __init__(self, connection: Session, size: int, last: bytes) -> None:
        self._connection = connection
        self._complete = size // TILE_WIDTH
        self._last = last
        self._index = -1
        self._content = b""

    def get(self, seq: int) -> bytes | None:
        """Give the stored hash of a leaf, or None when it is not stored. Quick when asked in order."""
        index, offset = divmod(seq, TILE_WIDTH)
        if index != self._index:
            self._index = index
            self._content = self._last if index >= self._complete else self.tile(0, index) or b""
        found = self._content[offset * HASH_SIZE : (offset + 1) * HASH_SIZE]
        return found if len(found) == HASH_SIZE and index <= self._complete else None

    def in_tile(self, seq: int) -> bool:
        """Tell whether the hash of this leaf belongs into a tile, not into the head."""
        return seq // TILE_WIDTH < self._complete

    def tile(self, level: int, index: int) -> bytes | None:
        """Give a stored tile, or None when it is missing."""
        row = self._connection.execute(
            "SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, index)
        ).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) else None


class Tiles(Protocol):
    """Where complete tiles are kept."""

    def tile(self, level: int, index: int) -> bytes | None:
        """Give a tile, or None when it is missing."""
        ...


class TreeCheck:
    """Grows the tree from its leaves and compares the tiles above them.

    Args:
        stored: What is kept.
        findings: Where failures go.
        start: The tree that is not checked again; the empty one when left out.

    Attributes:
        frontier: The tree so far.
    """

    def __init__(self, stored: Tiles, findings: Findings, start: Start | None = None) -> None:
        self.frontier = Frontier() if start is None else start.frontier()
        self._stored = stored
        self._findings = findings
        # The open tile of each level, and how many are complete.
        self._rows: list[list[bytes]] = ([] if start is None else start.open_tiles()) or [[]]
        size = self.frontier.size
        self._completed = [size // TILE_WIDTH ** (level + 1) for level in range(len(self._rows))]

    def append(self, leaf: bytes) -> None:
        """Take the next leaf hash."""
        self.frontier.append(leaf)
        for level, index, content in self._grow(leaf):
            self._compare(level, index, content, self._stored.tile(level, index))

    def append_block(self, root: bytes) -> None:
        """Take the next 256 leaves at once; their hashes have been compared with the tile that they fill."""
        self.frontier.append_subtree(root, 8)
        self._completed[0] += 1
        for level, index, content in self._grow(root, 1):
            self._compare(level, index, content, self._stored.tile(level, index))

    def open_tile(self, level: int) -> bytes:
        """Give the hashes of the tile of this level that is not complete yet."""
        return b"".join(self._rows[level]) if level < len(self._rows) else b""

    def check_edge(self, connection: Session) -> None:
        """Compare the tiles that are begun, which only speed things up, and find those beyond the leaves."""
        begun = 0
        for level, row in enumerate(self._rows[1:], start=1):
            found = self._stored.tile(level, self._completed[level]) if row else None
            if found is not None:
                begun += 1
                self._compare(level, self._completed[level], b"".join(row), found)
        (stored,) = connection.execute("SELECT count(*) FROM tile").fetchone()
        expected = sum(self._completed) + begun
        if stored > expected:
            self._findings.add(
                Failure(kind="tree", table="tile", expected=f"{expected} tiles", found=f"{stored} tiles")
            )

    def _compare(self, level: int, index: int, content: bytes, found: bytes | None) -> None:
        # Of level 0 the caller has compared each hash already; here it must only be there.
        if found is None or (level > 0 and found != content):
            self._findings.add(
                Failure(
                    kind="tree",
                    table="tile",
                    key={"level": level, "idx": index},
                    field=None if found is None else "hashes",
                    expected=_excerpt(content, found),
                    found=None if found is None else _excerpt(found, content),
                )
            )

    def _grow(self, hashed: bytes, lowest: int = 0) -> Iterator[tuple[int, int, bytes]]:
        for level in count(lowest):
            if level == len(self._rows):
                self._rows.append([])
                self._completed.append(0)
            row = self._rows[level]
            row.append(hashed)
            if len(row) < TILE_WIDTH:
                return
            yield level, self._completed[level], b"".join(row)
            self._completed[level] += 1
            hashed = _root(row)
            self._rows[level] = []


def _root(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _excerpt(content: bytes, other: bytes | None) -> str:
    """Show the first hash that differs."""
    for at in range(0, len(content), HASH_SIZE):
        one = content[at : at + HASH_SIZE]
        if other is not None and one != other[at : at + HASH_SIZE]:
            return f"hash {at // HASH_SIZE} is {one.hex()}"
    return f"{len(content) // HASH_SIZE} hashes"
