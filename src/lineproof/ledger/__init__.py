"""The log as mathematics: leaves, commitments, tree, proofs, signed checkpoints. No SQL, no I/O."""

from lineproof.ledger.checkpoint import Checkpoint, open_checkpoint, origin_of, sign_checkpoint
from lineproof.ledger.commitment import commit, new_salt, verify_commitment
from lineproof.ledger.cosignature import (
    Cosignature,
    CosigningKey,
    WitnessKey,
    add_cosignature,
    demand_cosignatures,
    open_cosignatures,
)
from lineproof.ledger.entry_proof import PROOF_HEADER, EntryProof
from lineproof.ledger.history import check_extends
from lineproof.ledger.layout import (
    CHECKPOINT,
    bundle_path,
    decode_bundle,
    encode_bundle,
    partial_tiles,
    tile_path,
)
from lineproof.ledger.leaf import MAX_LEAF_SIZE, Leaf, LeafWriter, decode_leaf, encode_leaf
from lineproof.ledger.note import Note, SigningKey, VerifierKey, open_note, sign_note, split_note
from lineproof.ledger.proofs import (
    HashSource,
    consistency_proof,
    inclusion_proof,
    leaf_source,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from lineproof.ledger.rotation import endorse, key_chain
from lineproof.ledger.tiles import TILE_WIDTH, completed_tiles, grown_tiles, tile_hashes, tile_source
from lineproof.ledger.tree import EMPTY_ROOT, HASH_SIZE, Frontier, leaf_hash, node_hash

__all__ = [
    "CHECKPOINT",
    "EMPTY_ROOT",
    "HASH_SIZE",
    "MAX_LEAF_SIZE",
    "PROOF_HEADER",
    "TILE_WIDTH",
    "Checkpoint",
    "Cosignature",
    "CosigningKey",
    "EntryProof",
    "Frontier",
    "HashSource",
    "Leaf",
    "LeafWriter",
    "Note",
    "SigningKey",
    "VerifierKey",
    "WitnessKey",
    "add_cosignature",
    "bundle_path",
    "check_extends",
    "commit",
    "completed_tiles",
    "consistency_proof",
    "decode_bundle",
    "decode_leaf",
    "demand_cosignatures",
    "encode_bundle",
    "encode_leaf",
    "endorse",
    "grown_tiles",
    "inclusion_proof",
    "key_chain",
    "leaf_hash",
    "leaf_source",
    "new_salt",
    "node_hash",
    "open_checkpoint",
    "open_cosignatures",
    "open_note",
    "origin_of",
    "partial_tiles",
    "sign_checkpoint",
    "sign_note",
    "split_note",
    "tile_hashes",
    "tile_path",
    "tile_source",
    "tree_root",
    "verify_commitment",
    "verify_consistency",
    "verify_inclusion",
]
