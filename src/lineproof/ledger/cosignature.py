"""Cosignatures: a witness vouches that the log it saw at a time has only grown since it saw it last.

They are lines under the log's own signature. Source: C2SP tlog-cosignature, Ed25519.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from struct import Struct

import msgspec

from lineproof.errors import NoteError
from lineproof.ledger.note import (
    decode_base64,
    encode_base64,
    load_private,
    require_name,
    split_key,
    split_note,
)

__all__ = [
    "Cosignature",
    "CosigningKey",
    "WitnessKey",
    "add_cosignature",
    "demand_cosignatures",
    "open_cosignatures",
]

_TYPE = b"\x04"
_KEY_SIZE = 32
_ID_SIZE = 4
_PRIVATE = "PRIVATE+KEY+"
_TIME = Struct(">Q")
_DATA_SIZE = _TIME.size + 64
_LATEST = 1 << 53  # seconds since 1970; nothing later is exact in every JSON reader


class WitnessKey(msgspec.Struct, frozen=True):
    """The public half of a witness's key with its name; written `name+id+base64`.

    Attributes:
        name: Of the witness.
        public: Ed25519 public key, 32 bytes.
    """

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> WitnessKey:
        """Read a witness's key.

        Raises:
            NoteError: The text is not the one form of such a key.
        """
        name, _, data = split_key(text)
        key = cls(name, _key_bytes(data))
        if str(key) != text:
            raise NoteError(f"the key of {name} does not fit its id")
        return key

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature names its key by."""
        return hashlib.sha256(self.name.encode() + b"\n" + _TYPE + self.public).digest()[:_ID_SIZE]

    def __str__(self) -> str:
        """Write the key as `name+id+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_TYPE + self.public)}"

    def verify(self, text: str, data: bytes) -> int:
        """Check the data of a cosignature of a checkpoint's text; give the time that it states.

        Raises:
            NoteError: This key did not make it.
        """
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy; only who verifies pays
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - same

        if len(data) != _DATA_SIZE:
            raise NoteError(f"the cosignature of {self.name} has not the length of one")
        (time,) = _TIME.unpack_from(data)
        try:
            public = Ed25519PublicKey.from_public_bytes(self.public)
            public.verify(data[_TIME.size :], _message(text, time))
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"the cosignature of {self.name} does not fit the checkpoint") from error
        return int(time)


class CosigningKey:
    """A witness's key with its private half. Its text form is a secret; `repr` does not show it.

    Attributes:
        verifier: The public half.
    """

    __slots__ = ("_private", "_seed", "verifier")

    def __init__(self, name: str, seed: bytes) -> None:
        require_name(name)
        self._seed = seed
        self._private = load_private(seed)
        self.verifier = WitnessKey(name, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> CosigningKey:
        """Make a new key of this name.

        Raises:
            NoteError: The name is empty or holds a space, a plus or a control character.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> CosigningKey:
        """Read what `export` gave; one newline at the end is allowed.

        Raises:
            NoteError: The text is not the one form of such a key. No part of it is repeated in the message.
        """
        if type(text) is not str or not text.startswith(_PRIVATE):
            raise NoteError("not the private key of a witness")
        text = text.removesuffix("\n")
        name, _, data = split_key(text.removeprefix(_PRIVATE))
        key = cls(name, _key_bytes(data))
        if key.export() != text:
            raise NoteError("the private key does not fit its id")
        return key

    def export(self) -> str:
        """Write the private key as `PRIVATE+KEY+name+id+base64`: a secret."""
        name, key_id = self.verifier.name, self.verifier.key_id.hex()
        return f"{_PRIVATE}{name}+{key_id}+{encode_base64(_TYPE + self._seed)}"

    def cosign(self, text: str, time: int) -> str:
        """Give the line to be put under a checkpoint. Whoever calls this vouches that the log has only grown.

        Args:
            text: The checkpoint's text, without signatures.
            time: Seconds since 1970.
        """
        data = self.verifier.key_id + _TIME.pack(time) + self._private.sign(_message(text, time))
        return f"— {self.verifier.name} {encode_base64(data)}\n"

    def __repr__(self) -> str:
        return f"<CosigningKey {self.verifier}>"


class Cosignature(msgspec.Struct, frozen=True):
    """A cosignature that holds.

    Attributes:
        witness: Whose it is.
        time: When the witness saw the checkpoint, seconds since 1970, as it says.
    """

    witness: WitnessKey
    time: int


def open_cosignatures(note: str | bytes, keys: Sequence[WitnessKey]) -> list[Cosignature]:
    """Give the cosignatures of known witnesses under a note; the newest of each.

    Raises:
        NoteError: The note is malformed, or a cosignature that names one of these keys does not hold.
    """
    text, signatures = split_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    newest: dict[WitnessKey, int] = {}
    for name, key_id, data in signatures:
        key = known.get((name, key_id))
        if key is not None:
            newest[key] = max(newest.get(key, 0), key.verify(text, data))
    return [Cosignature(key, time) for key, time in newest.items()]


def demand_cosignatures(note: str | bytes, keys: Sequence[WitnessKey], quorum: int) -> list[Cosignature]:
    """Demand that so many of the known witnesses cosigned; give their cosignatures.

    Raises:
        NoteError: Fewer did, or the note or one of these cosignatures does not hold.
    """
    found = open_cosignatures(note, keys)
    if len(found) < quorum:
        names = ", ".join(one.witness.name for one in found) or "none"
        raise NoteError(f"{len(found)} of {len(set(keys))} known witnesses cosigned ({names}), not {quorum}")
    return found


def add_cosignature(note: str, line: str) -> str:
    """Put a cosignature under a note, in place of an older one by the same key.

    Raises:
        NoteError: The note or the line is malformed.
    """
    text, _ = split_note(note)
    _, ((name, key_id, _),) = split_note(f"{text}\n{line}")
    head, _, tail = note.rpartition("\n\n")
    kept = [
        old
        for old in tail.splitlines(keepends=True)
        if split_note(f"{text}\n{old}")[1][0][:2] != (name, key_id)
    ]
    return f"{head}\n\n{''.join(kept)}{line}"


def _message(text: str, time: int) -> bytes:
    if not 0 <= time < _LATEST:
        raise NoteError("a cosignature states no such time")
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _key_bytes(data: str) -> bytes:
    decoded = decode_base64(data)
    if decoded[:1] != _TYPE or len(decoded) != 1 + _KEY_SIZE:
        raise NoteError("the key is not one of a witness")
    return decoded[1:]
