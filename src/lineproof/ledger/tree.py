"""The Merkle tree of RFC 6962: hashes of leaves and nodes, and the right edge that grows.

A tree of any size is a row of perfect subtrees, largest first, one for each bit set in the size.
Their hashes are all that is needed to append and to compute the root.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from lineproof.errors import ProofError

__all__ = ["EMPTY_ROOT", "HASH_SIZE", "Frontier", "leaf_hash", "node_hash"]

HASH_SIZE = 32
EMPTY_ROOT = sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash the bytes of a leaf.

    Returns:
        32 bytes.

    Source: RFC 9162, section 2.1.1.
    """
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash the node above two subtrees, given their hashes.

    Returns:
        32 bytes.

    Source: RFC 9162, section 2.1.1.
    """
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree: what is needed to append to it and to know its root.

    Attributes:
        size: Number of leaves in the tree.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # hashes of the perfect subtrees, largest (leftmost) first

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Read what `to_bytes` gave for a tree of this size.

        Raises:
            ProofError: The length does not fit the size.
        """
        if size < 0 or len(data) != size.bit_count() * HASH_SIZE:
            raise ProofError(f"a frontier of {len(data)} bytes does not belong to a tree of size {size}")
        frontier = cls()
        frontier.size = size
        frontier._peaks = [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]
        return frontier

    def to_bytes(self) -> bytes:
        """Give the hashes of the perfect subtrees, largest first; the size is kept beside them."""
        return b"".join(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add a leaf, given its leaf hash."""
        size, peaks, carried = self.size, self._peaks, leaf
        while size & 1:  # each perfect subtree of the same height joins, as in a binary counter
            carried = sha256(b"\x01" + peaks.pop() + carried).digest()
            size >>= 1
        peaks.append(carried)
        self.size += 1

    def append_subtree(self, root: bytes, height: int) -> None:
        """Add 2**height leaves at once, given the root over them; as many must be there as fill its places before.

        Raises:
            ProofError: The tree does not end where such a subtree can begin.
        """
        size, peaks, carried = self.size >> height, self._peaks, root
        if self.size != size << height:
            raise ProofError(f"no subtree of height {height} begins after {self.size} leaves")
        while size & 1:
            carried = sha256(b"\x01" + peaks.pop() + carried).digest()
            size >>= 1
        peaks.append(carried)
        self.size += 1 << height

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaves in order, given their leaf hashes."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """Give the root hash of the tree; that of the empty tree is SHA-256 of nothing."""
        if not self._peaks:
            return EMPTY_ROOT
        *left, folded = self._peaks
        for peak in reversed(left):
            folded = node_hash(peak, folded)
        return folded
