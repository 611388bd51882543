"""Promises about a log as static files: the layout is that of everybody's tools."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import TileError
from lineproof.ledger import (
    Checkpoint,
    Frontier,
    bundle_path,
    decode_bundle,
    encode_bundle,
    leaf_hash,
    partial_tiles,
    tile_path,
)


def test_paths_are_those_of_the_specification():
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(1, 0, 17) == "tile/1/000.p/17"
    assert bundle_path(273, 112) == "tile/entries/273.p/112"


def test_a_tree_of_70000_leaves_has_the_partial_tiles_of_the_specification():
    assert list(partial_tiles(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert list(partial_tiles(256)) == [(1, 0, 1)]
    assert list(partial_tiles(0)) == []


@given(st.lists(st.binary(max_size=300), max_size=300))
def test_a_bundle_gives_back_its_entries(entries):
    assert decode_bundle(encode_bundle(entries)) == entries


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_bundle_in_its_one_spelling_or_refused(data):
    with contextlib.suppress(TileError):
        assert encode_bundle(decode_bundle(data)) == data


def test_a_bundle_that_is_cut_off_is_refused():
    whole = encode_bundle([b"one", b"two"])
    for stop in set(range(len(whole))) - {0, 5}:  # where an entry ends it is another whole bundle
        with pytest.raises(TileError):
            decode_bundle(whole[:stop])


def test_an_entry_that_does_not_fit_is_refused():
    with pytest.raises(TileError):
        encode_bundle([bytes(65_536)])


def test_a_log_that_another_implementation_wrote_is_read(vectors: Path):
    """A log of transparency-dev/tessera: its files lie where ours lie and hash to its checkpoints."""
    log = vectors / "merkle" / "transparency-dev_tessera" / "testdata" / "log"
    for size in range(1, 16):
        tree = Frontier()
        entries = decode_bundle((log / bundle_path(0, size)).read_bytes())
        tree.extend(map(leaf_hash, entries))
        assert (log / tile_path(0, 0, size)).read_bytes() == b"".join(map(leaf_hash, entries))
        text = (log / f"checkpoint.{size}").read_text().partition("\n\n")[0] + "\n"
        assert Checkpoint.parse(text).root == tree.root()
