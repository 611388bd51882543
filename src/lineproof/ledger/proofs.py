"""Proofs about the tree: that a leaf is in it, and that a later tree still holds an earlier one.

Whoever has the hashes makes proofs; anybody with two roots checks them. Checking raises
`ProofError` for anything but a valid proof, whatever it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from lineproof.errors import ProofError
from lineproof.ledger.tree import EMPTY_ROOT, HASH_SIZE, node_hash

__all__ = [
    "HashSource",
    "consistency_proof",
    "inclusion_proof",
    "leaf_source",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]

HashSource = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree `(height, index)`: its leaves are `index << height` up to,
without, `index + 1 << height`. Height 0 is the leaf hash itself."""

_LIMIT = 1 << 63  # sizes and indexes fit a signed 64-bit integer


def leaf_source(leaves: Sequence[bytes]) -> HashSource:
    """Give the source of all subtree hashes of a tree that is small enough to be held in memory.

    Args:
        leaves: Leaf hashes in order.
    """

    @cache
    def hash_at(height: int, index: int) -> bytes:
        if height == 0:
            return leaves[index]
        return node_hash(hash_at(height - 1, 2 * index), hash_at(height - 1, 2 * index + 1))

    return hash_at


def inclusion_proof(index: int, size: int, source: HashSource) -> list[bytes]:
    """Make the proof that leaf `index` is in the tree of the first `size` leaves.

    Args:
        index: Position of the leaf, counted from 0.
        size: Number of leaves of the tree the proof is for.
        source: Gives the hashes of perfect subtrees within the first `size` leaves.

    Returns:
        Sibling hashes from the leaf upwards.

    Raises:
        ProofError: There is no such leaf in a tree of that size.

    Source: RFC 9162, section 2.1.3.1.
    """
    _require_count(index, "index")
    _require_count(size, "size")
    if index >= size:
        raise ProofError(f"leaf {index} is not in a tree of size {size}")
    proof = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            proof.append(_range_hash(source, middle, stop))
            stop = middle
        else:
            proof.append(_range_hash(source, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(size1: int, size2: int, source: HashSource) -> list[bytes]:
    """Make the proof that the tree of `size2` leaves starts with the tree of `size1` leaves.

    Args:
        size1: Size of the earlier tree, at least 1.
        size2: Size of the later tree.
        source: Gives the hashes of perfect subtrees within the first `size2` leaves.

    Returns:
        Hashes in the order of RFC 9162; none when the sizes are equal.

    Raises:
        ProofError: The sizes are not those of an earlier and a later tree.

    Source: RFC 9162, section 2.1.4.1.
    """
    _require_count(size1, "size1")
    _require_count(size2, "size2")
    if not 0 < size1 <= size2:
        raise ProofError(f"a tree of size {size1} cannot be proved a beginning of one of size {size2}")
    proof = []
    start, stop = 0, size2
    while size1 < stop:
        middle = start + _split(stop - start)
        if size1 <= middle:
            proof.append(_range_hash(source, middle, stop))
            stop = middle
        else:
            proof.append(_range_hash(source, start, middle))
            start = middle
    if start > 0:  # a subtree that ends the earlier tree without being all of it has to be named
        proof.append(_range_hash(source, start, stop))
    return proof[::-1]


def tree_root(size: int, source: HashSource) -> bytes:
    """Give the root of the tree of the first `size` leaves."""
    return _range_hash(source, 0, size) if size else EMPTY_ROOT


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf is in the tree with this root.

    Args:
        leaf_hash: SHA-256 leaf hash, 32 bytes.
        index: Position of the leaf, counted from 0.
        size: Number of leaves in the tree.
        proof: Sibling hashes from the leaf upwards, 32 bytes each.
        root: Root hash of the tree, 32 bytes.

    Raises:
        ProofError: The proof does not show it. Nothing weaker may be concluded.

    Source: RFC 9162, section 2.1.3.2.
    """
    # 1. Refuse what cannot be a proof: types, positions, lengths.
    _require_count(index, "index")
    _require_count(size, "size")
    _require_hash(leaf_hash, "leaf hash")
    _require_hash(root, "root")
    _require_proof(proof)
    if index >= size:
        raise ProofError(f"leaf {index} is not in a tree of size {size}")
    inner = (index ^ (size - 1)).bit_length()  # levels where the tree continues to the right
    border = (index >> inner).bit_count()  # above them only left siblings are left
    if len(proof) != inner + border:
        raise ProofError(f"the proof has {len(proof)} hashes where {inner + border} are needed")
    # 2. Fold the siblings in; the bits of the index say on which side.
    computed = leaf_hash
    for level, sibling in enumerate(proof):
        is_left_child = level < inner and not index >> level & 1
        computed = node_hash(computed, sibling) if is_left_child else node_hash(sibling, computed)
    # 3. The result must be the root.
    if computed != root:
        raise ProofError(f"leaf {index} is not under the root given for size {size}")


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Check that the tree with `root2` starts with all leaves of the tree with `root1`.

    Args:
        size1: Size of the earlier tree. 0 is refused: an empty tree is a beginning of any tree, so
            that nothing would be shown.
        size2: Size of the later tree.
        proof: Hashes in the order of RFC 9162, 32 bytes each.
        root1: Root hash of the earlier tree.
        root2: Root hash of the later tree.

    Raises:
        ProofError: The proof does not show it. Nothing weaker may be concluded.

    Source: RFC 9162, section 2.1.4.2.
    """
    # 1. Refuse what cannot be a proof: types, sizes, lengths.
    _require_count(size1, "size1")
    _require_count(size2, "size2")
    _require_proof(proof)
    if not 0 < size1 <= size2:
        raise ProofError(f"a tree of size {size1} cannot be shown a beginning of one of size {size2}")
    if size1 == size2:  # the same tree: nothing to fold, the roots must be the same
        _require_same(proof, root1, root2)
        return
    _require_hash(root1, "root1")
    _require_hash(root2, "root2")
    if not proof:
        raise ProofError("the proof is empty")
    # 2. Start with the largest subtree that ends where the earlier tree ends. When the earlier tree
    #    is perfect that is its root, otherwise the first hash of the proof.
    perfect = size1.bit_count() == 1
    lowest, *siblings = [root1, *proof] if perfect else proof
    # 3. Climb along the last node of both trees: left siblings belong to both, right ones to the later.
    computed1 = computed2 = lowest
    last1, last2 = size1 - 1, size2 - 1
    last1, last2 = _skip(last1, last2, of_bit=1)
    for sibling in siblings:
        if last2 == 0:
            raise ProofError("the proof is too long")
        if last1 & 1 or last1 == last2:
            computed1 = node_hash(sibling, computed1)
            computed2 = node_hash(sibling, computed2)
            last1, last2 = _skip(last1, last2, of_bit=0)
        else:
            computed2 = node_hash(computed2, sibling)
        last1, last2 = last1 >> 1, last2 >> 1
    # 4. All of the path must be used, and the results must be the roots.
    if last2 != 0:
        raise ProofError("the proof is too short")
    if computed1 != root1 or computed2 != root2:
        raise ProofError(f"the tree of size {size2} does not start with the tree of size {size1}")


def _skip(last1: int, last2: int, *, of_bit: int) -> tuple[int, int]:
    """Climb over the levels at which the earlier tree's last node has this lowest bit."""
    while last1 and last1 & 1 == of_bit:
        last1, last2 = last1 >> 1, last2 >> 1
    return last1, last2


def _split(count: int) -> int:
    """Give the largest power of two below `count` (> 1): how many leaves go to the left."""
    return 1 << (count - 1).bit_length() - 1


def _range_hash(source: HashSource, start: int, stop: int) -> bytes:
    """Hash the subtree over these leaves, from the perfect subtrees that it is made of."""
    parts = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        parts.append(source(height, start >> height))
        start += 1 << height
    folded = parts.pop()
    while parts:
        folded = node_hash(parts.pop(), folded)
    return folded


def _require_count(value: object, what: str) -> None:
    if type(value) is not int:  # bool is an int to Python, but no number of leaves
        raise ProofError(f"{what} is a {type(value).__name__}, not an int")
    if not 0 <= value < _LIMIT:
        raise ProofError(f"{what} is not between 0 and 2**63 - 1")


def _require_hash(value: object, what: str) -> None:
    if type(value) is not bytes or len(value) != HASH_SIZE:
        raise ProofError(f"{what} is not {HASH_SIZE} bytes")


def _require_proof(proof: object) -> None:
    if not isinstance(proof, (list, tuple)):
        raise ProofError(f"the proof is a {type(proof).__name__}, not a list of hashes")
    for position, sibling in enumerate(proof):
        _require_hash(sibling, f"hash {position} of the proof")


def _require_same(proof: Sequence[bytes], root1: object, root2: object) -> None:
    """Compare two roots of one size. Any bytes do: nothing is hashed from them."""
    if proof:
        raise ProofError("trees of the same size need no proof, but there is one")
    if type(root1) is not bytes or type(root2) is not bytes:
        raise ProofError("a root is not bytes")
    if root1 != root2:
        raise ProofError("trees of the same size have different roots")
