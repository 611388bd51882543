"""The leaf of an entry: a small header in canonical JSON (RFC 8785) that is hashed into the tree.

Every field has a form without escapes and without personal content: identifiers, a time, a number,
a commitment. The bytes are therefore canonical by construction, and nothing in them ever needs to
be forgotten.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from lineproof.errors import LeafError
from lineproof.model.entries import EntryType

__all__ = ["MAX_LEAF_SIZE", "Leaf", "decode_leaf", "encode_leaf"]

MAX_LEAF_SIZE = 4096  # bytes

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
_LARGEST_EXACT = 2**53 - 1  # larger integers are not exact in every JSON reader


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the tree knows of an entry. Fields stand in the order of canonical JSON.

    Attributes:
        commitment: HMAC-SHA256 of the payload under its salt, 64 hex digits.
        id: UUIDv7 of the entry.
        ledger: UUID of the ledger, so that a leaf belongs to one ledger only.
        principal: Random reference of who appended it, `principal:UUID`.
        recorded: When it was appended, RFC 3339 in UTC with microseconds. Says nothing about order.
        size: Length of the payload in bytes.
        type: Entry type.
        v: Version of this format.
    """

    commitment: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    id: Annotated[str, Meta(pattern=rf"\A{_UUID7}\Z")]
    ledger: Annotated[str, Meta(pattern=rf"\A{_UUID}\Z")]
    principal: Annotated[str, Meta(pattern=rf"\Aprincipal:{_UUID}\Z")]
    recorded: Annotated[str, Meta(pattern=rf"\A{_TIME}\Z")]
    size: Annotated[int, Meta(ge=0, le=_LARGEST_EXACT)]
    type: EntryType
    v: Literal[1] = 1


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Leaf)


def encode_leaf(leaf: Leaf) -> bytes:
    """Give the canonical bytes of a leaf: what is stored and hashed.

    Raises:
        LeafError: A field does not have its form. Nothing malformed may enter the log, where it
            would stay.
    """
    try:
        data = _encoder.encode(leaf)
    except (TypeError, ValueError, OverflowError, UnicodeError) as error:
        raise LeafError(f"not a leaf: {error}") from error
    decode_leaf(data)
    return data


def decode_leaf(data: bytes) -> Leaf:
    """Read a leaf.

    Raises:
        LeafError: The bytes are not the canonical form of a leaf.
    """
    # 1. Refuse what is too long before reading it.
    if type(data) is not bytes or len(data) > MAX_LEAF_SIZE:
        raise LeafError(f"a leaf is at most {MAX_LEAF_SIZE} bytes")
    # 2. Every field must be there, no other, each in its form; the time must be one that exists.
    try:
        leaf = _decoder.decode(data)
        datetime.fromisoformat(leaf.recorded)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise LeafError(f"not a leaf: {error}") from error
    # 3. Two spellings of one leaf would be two hashes: only the canonical one is a leaf.
    if _encoder.encode(leaf) != data:
        raise LeafError("the leaf is not canonical JSON (RFC 8785)")
    return leaf
