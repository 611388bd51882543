"""Ed25519 keys with a name, in their one text form; what they sign is for those who build on them.

Source: C2SP signed-note; the text form of private keys is that of golang.org/x/mod/sumdb/note.
"""

from __future__ import annotations

import base64
import hashlib
from typing import ClassVar, Generic, Self, TypeVar, cast

import msgspec

from lineproof.errors import NoteError

__all__ = [
    "ID_SIZE",
    "PrivateKey",
    "PublicKey",
    "decode_base64",
    "encode_base64",
    "require_name",
    "require_text",
]

ID_SIZE = 4
_KEY_SIZE = 32
_PRIVATE = "PRIVATE+KEY+"

Public = TypeVar("Public", bound="PublicKey")


class PublicKey(msgspec.Struct, frozen=True):
    """The public half of a key with its name; written `name+id+base64`.

    Attributes:
        name: Who signs with it; for a log its origin.
        public: Ed25519 public key, 32 bytes.
    """

    kind: ClassVar[bytes]  # first byte of the key data: what its signatures are of
    title: ClassVar[str]  # in messages: the key
    what: ClassVar[str]  # in messages: what it is

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key.

        Raises:
            NoteError: The text is not the one form of such a key.
        """
        # 1. Three parts: name, id, key data; only the last may hold a plus.
        name, key_id, data = _split(text)
        # 2. The key data must be a key of this kind under a usable name.
        key = cls(name, _key_bytes(data, cls))
        # 3. Writing it again must give the same text: id, letter case and base64 are then right.
        if str(key) != text:
            raise NoteError(f"the {cls.title} of {name} does not fit its id {key_id}")
        return key

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature names its key by; they hint, they do not identify."""
        return self._digest()[:ID_SIZE]

    @property
    def fingerprint(self) -> str:
        """The digest to compare by another way, `sha256:` and 64 hex digits; starts with the id."""
        return f"sha256:{self._digest().hex()}"

    def __str__(self) -> str:
        """Write the key as `name+id+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self.kind + self.public)}"

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether this key made the 64-byte Ed25519 signature of a message."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy; only who verifies pays
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - same

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _digest(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()


class PrivateKey(Generic[Public]):
    """A key with its private half. Its text form is a secret; `repr` does not show it.

    Attributes:
        verifier: The public half.
    """

    __slots__ = ("_private", "_seed", "verifier")

    public_kind: ClassVar[type[PublicKey]]
    title: ClassVar[str]  # in messages

    def __init__(self, name: str, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

        require_name(name)
        if type(seed) is not bytes or len(seed) != _KEY_SIZE:
            raise NoteError(f"a private key is made from {_KEY_SIZE} bytes")
        self._seed = seed
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self.public_kind(name, self._private.public_key().public_bytes_raw())
        self.verifier: Public = cast("Public", public)

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a new key of this name.

        Raises:
            NoteError: The name is empty or holds a space, a plus or a control character.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `export` gave; one newline at the end is allowed.

        Raises:
            NoteError: The text is not the one form of such a key. No part of it is repeated in the message.
        """
        if type(text) is not str or not text.startswith(_PRIVATE):
            raise NoteError(f"not {cls.title}")
        text = text.removesuffix("\n")
        name, _, data = _split(text.removeprefix(_PRIVATE))
        key = cls(name, _key_bytes(data, cls.public_kind))
        if key.export() != text:
            raise NoteError("the private key does not fit its id")
        return key

    @property
    def name(self) -> str:
        """Who signs with it."""
        return self.verifier.name

    def export(self) -> str:
        """Write the private key as `PRIVATE+KEY+name+id+base64`: a secret."""
        data = encode_base64(self.public_kind.kind + self._seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{data}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.verifier}>"


def require_name(name: object) -> None:
    """Refuse a name that no key can have."""
    if type(name) is not str or not name or any(c.isspace() or c == "+" for c in name):
        raise NoteError("a key's name is not empty and holds no space and no plus")
    require_text(name)


def require_text(text: object) -> None:
    """Refuse what no note can hold."""
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


def _split(text: object) -> tuple[str, str, str]:
    """Take the text form of a key apart: name, id, data."""
    if type(text) is not str or text.count("+") < 2:  # noqa: PLR2004 - name, id and data have two plus signs between them
        raise NoteError("a key has the form name+id+data")
    name, key_id, data = text.split("+", 2)
    require_name(name)
    return name, key_id, data


def _key_bytes(data: str, kind: type[PublicKey]) -> bytes:
    decoded = decode_base64(data)
    if decoded[:1] != kind.kind or len(decoded) != 1 + _KEY_SIZE:
        raise NoteError(f"the key is not {kind.what}")
    return decoded[1:]
