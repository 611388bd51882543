"""A proof that holds is accepted; nothing else is, and nothing else happens."""

from __future__ import annotations

import base64
import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineproof.errors import ProofError
from lineproof.ledger import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_source,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

LARGEST = 40
LEAVES = [leaf_hash(bytes([number])) for number in range(LARGEST)]
SOURCE = leaf_source(LEAVES)
SIZES = st.integers(1, LARGEST)


@cache
def root(size: int) -> bytes:
    frontier = Frontier()
    frontier.extend(LEAVES[:size])
    return frontier.root()


def holds(verify, *arguments) -> bool:
    """Say whether a proof is accepted; any error but ProofError fails the test."""
    try:
        assert verify(*arguments) is None
    except ProofError:
        return False
    return True


# Public vectors


def cases(vectors, kind: str) -> list[tuple[str, dict]]:
    folder = vectors / "merkle" / "transparency-dev_merkle" / "testdata" / kind
    found = [(str(path.relative_to(folder)), json.loads(path.read_text())) for path in folder.rglob("*.json")]
    assert found, f"no cases in {folder}"
    return found


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def siblings(case: dict) -> list[bytes]:
    return [decoded(text) for text in case["proof"] or []]


def wrong(found: list[tuple[str, bool, dict]]) -> list[str]:
    return [name for name, accepted, case in found if accepted == case["wantErr"]]


def test_every_public_inclusion_case_is_judged_rightly(vectors):
    judged = [
        (
            name,
            holds(
                verify_inclusion,
                decoded(case["leafHash"]),
                case["leafIdx"],
                case["treeSize"],
                siblings(case),
                decoded(case["root"]),
            ),
            case,
        )
        for name, case in cases(vectors, "inclusion")
    ]
    assert wrong(judged) == []


def test_every_public_consistency_case_is_judged_rightly(vectors):
    judged = [
        (
            name,
            holds(
                verify_consistency,
                case["size1"],
                case["size2"],
                siblings(case),
                decoded(case["root1"]),
                decoded(case["root2"]),
            ),
            case,
        )
        for name, case in cases(vectors, "consistency")
    ]
    assert wrong(judged) == []


def test_every_public_case_of_a_leaf_in_a_subtree_is_judged_rightly(vectors):
    judged = [
        (
            name,
            holds(
                verify_inclusion,
                decoded(case["leafHash"]),
                case["leafIdx"] - case["start"],
                case["end"] - case["start"],
                siblings(case),
                decoded(case["root"]),
            ),
            case,
        )
        for name, case in cases(vectors, "subtreeinclusion")
    ]
    assert wrong(judged) == []


def test_every_public_case_of_a_subtree_at_the_start_is_judged_rightly(vectors):
    judged = [
        (
            name,
            holds(
                verify_consistency,
                case["end"],
                case["size"],
                siblings(case),
                decoded(case["root1"]),
                decoded(case["root2"]),
            ),
            case,
        )
        for name, case in cases(vectors, "subtreeconsistency")
        if case["start"] == 0
    ]
    assert len(judged) > 20
    assert wrong(judged) == []


# Every proof made is accepted


def test_every_leaf_of_every_tree_can_be_proved():
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, SOURCE)
            verify_inclusion(LEAVES[index], index, size, proof, root(size))


def test_every_tree_is_proved_a_beginning_of_every_later_one():
    for size2 in range(1, LARGEST + 1):
        for size1 in range(1, size2 + 1):
            proof = consistency_proof(size1, size2, SOURCE)
            verify_consistency(size1, size2, proof, root(size1), root(size2))


def test_proofs_are_those_printed_in_rfc_9162():
    # Section 2.1.5: seven leaves d0..d6; a..g are leaf hashes, h = (a b), i = (c d), j = (e f),
    # k = (h i), m = (j g).
    leaves = LEAVES[:7]
    a, b, c, d, e, f, g = leaves
    h, i, j = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, m = node_hash(h, i), node_hash(j, g)
    source = leaf_source(leaves)
    assert inclusion_proof(0, 7, source) == [b, i, m]
    assert inclusion_proof(3, 7, source) == [c, h, m]
    assert inclusion_proof(4, 7, source) == [f, g, k]
    assert inclusion_proof(6, 7, source) == [j, k]
    assert consistency_proof(3, 7, source) == [c, d, h, m]
    assert consistency_proof(4, 7, source) == [m]
    assert consistency_proof(6, 7, source) == [j, g, k]


@pytest.mark.parametrize(
    ("index", "size"), [(0, 0), (1, 1), (-1, 1), (True, 2), (0, 2.0), ("0", 2), (0, None)]
)
def test_a_proof_of_a_leaf_that_is_not_there_is_not_made(index, size):
    with pytest.raises(ProofError):
        inclusion_proof(index, size, SOURCE)


@pytest.mark.parametrize(
    ("size1", "size2"), [(0, 0), (0, 3), (3, 2), (-1, 2), (True, 2), (1, 2.0), (1, None)]
)
def test_a_proof_between_trees_that_cannot_be_is_not_made(size1, size2):
    with pytest.raises(ProofError):
        consistency_proof(size1, size2, SOURCE)


# Every change to a proof is refused


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


def changed_lists(draw, proof: list[bytes], others: list[bytes]) -> list[bytes]:
    """Draw a list that is not `proof`."""
    kind = draw(st.sampled_from(["flip", "drop", "insert", "swap"] if proof else ["insert"]))
    at = draw(st.integers(0, max(len(proof) - 1, 0)))
    changed = list(proof)
    if kind == "flip":
        changed[at] = flipped(changed[at], draw(st.integers(0, 255)))
    elif kind == "drop":
        del changed[at]
    elif kind == "insert":
        changed.insert(draw(st.integers(0, len(proof))), draw(st.sampled_from([*others, bytes(32)])))
    else:
        changed[at], changed[-1 - at] = changed[-1 - at], changed[at]
    return changed


@settings(max_examples=300)
@given(st.data())
def test_a_changed_inclusion_proof_is_refused(data):
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    honest = (LEAVES[index], index, size, inclusion_proof(index, size, SOURCE), root(size))
    what = data.draw(st.sampled_from(["leaf", "index", "proof", "root"]))
    leaf, position, count, proof, top = honest
    if what == "leaf":
        leaf = data.draw(
            st.sampled_from([flipped(leaf, data.draw(st.integers(0, 255))), leaf[:-1], leaf + b"0"])
        )
    elif what == "index":
        position = data.draw(st.integers(-2, 2 * LARGEST).filter(lambda drawn: drawn != index))
    elif what == "root":
        top = data.draw(
            st.sampled_from([flipped(top, data.draw(st.integers(0, 255))), top[1:], b"", root(1)])
        )
    else:
        proof = changed_lists(data.draw, proof, [leaf, top])
    if (leaf, position, count, proof, top) != honest:
        assert not holds(verify_inclusion, leaf, position, count, proof, top)


@settings(max_examples=300)
@given(st.data())
def test_a_changed_consistency_proof_is_refused(data):
    size2 = data.draw(SIZES)
    size1 = data.draw(st.integers(1, size2))
    honest = (size1, size2, consistency_proof(size1, size2, SOURCE), root(size1), root(size2))
    earlier, later, proof, root1, root2 = honest
    what = data.draw(st.sampled_from(["size1", "proof", "root1", "root2", "roots"]))
    if what == "size1":
        earlier = data.draw(st.integers(-2, 2 * LARGEST))
    elif what == "root1":
        root1 = data.draw(st.sampled_from([flipped(root1, data.draw(st.integers(0, 255))), root1[1:], b""]))
    elif what == "root2":
        root2 = data.draw(st.sampled_from([flipped(root2, data.draw(st.integers(0, 255))), root2[1:], b""]))
    elif what == "roots":
        root1, root2 = root2, root1
    else:
        proof = changed_lists(data.draw, proof, [root1, root2])
    if (earlier, later, proof, root1, root2) != honest:
        assert not holds(verify_consistency, earlier, later, proof, root1, root2)


@given(st.data())
def test_a_proof_for_another_tree_size_is_refused(data):
    """Sizes whose proofs have another shape are refused; a size of the same shape needs its own root."""
    size = data.draw(SIZES)
    other = data.draw(SIZES.filter(lambda drawn: drawn != size))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, SOURCE)
    assert not holds(verify_inclusion, LEAVES[index], index, other, proof, root(other))


# A proof of one claim is no proof of another. A root does not name its tree's size, so that claims whose
# paths turn the same way cannot be told apart; all others can.


def turns(index: int, size: int) -> str | None:
    """The sides of the siblings from the leaf upwards, by the definition of the tree; None: no such leaf."""
    if index >= size:
        return None
    if size == 1:
        return ""
    split = 1 << (size - 1).bit_length() - 1
    return turns(index, split) + "R" if index < split else turns(index - split, size - split) + "L"


def growth(size1: int, size2: int, *, whole: bool = True) -> str | None:
    """What a consistency proof starts from and the sides of its hashes; None: no such proof."""
    if not 0 < size1 <= size2:
        return None
    if size1 == size2:
        return "root" if whole else "proof"
    split = 1 << (size2 - 1).bit_length() - 1
    if size1 <= split:
        return growth(size1, split, whole=whole) + "R"
    return growth(size1 - split, size2 - split, whole=False) + "L"


def test_an_inclusion_proof_shows_nothing_about_another_place():
    places = [(index, size) for size in range(18) for index in range(18)]
    for index, size in [place for place in places if turns(*place) is not None]:
        proof = inclusion_proof(index, size, SOURCE)
        for claim in places:
            accepted = holds(verify_inclusion, LEAVES[index], *claim, proof, root(size))
            assert accepted == (turns(*claim) == turns(index, size)), (index, size, claim)


def test_a_consistency_proof_shows_nothing_about_other_sizes():
    pairs = [(size1, size2) for size1 in range(18) for size2 in range(18)]
    for size1, size2 in [pair for pair in pairs if growth(*pair) is not None]:
        proof = consistency_proof(size1, size2, SOURCE)
        for claim in pairs:
            accepted = holds(verify_consistency, *claim, proof, root(size1), root(size2))
            assert accepted == (growth(*claim) == growth(size1, size2)), (size1, size2, claim)


def test_an_empty_tree_holds_no_leaf():
    assert not holds(verify_inclusion, LEAVES[0], 0, 0, [LEAVES[1]], node_hash(LEAVES[0], LEAVES[1]))
    assert not holds(verify_inclusion, LEAVES[0], 0, 0, [], LEAVES[0])


# Whatever is handed in, the answer is ProofError

STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=3),
    st.integers(-(2**70), -1),
    st.integers(2**40, 2**70),
    st.just(10**5000),
    st.binary(max_size=33),
    st.just(bytearray(32)),
    st.just(memoryview(bytes(32))),
    st.lists(st.one_of(st.binary(min_size=31, max_size=32), st.none(), st.integers()), max_size=3),
    st.dictionaries(st.integers(), st.binary(), max_size=2),
    st.just(iter([bytes(32)])),
)


@settings(max_examples=300)
@given(st.lists(STRANGE, min_size=5, max_size=5))
def test_strange_arguments_are_refused_and_nothing_else_happens(strange):
    inclusion = [LEAVES[3], 3, 7, inclusion_proof(3, 7, SOURCE), root(7)]
    consistency = [3, 7, consistency_proof(3, 7, SOURCE), root(3), root(7)]
    for position in range(5):
        mixed = [*inclusion]
        mixed[position] = strange[position]
        if mixed != inclusion:
            assert not holds(verify_inclusion, *mixed)
        mixed = [*consistency]
        mixed[position] = strange[position]
        if mixed != consistency:
            assert not holds(verify_consistency, *mixed)
    holds(verify_inclusion, *strange)
    holds(verify_consistency, *strange)


@pytest.mark.parametrize("index", [True, 3.0, "3", None, -1, 2**63, 10**5000], ids=range(7))
def test_an_index_that_is_no_index_is_refused(index):
    with pytest.raises(ProofError):
        verify_inclusion(LEAVES[3], index, 7, inclusion_proof(3, 7, SOURCE), root(7))


@pytest.mark.parametrize("proof", [None, b"", "", (None,), {}, iter(()), 0])
def test_a_proof_that_is_no_list_of_hashes_is_refused(proof):
    assert not holds(verify_inclusion, LEAVES[0], 0, 1, proof, LEAVES[0])
    assert not holds(verify_consistency, 1, 1, proof, LEAVES[0], LEAVES[0])


def test_an_empty_tree_is_no_beginning_of_anything():
    assert not holds(verify_consistency, 0, 0, [], root(0), root(0))
    assert not holds(verify_consistency, 0, 5, [], root(0), root(5))
