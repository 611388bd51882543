"""The log as mathematics: leaves, commitments, tree, proofs, signed checkpoints. No SQL, no I/O."""

from lineproof.ledger.checkpoint import Checkpoint, open_checkpoint, origin_of, sign_checkpoint
from lineproof.ledger.commitment import commit, new_salt, verify_commitment
from lineproof.ledger.leaf import MAX_LEAF_SIZE, Leaf, LeafWriter, decode_leaf, encode_leaf
from lineproof.ledger.note import Note, SigningKey, VerifierKey, open_note, sign_note
from lineproof.ledger.proofs import (
    HashSource,
    consistency_proof,
    inclusion_proof,
    leaf_source,
    verify_consistency,
    verify_inclusion,
)
from lineproof.ledger.tiles import TILE_WIDTH, completed_tiles, tile_hashes, tile_source
from lineproof.ledger.tree import EMPTY_ROOT, HASH_SIZE, Frontier, leaf_hash, node_hash

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "MAX_LEAF_SIZE",
    "TILE_WIDTH",
    "Checkpoint",
    "Frontier",
    "HashSource",
    "Leaf",
    "LeafWriter",
    "Note",
    "SigningKey",
    "VerifierKey",
    "commit",
    "completed_tiles",
    "consistency_proof",
    "decode_leaf",
    "encode_leaf",
    "inclusion_proof",
    "leaf_hash",
    "leaf_source",
    "new_salt",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "origin_of",
    "sign_checkpoint",
    "sign_note",
    "tile_hashes",
    "tile_source",
    "verify_commitment",
    "verify_consistency",
    "verify_inclusion",
]
