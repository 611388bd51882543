"""Tiles: the tree's hashes in blocks of 256, as C2SP tlog-tiles lays them out.

Tile `(level, index)` holds the hashes of the perfect subtrees of height `8 * level` number
`256 * index` to `256 * index + 255`; level 0 holds leaf hashes. A complete tile never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lineproof.errors import ProofError
from lineproof.ledger.proofs import HashSource
from lineproof.ledger.tree import HASH_SIZE, node_hash

__all__ = ["TILE_WIDTH", "completed_tiles", "grown_tiles", "tile_hashes", "tile_source"]

_HEIGHT = 8
TILE_WIDTH = 1 << _HEIGHT


def completed_tiles(old_size: int, new_size: int) -> Iterator[tuple[int, int]]:
    """Give the `(level, index)` of each tile that a tree completes while it grows.

    Args:
        old_size: Number of leaves before.
        new_size: Number of leaves after.

    Yields:
        Level 0 first, so that a tile comes after those it is computed from.
    """
    level = 0
    while new_size := new_size >> _HEIGHT:
        old_size >>= _HEIGHT
        for index in range(old_size, new_size):
            yield level, index
        level += 1


def grown_tiles(old_size: int, new_size: int) -> Iterator[tuple[int, int, int]]:
    """Give `(level, index, width)` of each tile above level 0 that gets hashes while a tree grows.

    Kept beside the complete ones they make every hash of the tree cost one tile to read and fold: without
    them one near the right edge costs up to 65,536 hashes of the level below, however small the tree.

    Args:
        old_size: Number of leaves before.
        new_size: Number of leaves after.

    Yields:
        Level 1 first, so that a tile comes after those it is computed from.
    """
    level = 1
    while new_size := new_size >> _HEIGHT:
        old_size >>= _HEIGHT
        if new_size > old_size:
            for index in range(old_size // TILE_WIDTH, -(-new_size // TILE_WIDTH)):
                yield level, index, min(TILE_WIDTH, new_size - index * TILE_WIDTH)
        level += 1


def tile_hashes(
    level: int, index: int, source: HashSource, *, width: int = TILE_WIDTH, known: bytes = b""
) -> bytes:
    """Give the content of a tile.

    Args:
        level: Of the tile, and
        index: its place there.
        source: Gives its hashes.
        width: How many there are; a complete tile has 256, 8 KiB.
        known: Its first hashes, which are not asked for again.
    """
    first = index * TILE_WIDTH
    new = range(first + len(known) // HASH_SIZE, first + width)
    return known + b"".join(source(level * _HEIGHT, at) for at in new)


def tile_source(read: Callable[[int, int], bytes]) -> HashSource:
    """Give the source of all subtree hashes of a tree that is stored as tiles.

    Args:
        read: Gives the content of tile `(level, index)`. For a tile of level 0 that is not complete
            it gives the leaf hashes there are; for one of a higher level it may give fewer hashes
            than there are, or none: they are computed from the level below.

    The source raises `ProofError` when a leaf hash is asked for that `read` does not give.
    """

    def hash_at(height: int, index: int) -> bytes:
        level, inner = divmod(height, _HEIGHT)
        first = index << inner
        tile, offset = divmod(first, TILE_WIDTH)
        stop = (offset + (1 << inner)) * HASH_SIZE
        content = read(level, tile)
        if len(content) >= stop:
            return _fold(content[offset * HASH_SIZE : stop])
        if height == 0:
            raise ProofError(f"the hash of leaf {index} is not stored")
        return node_hash(hash_at(height - 1, 2 * index), hash_at(height - 1, 2 * index + 1))

    return hash_at


def _fold(content: bytes) -> bytes:
    """Hash a perfect subtree, given the hashes of its lowest row."""
    row = [content[at : at + HASH_SIZE] for at in range(0, len(content), HASH_SIZE)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]
