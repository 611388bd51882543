"""Sets of people on their way from a recorded program to the ledger. No I/O.

A set is known by its content: SHA-256 over the sorted keyed hashes of its people (`model.subjects`). The
hashes themselves never stand in an event: they travel in a side file of the spool, encrypted, which is
removed once the set is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator

import msgspec

__all__ = ["SIDE_SUFFIX", "PeopleOf", "SetOfPeople", "open_side", "seal_side", "set_id", "side_key"]

SIDE_SUFFIX = ".people"  # of the side file, beside the spool of the same name
HASH_BYTES = 16

_LENGTH = 4  # bytes of the length before each record
_NONCE = 12
_KEY = b"lineproof side file 1"


class SetOfPeople(msgspec.Struct, frozen=True, tag="set"):
    """Some people of one space.

    Attributes:
        id: What it is known by.
        space: The space of their identifiers.
        hashes: Their keyed hashes, 16 bytes each, sorted, without repeats.
    """

    id: str
    space: str
    hashes: bytes


class PeopleOf(msgspec.Struct, frozen=True, tag="file"):
    """Which column of a file names people.

    Attributes:
        namespace: Of the dataset.
        name: Of the dataset.
        version: Its content, `sha256:<hex>`.
        path: Where it lay, absolute.
        column: The column.
        space: The space of its identifiers.
    """

    namespace: str
    name: str
    version: str
    path: str
    column: str
    space: str


_Record = SetOfPeople | PeopleOf


def set_id(hashes: Iterable[bytes]) -> tuple[str, bytes]:
    """Give what a set is known by, and its hashes in order as one."""
    joined = b"".join(sorted(set(hashes)))
    return f"set1:{hashlib.sha256(joined).hexdigest()}", joined


def side_key(subjects_key: str) -> bytes:
    """Give the key of side files; it follows from the key of people's hashes, 64 hex digits."""
    return hmac.digest(bytes.fromhex(subjects_key.strip()), _KEY, "sha256")


def seal_side(record: _Record, key: bytes) -> bytes:
    """Give one record of a side file: its length, and itself encrypted with AES-256-GCM."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only where people are declared

    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, msgspec.msgpack.encode(record), None)
    return len(sealed).to_bytes(_LENGTH, "big") + sealed


def open_side(content: bytes, key: bytes) -> Iterator[SetOfPeople | PeopleOf]:
    """Read the records of a side file; a torn last one never happened.

    Raises:
        ValueError: It was altered, or is not of this key.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only where people are declared

    at = 0
    while at + _LENGTH <= len(content):
        size = int.from_bytes(content[at : at + _LENGTH], "big")
        sealed = content[at + _LENGTH : at + _LENGTH + size]
        if len(sealed) < size:
            return
        try:
            body = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except InvalidTag:
            raise ValueError("a side file of people does not open with the ledger's key") from None
        yield msgspec.msgpack.decode(body, type=_Record)
        at += _LENGTH + size
