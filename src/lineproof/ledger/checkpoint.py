"""Checkpoints: the log's signed word on its size and root.

Source: C2SP tlog-checkpoint. Extension lines are neither written nor accepted.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

import msgspec

from lineproof.errors import NoteError
from lineproof.ledger.note import SigningKey, VerifierKey, open_note, sign_note
from lineproof.ledger.tree import EMPTY_ROOT, HASH_SIZE

__all__ = ["Checkpoint", "open_checkpoint", "origin_of", "sign_checkpoint"]

_SIZE_LIMIT = 1 << 63
_BODY = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")


def origin_of(ledger: str) -> str:
    """Give the origin, and name of the key, of the ledger with this UUID."""
    return f"lineproof.local/{ledger}"


class Checkpoint(msgspec.Struct, frozen=True):
    """What a log says of itself.

    Attributes:
        origin: Which log.
        size: Number of leaves.
        root: Root hash, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the three lines of a checkpoint's text.

        Raises:
            NoteError: The text is not the one form of a checkpoint.
        """
        match = _BODY.fullmatch(text)
        if match is None:
            raise NoteError("not a checkpoint: it has three lines, origin, size and root")
        origin, size, root = match.groups()
        checkpoint = cls(origin, int(size), base64.b64decode(root))
        if checkpoint.text() != text:
            raise NoteError("the checkpoint's root is not canonical base64")
        return checkpoint

    def text(self) -> str:
        """Write the three lines.

        Raises:
            NoteError: A field cannot be that of a checkpoint.
        """
        if not self.origin or "\n" in self.origin or not 0 <= self.size < _SIZE_LIMIT:
            raise NoteError("a checkpoint has an origin of one line and a size from 0 to 2**63 - 1")
        if len(self.root) != HASH_SIZE or (self.size == 0 and self.root != EMPTY_ROOT):
            raise NoteError("the root is not one of a tree of that size")
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Write a checkpoint as a note signed by the log's key.

    Whoever calls this vouches that the tree extends every tree signed before.

    Raises:
        NoteError: The key is not named after the log.
    """
    if key.name != checkpoint.origin:
        raise NoteError(f"the key {key.name} does not sign for the log {checkpoint.origin}")
    return sign_note(checkpoint.text(), [key])


def open_checkpoint(note: str | bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Check a signed checkpoint and give what it says.

    Args:
        note: The signed note.
        keys: The keys that are trusted; the log's own is among them.

    Raises:
        NoteError: The note or the checkpoint in it does not hold, or no trusted key that is named
            after the log signed it.
    """
    opened = open_note(note, keys)
    checkpoint = Checkpoint.parse(opened.text)
    if all(key.name != checkpoint.origin for key in opened.verified):
        raise NoteError(f"no trusted key of the log {checkpoint.origin} signed its checkpoint")
    return checkpoint
