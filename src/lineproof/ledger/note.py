"""Signed notes: text with Ed25519 signatures beneath it, and the keys that make and check them.

Source: C2SP signed-note.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from lineproof.errors import NoteError
from lineproof.ledger.keyform import (
    ID_SIZE,
    PrivateKey,
    PublicKey,
    decode_base64,
    encode_base64,
    require_name,
    require_text,
)

__all__ = ["Note", "SigningKey", "VerifierKey", "open_note", "sign_note", "split_note"]

_DASH = "— "  # em dash and space start a signature line
_MAX_SIZE = 1_000_000  # bytes
_MAX_SIGNATURES = 100


class VerifierKey(PublicKey, frozen=True):
    """The public half of a key that signs notes, such as the checkpoints of a log."""

    kind: ClassVar[bytes] = b"\x01"
    title: ClassVar[str] = "verifier key"
    what: ClassVar[str] = "an Ed25519 key"

    def verify(self, text: str, signature: bytes) -> None:
        """Check the 64-byte Ed25519 signature of a text.

        Raises:
            NoteError: This key did not sign this text.
        """
        if not self.signed(text.encode(), signature):
            raise NoteError(f"the signature of {self.name} does not fit the text")


class SigningKey(PrivateKey[VerifierKey]):
    """A key that signs notes."""

    __slots__ = ()

    public_kind = VerifierKey
    title: ClassVar[str] = "a private note key"

    def sign(self, text: str) -> bytes:
        """Give the 64-byte Ed25519 signature of a text."""
        return self._private.sign(text.encode())


class Note(msgspec.Struct, frozen=True):
    """An opened note.

    Attributes:
        text: What was signed, newline at the end included.
        verified: The given keys whose signatures hold, in the note's order; at least one.
    """

    text: str
    verified: tuple[VerifierKey, ...]


def sign_note(text: str, keys: Sequence[SigningKey]) -> str:
    """Write a note signed by all these keys.

    Raises:
        NoteError: The text does not end in a newline or holds control characters, or there is no key.
    """
    require_text(text)
    if not text.endswith("\n"):
        raise NoteError("the text of a note ends in a newline")
    if not keys:
        raise NoteError("a note needs a signature")
    lines = [f"{_DASH}{key.name} {encode_base64(key.verifier.key_id + key.sign(text))}\n" for key in keys]
    return text + "\n" + "".join(lines)


def open_note(note: str | bytes, keys: Sequence[VerifierKey]) -> Note:
    """Check a note and give what it says.

    Args:
        note: The note, as text or as UTF-8 bytes.
        keys: The keys that are trusted.

    Raises:
        NoteError: The note is malformed, a trusted key's signature does not hold, or no trusted key
            signed it. Signatures by other keys are ignored.

    Source: C2SP signed-note, section "Signatures"; golang.org/x/mod/sumdb/note, Open.
    """
    # 1. Take it apart; every signature line must be well-formed, whoever signed.
    text, signatures = split_note(note)
    # 2. Those of trusted keys must hold, each one; those of others are passed over.
    trusted = _by_hint(keys)
    verified: list[VerifierKey] = []
    for name, key_id, signature in signatures:
        key = trusted.get((name, key_id))
        if key is None or key in verified:
            continue
        key.verify(text, signature)
        verified.append(key)
    # 3. Without one that holds the text is nobody's word.
    if not verified:
        raise NoteError("no trusted key signed the note")
    return Note(text, tuple(verified))


def split_note(note: str | bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Take a note apart: its text, and name, key id and data of each signature line; no signature is checked.

    Raises:
        NoteError: The note is malformed.
    """
    # 1. Refuse what is not a note at all: size, encoding, control characters.
    message = _note_text(note)
    # 2. The last empty line parts text and signatures; each keeps its final newline.
    head, parted, tail = message.rpartition("\n\n")
    if not parted or not tail.endswith("\n"):
        raise NoteError("the note has no signatures")
    # 3. Every signature line must be well-formed, whoever signed.
    signatures = [_signature(line) for line in tail[:-1].split("\n")]
    if len(signatures) > _MAX_SIGNATURES:
        raise NoteError(f"the note has more than {_MAX_SIGNATURES} signatures")
    return head + "\n", signatures


def _by_hint(keys: Sequence[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    """Index keys by what a signature line names; two keys under one hint could stand in for each other."""
    by_hint = {(key.name, key.key_id): key for key in keys}
    if len(by_hint) != len(set(keys)):
        raise NoteError("two trusted keys share one name and one id")
    return by_hint


def _note_text(note: object) -> str:
    if type(note) is bytes and len(note) <= _MAX_SIZE:
        try:
            note = note.decode()
        except UnicodeDecodeError as error:
            raise NoteError("the note is not UTF-8") from error
    if type(note) is not str or len(note) > _MAX_SIZE:
        raise NoteError(f"a note is text of at most {_MAX_SIZE} bytes")
    require_text(note)
    return note


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Read a signature line into name, key id and signature."""
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError("a signature line is malformed")
    require_name(name)
    data = decode_base64(encoded)
    if len(data) <= ID_SIZE:
        raise NoteError("a signature line is malformed")
    return name, data[:ID_SIZE], data[ID_SIZE:]
