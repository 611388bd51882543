"""Sets of people on their way from a recorded program to the ledger. No I/O.

A set is known by its content: SHA-256 over the sorted keyed hashes of its people (`model.subjects`). The
hashes themselves never stand in an event: they travel in a side file of the spool, encrypted, which is
removed once the set is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from lineproof.model.subjects import Subject

__all__ = [
    "SIDE_SUFFIX",
    "PeopleOf",
    "SetOfPeople",
    "forms_of",
    "open_side",
    "seal_side",
    "set_of_people",
    "side_key",
    "union",
]

SIDE_SUFFIX = ".people"  # of the side file, beside the spool of the same name
HASH_BYTES = 16

_PADDED = re.compile(r"0+([0-9]+)")
_LENGTH = 4  # bytes of the length before each record
_NONCE = 12
_KEY = b"lineproof side file 1"


class SetOfPeople(msgspec.Struct, frozen=True, tag="set"):
    """Some people of one space.

    Attributes:
        id: What it is known by.
        space: The space of their identifiers.
        hashes: Their keyed hashes, 16 bytes each, sorted, without repeats; two of who has two forms.
        people: How many they are.
    """

    id: str
    space: str
    hashes: bytes
    people: int


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


def forms_of(subject: Subject) -> tuple[Subject, ...]:
    """Give the forms in which data may name a person.

    `007` tells another person than `7` does, and yet a program that reads a table often makes `7` of it: who is
    looked for by either must be found where the other stands.
    """
    padded = _PADDED.fullmatch(subject.id)
    return (subject,) if padded is None else (subject, Subject(subject.space, padded[1]))


def set_of_people(space: str, people: Iterable[Collection[bytes]]) -> SetOfPeople:
    """Give the set of some people, each by the keyed hashes of their forms."""
    each = set(map(frozenset, people))
    joined = b"".join(sorted({one for forms in each for one in forms}))
    return SetOfPeople(f"set1:{hashlib.sha256(joined).hexdigest()}", space, joined, len(each))


def union(sets: Sequence[SetOfPeople]) -> SetOfPeople:
    """Give everybody in some sets of one space."""
    if len(sets) == 1:
        return sets[0]
    hashes = {
        one.hashes[at : at + HASH_BYTES] for one in sets for at in range(0, len(one.hashes), HASH_BYTES)
    }
    return set_of_people(sets[0].space, ((one,) for one in hashes))


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
