"""The tree hashes as RFC 6962 says, however it grows."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import ProofError
from lineproof.ledger import EMPTY_ROOT, Frontier, leaf_hash, node_hash

HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def naive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162, section 2.1.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def grown(leaves: list[bytes]) -> Frontier:
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier


@pytest.fixture(scope="module")
def reference(vectors):
    return json.loads((vectors / "merkle" / "rfc6962_reference.json").read_text())


def test_roots_are_those_of_the_reference_log(reference):
    leaves = [leaf_hash(bytes.fromhex(data)) for data in reference["leaf_inputs_hex"]]
    roots = [grown(leaves[:size]).root().hex() for size in range(len(leaves) + 1)]
    assert roots == reference["root_hashes_by_size"]


def test_leaf_and_node_hashes_are_those_of_the_reference(reference):
    expected = reference["hasher"]
    assert leaf_hash(b"L123456").hex() == expected["leaf_L123456"]
    assert leaf_hash(b"").hex() == expected["empty_leaf"]
    assert node_hash(b"N123", b"N456").hex() == expected["node_N123_N456"]


def test_the_empty_tree_has_the_hash_of_nothing_as_root():
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


@given(HASHES)
def test_the_root_is_that_of_the_definition(leaves):
    assert grown(leaves).root() == naive_root(leaves)


@given(HASHES, HASHES)
def test_a_stored_frontier_grows_on_as_if_never_stored(before, after):
    first = grown(before)
    stored = Frontier.from_bytes(first.size, first.to_bytes())
    stored.extend(after)
    assert stored.size == len(before) + len(after)
    assert stored.root() == naive_root(before + after)


@pytest.mark.parametrize(("size", "length"), [(0, 32), (1, 0), (1, 31), (3, 32), (4, 64), (-1, 32)])
def test_a_frontier_of_the_wrong_length_is_refused(size, length):
    with pytest.raises(ProofError):
        Frontier.from_bytes(size, bytes(length))
