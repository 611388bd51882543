"""Salted commitments: a leaf binds a payload without saying anything about it.

Without the salt nobody can test a guess against the commitment, so that destroying salt and payload
forgets both.
"""

from __future__ import annotations

import hmac
import os

from lineproof.errors import CommitmentError

__all__ = ["SALT_SIZE", "commit", "new_salt", "verify_commitment"]

SALT_SIZE = 32


def new_salt() -> bytes:
    """Draw the 32 random bytes for one payload; a salt is never used twice."""
    return os.urandom(SALT_SIZE)


def commit(salt: bytes, payload: bytes) -> str:
    """Commit to a payload.

    Args:
        salt: 32 random bytes of this payload alone.
        payload: The bytes exactly as stored.

    Returns:
        HMAC-SHA256 with the salt as key, 64 lowercase hex digits, as a leaf carries it.

    Raises:
        CommitmentError: The salt is not 32 bytes.
    """
    if type(salt) is not bytes or len(salt) != SALT_SIZE:
        raise CommitmentError(f"a salt has {SALT_SIZE} bytes")
    return hmac.digest(salt, payload, "sha256").hex()


def verify_commitment(commitment: str, salt: bytes, payload: bytes) -> None:
    """Check that a payload is the one that was committed to.

    Args:
        commitment: What the leaf carries.
        salt: The salt stored with the payload.
        payload: The bytes as stored.

    Raises:
        CommitmentError: It is another payload, another salt, or not a commitment at all.
    """
    # 1. Refuse what cannot be a commitment; the two texts compared are then of one kind.
    if type(commitment) is not str or not commitment.isascii():
        raise CommitmentError("a commitment is hex text")
    if type(payload) is not bytes:
        raise CommitmentError("a payload is bytes")
    # 2. Compute it anew, compare in constant time.
    if not hmac.compare_digest(commit(salt, payload), commitment):
        raise CommitmentError("the payload is not the one its leaf commits to")
