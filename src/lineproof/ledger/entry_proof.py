"""The proof that one entry is in the log, as a text of its own that needs no log to be checked.

Source: C2SP tlog-proof.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

import msgspec

from lineproof.errors import ProofError
from lineproof.ledger.checkpoint import Checkpoint, open_checkpoint
from lineproof.ledger.note import VerifierKey
from lineproof.ledger.proofs import verify_inclusion
from lineproof.ledger.tree import HASH_SIZE, leaf_hash

__all__ = ["PROOF_HEADER", "EntryProof"]

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_EXTRA = "extra "
_MOST_HASHES = 63  # of a tree with fewer than 2**63 leaves


class EntryProof(msgspec.Struct, frozen=True):
    """A `.tlog-proof` file.

    Attributes:
        index: Number of the entry.
        hashes: Inclusion proof, from the leaf upwards.
        checkpoint: Signed note that the proof leads to.
        extra: What the application adds. Nothing in it is proved by being there.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    @classmethod
    def parse(cls, text: str) -> EntryProof:
        """Read a proof; nothing is checked yet but its form.

        Raises:
            ProofError: The text is not the one form of such a proof.
        """
        # 1. The first empty line parts proof and checkpoint.
        head, parted, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != PROOF_HEADER or not parted:
            raise ProofError(f"not a tlog-proof: it starts with {PROOF_HEADER} and ends with a checkpoint")
        # 2. An optional line with extra data, the index, a hash a line.
        extra = b""
        if lines and lines[0].startswith(_EXTRA):
            extra = _decoded(lines.pop(0).removeprefix(_EXTRA))
        index = _INDEX.fullmatch(lines[0]) if lines else None
        if index is None or len(lines) - 1 > _MOST_HASHES:
            raise ProofError("the tlog-proof has no index, or more hashes than any tree is high")
        hashes = tuple(_decoded(line) for line in lines[1:])
        # 3. Writing it again must give the same text.
        proof = cls(int(index[1]), hashes, checkpoint, extra)
        if any(len(one) != HASH_SIZE for one in hashes) or proof.text() != text:
            raise ProofError("the tlog-proof is not in its one spelling")
        return proof

    def text(self) -> str:
        """Write the proof."""
        lines = [PROOF_HEADER]
        lines += [_EXTRA + base64.b64encode(self.extra).decode()] if self.extra else []
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(one).decode() for one in self.hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    def verify(self, entry: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
        """Check that an entry is in the log, and give the checkpoint that says so.

        Args:
            entry: The bytes that are hashed into the tree; here a leaf.
            keys: The keys that are trusted to sign for the log.

        Raises:
            NoteError: None of the keys signed the checkpoint.
            ProofError: The proof does not lead from the entry to the signed root.
        """
        checkpoint = open_checkpoint(self.checkpoint, keys)
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, list(self.hashes), checkpoint.root)
        return checkpoint


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ProofError("a line of the tlog-proof is not base64") from error
