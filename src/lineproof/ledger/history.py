"""Two checkpoints of one log: does the later one still hold everything that the earlier one held?"""

from __future__ import annotations

from lineproof.errors import ForkError, ProofError, RollbackError
from lineproof.ledger.checkpoint import Checkpoint
from lineproof.ledger.proofs import HashSource, consistency_proof, tree_root, verify_consistency

__all__ = ["check_extends"]


def check_extends(earlier: Checkpoint, head: Checkpoint, source: HashSource) -> None:
    """Demand the proof that a log has only grown since an earlier checkpoint.

    Args:
        earlier: What somebody kept. The caller knows that the log's key signed it.
        head: What the log says now.
        source: The hashes under `head`.

    Raises:
        ForkError: The head holds other entries than the earlier checkpoint, or is of another log.
        RollbackError: The head holds fewer entries than the earlier checkpoint.
        ProofError: The stored hashes are not those under the head, so that nothing can be proved.
    """
    # 1. Checkpoints of two logs have nothing to do with each other.
    if earlier.origin != head.origin:
        raise ForkError(f"one checkpoint is of {earlier.origin}, the other of {head.origin}")
    # 2. A log that has become smaller has forgotten entries.
    if earlier.size > head.size:
        raise RollbackError(f"the log had {earlier.size} entries and has {head.size} now")
    # 3. Hashes that do not even give the present root prove nothing about an earlier one.
    try:
        if tree_root(head.size, source) != head.root:
            raise ProofError("the stored hashes of the tree are not those of its checkpoint")
        proof = consistency_proof(earlier.size, head.size, source) if earlier.size else []
    except IndexError as error:
        raise ProofError("the stored hashes of the tree are not complete") from error
    # 4. Now the roots must be those of one tree. An empty log begins every log.
    if earlier.size == 0:
        return
    try:
        verify_consistency(earlier.size, head.size, proof, earlier.root, head.root)
    except ProofError as error:
        raise ForkError(f"the log does not hold the first {earlier.size} entries as it held them") from error
