"""How a payload lies in the ledger once it is encrypted for a person.

    magic  6   0x89 "lpv" 0x01 0x0a: never the beginning of JSON, nor of any text in UTF-8
    slot   8   where the key lies, big-endian
    ref   16   `subject_ref` of the person, random
    nonce 12   of this payload alone
    rest       AES-256-GCM over the payload, with all of the above as associated data; its tag last

The commitment of the leaf covers these bytes as they are: the log verifies without any key, before and after
the key is destroyed.
"""

from __future__ import annotations

import os

import msgspec

from lineproof.errors import SealError

__all__ = ["HEADER", "MAGIC", "Sealed", "is_sealed", "read_header", "seal", "unseal"]

MAGIC = b"\x89lpv\x01\n"
_SLOT, _REF, _NONCE, _TAG = 8, 16, 12, 16
_NAMED = len(MAGIC) + _SLOT + _REF
HEADER = _NAMED + _NONCE


class Sealed(msgspec.Struct, frozen=True):
    """Whom a payload is encrypted for."""

    slot: int
    ref: bytes


def is_sealed(body: bytes) -> bool:
    """Tell whether a payload is encrypted for a person."""
    return body.startswith(MAGIC)


def read_header(body: bytes) -> Sealed:
    """Say whom a sealed payload is for.

    Raises:
        SealError: It is too short to be one.
    """
    if not is_sealed(body) or len(body) < HEADER + _TAG:
        raise SealError("a sealed payload is cut off")
    return Sealed(int.from_bytes(body[len(MAGIC) : len(MAGIC) + _SLOT], "big"), body[_NAMED - _REF : _NAMED])


def seal(payload: bytes, person: Sealed, key: bytes) -> bytes:
    """Encrypt a payload for a person, under their key of 32 bytes. Source: NIST SP 800-38D."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

    head = MAGIC + person.slot.to_bytes(_SLOT, "big") + person.ref + os.urandom(_NONCE)
    return head + AESGCM(key).encrypt(head[_NAMED:], payload, head)


def unseal(body: bytes, key: bytes) -> bytes:
    """Give the payload that was sealed.

    Raises:
        SealError: It was altered, or this is not the key.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - heavy

    read_header(body)
    try:
        return AESGCM(key).decrypt(body[_NAMED:HEADER], body[HEADER:], body[:HEADER])
    except InvalidTag:
        raise SealError("a sealed payload does not open with its person's key") from None
