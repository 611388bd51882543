"""Signed notes: text with Ed25519 signatures beneath it, and the keys that make and check them.

Source: C2SP signed-note; the text form of private keys is that of golang.org/x/mod/sumdb/note.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from lineproof.errors import NoteError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "Note",
    "SigningKey",
    "VerifierKey",
    "decode_base64",
    "encode_base64",
    "load_private",
    "open_note",
    "require_name",
    "sign_note",
    "split_key",
    "split_note",
]

_ED25519 = b"\x01"
_KEY_SIZE = 32
_ID_SIZE = 4
_PRIVATE = "PRIVATE+KEY+"
_DASH = "— "  # em dash and space start a signature line
_MAX_SIZE = 1_000_000  # bytes
_MAX_SIGNATURES = 100


class VerifierKey(msgspec.Struct, frozen=True):
    """The public half of a key with its name; written `name+id+base64`.

    Attributes:
        name: Who signs with it; for a log its origin.
        public: Ed25519 public key, 32 bytes.
    """

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key.

        Raises:
            NoteError: The text is not the one form of an Ed25519 verifier key.
        """
        # 1. Three parts: name, id, key data; only the last may hold a plus.
        name, key_id, data = split_key(text)
        # 2. The key data must be an Ed25519 key under a usable name.
        key = cls(name, _key_bytes(data))
        # 3. Writing it again must give the same text: id, letter case and base64 are then right.
        if str(key) != text:
            raise NoteError(f"the verifier key of {name} does not fit its id {key_id}")
        return key

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature names its key by; they hint, they do not identify."""
        return self._digest()[:_ID_SIZE]

    @property
    def fingerprint(self) -> str:
        """The digest to compare by another way, `sha256:` and 64 hex digits; starts with the id."""
        return f"sha256:{self._digest().hex()}"

    def __str__(self) -> str:
        """Write the key as `name+id+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_ED25519 + self.public)}"

    def verify(self, text: str, signature: bytes) -> None:
        """Check the 64-byte Ed25519 signature of a text.

        Raises:
            NoteError: This key did not sign this text.
        """
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy; only who verifies pays
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - same

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the signature of {self.name} does not fit the text") from error

    def _digest(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()


class SigningKey:
    """A key with its private half. Its text form is a secret; `repr` does not show it.

    Attributes:
        verifier: The public half.
    """

    __slots__ = ("_private", "_seed", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        require_name(name)
        self._seed = seed
        self._private = load_private(seed)
        self.verifier = VerifierKey(name, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """Make a new key of this name.

        Raises:
            NoteError: The name is empty or holds a space, a plus or a control character.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read what `export` gave; one newline at the end is allowed.

        Raises:
            NoteError: The text is not the one form of an Ed25519 private key. No part of it is
                repeated in the message.
        """
        if type(text) is not str or not text.startswith(_PRIVATE):
            raise NoteError("not a private note key")
        text = text.removesuffix("\n")
        name, _, data = split_key(text.removeprefix(_PRIVATE))
        key = cls(name, _key_bytes(data))
        if key.export() != text:
            raise NoteError("the private key does not fit its id")
        return key

    @property
    def name(self) -> str:
        """Who signs with it."""
        return self.verifier.name

    def export(self) -> str:
        """Write the private key as `PRIVATE+KEY+name+id+base64`: a secret."""
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{encode_base64(_ED25519 + self._seed)}"

    def sign(self, text: str) -> bytes:
        """Give the 64-byte Ed25519 signature of a text."""
        return self._private.sign(text.encode())

    def __repr__(self) -> str:
        return f"<SigningKey {self.verifier}>"


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
    _require_text(text)
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
    _require_text(note)
    return note


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Read a signature line into name, key id and signature."""
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError("a signature line is malformed")
    require_name(name)
    data = decode_base64(encoded)
    if len(data) <= _ID_SIZE:
        raise NoteError("a signature line is malformed")
    return name, data[:_ID_SIZE], data[_ID_SIZE:]


def split_key(text: object) -> tuple[str, str, str]:
    """Take the text form of a key apart: name, id, data."""
    if type(text) is not str or text.count("+") < 2:  # noqa: PLR2004 - name, id and data have two plus signs between them
        raise NoteError("a key has the form name+id+data")
    name, key_id, data = text.split("+", 2)
    require_name(name)
    return name, key_id, data


def _key_bytes(data: str) -> bytes:
    decoded = decode_base64(data)
    if decoded[:1] != _ED25519 or len(decoded) != 1 + _KEY_SIZE:
        raise NoteError("the key is not an Ed25519 key")
    return decoded[1:]


def load_private(seed: object) -> Ed25519PrivateKey:
    """Make the private key of 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

    if type(seed) is not bytes or len(seed) != _KEY_SIZE:
        raise NoteError(f"a private key is made from {_KEY_SIZE} bytes")
    return Ed25519PrivateKey.from_private_bytes(seed)


def require_name(name: object) -> None:
    """Refuse a name that no key can have."""
    if type(name) is not str or not name or any(c.isspace() or c == "+" for c in name):
        raise NoteError("a key's name is not empty and holds no space and no plus")
    _require_text(name)


def _require_text(text: object) -> None:
    if type(text) is not str or any(c < " " and c != "\n" for c in text):
        raise NoteError("a note is text without control characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NoteError("a note is text that UTF-8 can carry") from error


def encode_base64(data: bytes) -> str:
    """Write bytes in canonical base64."""
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes:
    """Decode the one canonical base64 form of some bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError("not base64") from error
    if encode_base64(data) != text:
        raise NoteError("not canonical base64")
    return data
