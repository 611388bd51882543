"""A log as static files, as C2SP tlog-tiles lays them out: where tiles and entry bundles lie, what is in them.

Source: C2SP tlog-tiles, sections "Merkle Tree" and "Log entries".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct

from lineproof.errors import TileError
from lineproof.ledger.tiles import TILE_WIDTH

__all__ = ["CHECKPOINT", "bundle_path", "decode_bundle", "encode_bundle", "partial_tiles", "tile_path"]

CHECKPOINT = "checkpoint"

_HEIGHT = 8
_LENGTH = Struct(">H")
_LONGEST = 0xFFFF  # bytes of an entry


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Give the path of a tile; of one that is not complete, with how many hashes it holds."""
    return f"tile/{level}/{_number(index)}{_part(width)}"


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """Give the path of the bundle with the entries of tile `index` of level 0."""
    return f"tile/entries/{_number(index)}{_part(width)}"


def partial_tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Give `(level, index, width)` of each tile that a tree of this size leaves incomplete."""
    level = 0
    while size:
        if width := size % TILE_WIDTH:
            yield level, size // TILE_WIDTH, width
        size >>= _HEIGHT
        level += 1


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Write an entry bundle.

    Raises:
        TileError: An entry is too long for one.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > _LONGEST:
            raise TileError(f"an entry of {len(entry)} bytes does not fit an entry bundle")
        parts += (_LENGTH.pack(len(entry)), entry)
    return b"".join(parts)


def decode_bundle(data: bytes) -> list[bytes]:
    """Read the entries of a bundle.

    Raises:
        TileError: The bytes do not end where an entry ends.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH.size
        if start > len(data):
            raise TileError(f"the bundle ends within the length of entry {len(entries)}")
        at = start + _LENGTH.unpack_from(data, at)[0]
        if at > len(data):
            raise TileError(f"the bundle ends within entry {len(entries)}")
        entries.append(data[start:at])
    return entries


def _number(index: int) -> str:
    """Write an index in groups of three digits, all but the last with an x: `x001/x234/067`."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def _part(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"
