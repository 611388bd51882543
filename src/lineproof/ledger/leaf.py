"""The leaf of an entry: a small header in canonical JSON (RFC 8785) that is hashed into the tree.

Every field has a form without escapes and without personal content: identifiers, a time, a number,
a commitment. The bytes are therefore canonical by construction, and nothing in them ever needs to
be forgotten.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from lineproof.errors import LeafError
from lineproof.model.entries import EntryType

__all__ = ["MAX_LEAF_SIZE", "Leaf", "LeafWriter", "decode_leaf", "encode_leaf"]

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


_COMMITMENT_FORM = re.compile(r"[0-9a-f]{64}")
_UUID7_FORM = re.compile(_UUID7)
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


class LeafWriter:
    """Writes leaves of entries that are appended together: what they share is checked once.

    Args:
        ledger: UUID of the ledger.
        principal: Reference of who appends.
        recorded: When.

    Raises:
        LeafError: One of them does not have its form.
    """

    __slots__ = ("_shared",)

    def __init__(self, ledger: str, principal: str, recorded: str) -> None:
        sample = Leaf(
            commitment="0" * 64,
            id="00000000-0000-7000-8000-000000000000",
            ledger=ledger,
            principal=principal,
            recorded=recorded,
            size=0,
            type=EntryType.KEY,
        )
        encode_leaf(sample)
        self._shared = f'"ledger":"{ledger}","principal":"{principal}","recorded":"{recorded}"'

    def write(self, *, commitment: str, id: str, size: int, type: EntryType) -> bytes:  # noqa: A002 - the fields' names
        """Give the bytes that `encode_leaf` would give.

        Raises:
            LeafError: A field does not have its form.
        """
        # 1. Everything that goes into the text has a form without escapes, or is refused.
        # 2. The text is canonical because the keys stand in order and nothing else is written.
        if _COMMITMENT_FORM.fullmatch(commitment) is None or _UUID7_FORM.fullmatch(id) is None:
            raise LeafError(f"not a leaf: the id {id!r} is no UUIDv7, or the commitment no 64 hex digits")
        if not isinstance(type, EntryType) or not 0 <= size <= _LARGEST_EXACT:
            raise LeafError(f"not a leaf: type {type!r}, size {size!r}")
        return (
            f'{{"commitment":"{commitment}","id":"{id}",{self._shared},"size":{size:d},"type":"{type}","v":1}}'
        ).encode()
