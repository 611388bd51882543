"""A tree stored as tiles is the same tree."""

from __future__ import annotations

import json
import random
import struct
from functools import cache

import pytest

from lineproof.errors import ProofError
from lineproof.ledger import (
    TILE_WIDTH,
    Frontier,
    VerifierKey,
    completed_tiles,
    consistency_proof,
    grown_tiles,
    inclusion_proof,
    leaf_hash,
    leaf_source,
    open_checkpoint,
    tile_hashes,
    tile_source,
    verify_consistency,
    verify_inclusion,
)

SIZE = 66_000  # more than one complete tile of level 1


@cache
def leaves() -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(SIZE)]


@cache
def tiles() -> dict[tuple[int, int], bytes]:
    """The complete tiles of the tree, made in uneven steps from leaves and earlier tiles alone."""
    stored: dict[tuple[int, int], bytes] = {}
    steps = random.Random(7)
    size = 0
    while size < SIZE:
        grown = min(size + steps.choice([1, 100, 255, 256, 700, 5000]), SIZE)
        source = tile_source(reader(stored, grown))
        for level, index in completed_tiles(size, grown):
            stored[level, index] = tile_hashes(level, index, source)
        size = grown
    return stored


def reader(stored: dict[tuple[int, int], bytes], size: int):
    """Read as a store does: complete tiles as stored, leaf hashes at the edge from the leaves."""

    def read(level: int, index: int) -> bytes:
        if (level, index) in stored:
            return stored[level, index]
        first = index * TILE_WIDTH
        return b"".join(leaves()[first : min(first + TILE_WIDTH, size)]) if level == 0 else b""

    return read


def root(size: int) -> bytes:
    frontier = Frontier()
    frontier.extend(leaves()[:size])
    return frontier.root()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (0, 0, []),
        (0, 255, []),
        (0, 256, [(0, 0)]),
        (255, 256, [(0, 0)]),
        (256, 511, []),
        (250, 800, [(0, 0), (0, 1), (0, 2)]),
        (65_535, 65_536, [(0, 255), (1, 0)]),
        (2**24 - 1, 2**24, [(0, 65_535), (1, 255), (2, 0)]),
    ],
)
def test_growing_completes_these_tiles(old, new, expected):
    assert list(completed_tiles(old, new)) == expected


def test_each_tile_is_completed_once_however_the_tree_grows():
    assert set(tiles()) == {(0, index) for index in range(SIZE // 256)} | {(1, 0)}
    assert all(len(content) == 256 * 32 for content in tiles().values())


def test_tiles_that_are_begun_hold_each_hash_there_is_however_the_tree_grows():
    whole, steps = leaf_source(leaves()), random.Random(3)
    begun: dict[tuple[int, int], bytes] = {}
    size = 0
    while size < SIZE:
        grown = min(size + steps.choice([1, 255, 256, 700, 9000]), SIZE)
        complete = reader({key: content for key, content in tiles().items() if key[0] == 0}, grown)
        source = tile_source(
            lambda level, index, complete=complete: begun.get((level, index)) or complete(level, index)
        )
        for level, index, width in grown_tiles(size, grown):
            begun[level, index] = tile_hashes(
                level, index, source, width=width, known=begun.get((level, index), b"")
            )
        size = grown
    assert begun == {
        (1, 0): tiles()[1, 0],
        (1, 1): whole(8, 256),
        (2, 0): whole(16, 0),
    }


def test_tiles_hold_the_hashes_of_the_tree():
    whole = leaf_source(leaves())
    assert tiles()[0, 3] == b"".join(leaves()[768:1024])
    assert tiles()[1, 0] == b"".join(whole(8, index) for index in range(256))


def test_proofs_made_from_tiles_are_accepted():
    choose = random.Random(11)
    for size in [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, SIZE]:
        source = tile_source(reader(tiles(), size))
        for index in {0, size - 1, choose.randrange(size)}:
            verify_inclusion(leaves()[index], index, size, inclusion_proof(index, size, source), root(size))
        for earlier in {1, size, choose.randrange(1, size + 1)}:
            proof = consistency_proof(earlier, size, source)
            verify_consistency(earlier, size, proof, root(earlier), root(size))


def test_a_proof_reads_few_tiles():
    read, seen = reader(tiles(), SIZE), []

    def counted(level: int, index: int) -> bytes:
        seen.append((level, index))
        return read(level, index)

    inclusion_proof(12_345, SIZE, tile_source(counted))
    assert len(set(seen)) < 12


@pytest.mark.parametrize("known", [0, 1, 2, 7])
def test_an_incomplete_tile_above_the_leaves_may_hold_what_it_likes_of_its_hashes(known):
    size = 2_400  # nine complete tiles below one of nine hashes
    above = b"".join(leaf_source(leaves())(8, index) for index in range(known))
    read = reader({key: content for key, content in tiles().items() if key[0] == 0}, size)
    source = tile_source(lambda level, index: above if level == 1 else read(level, index))
    for index in range(0, size, 111):
        verify_inclusion(leaves()[index], index, size, inclusion_proof(index, size, source), root(size))


def test_a_leaf_that_is_not_stored_is_named():
    with pytest.raises(ProofError, match="leaf 5"):
        tile_source(lambda level, index: b"")(0, 5)


def test_a_log_of_another_tool_is_read_to_the_same_roots(vectors):
    log = vectors / "merkle" / "transparency-dev_tessera" / "testdata" / "log"
    notes = json.loads((vectors / "merkle" / "signed_note_vectors.json").read_text())["vectors"]
    (key,) = [VerifierKey.parse(case["vkey"]) for case in notes if "note_files" in case]
    for size in range(1, 16):
        checkpoint = open_checkpoint((log / f"checkpoint.{size}").read_bytes(), [key])
        bundle = (log / "tile" / "entries" / "000.p" / str(size)).read_bytes()
        hashes = [leaf_hash(entry) for entry in entries(bundle)]
        assert checkpoint.size == size == len(hashes)
        assert (log / "tile" / "0" / "000.p" / str(size)).read_bytes() == b"".join(hashes)
        frontier = Frontier()
        frontier.extend(hashes)
        assert frontier.root() == checkpoint.root
    first = open_checkpoint((log / "checkpoint.0").read_bytes(), [key])
    assert (first.size, first.root) == (0, Frontier().root())


def entries(bundle: bytes) -> list[bytes]:
    """Entries of a tlog-tiles bundle: each with its length before it in two bytes."""
    found = []
    while bundle:
        (length,) = struct.unpack(">H", bundle[:2])
        found.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return found
