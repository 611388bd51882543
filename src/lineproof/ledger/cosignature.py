"""Cosignatures: a witness vouches that the log it saw at a time has only grown since it saw it last.

They are lines under the log's own signature. Source: C2SP tlog-cosignature, Ed25519.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import ClassVar

import msgspec

from lineproof.errors import NoteError
from lineproof.ledger.keyform import PrivateKey, PublicKey, encode_base64
from lineproof.ledger.note import split_note

__all__ = [
    "Cosignature",
    "CosigningKey",
    "WitnessKey",
    "add_cosignature",
    "demand_cosignatures",
    "open_cosignatures",
]

_TIME = Struct(">Q")
_DATA_SIZE = _TIME.size + 64
_LATEST = 1 << 53  # seconds since 1970; nothing later is exact in every JSON reader


class WitnessKey(PublicKey, frozen=True):
    """The public half of a witness's key."""

    kind: ClassVar[bytes] = b"\x04"
    title: ClassVar[str] = "key"
    what: ClassVar[str] = "one of a witness"

    def verify(self, text: str, data: bytes) -> int:
        """Check the data of a cosignature of a checkpoint's text; give the time that it states.

        Raises:
            NoteError: This key did not make it.
        """
        if len(data) != _DATA_SIZE:
            raise NoteError(f"the cosignature of {self.name} has not the length of one")
        (time,) = _TIME.unpack_from(data)
        if not self.signed(_message(text, time), data[_TIME.size :]):
            raise NoteError(f"the cosignature of {self.name} does not fit the checkpoint")
        return int(time)


class CosigningKey(PrivateKey[WitnessKey]):
    """A witness's key with its private half."""

    __slots__ = ()

    public_kind = WitnessKey
    title: ClassVar[str] = "the private key of a witness"

    def cosign(self, text: str, time: int) -> str:
        """Give the line to be put under a checkpoint. Whoever calls this vouches that the log has only grown.

        Args:
            text: The checkpoint's text, without signatures.
            time: Seconds since 1970.
        """
        data = self.verifier.key_id + _TIME.pack(time) + self._private.sign(_message(text, time))
        return f"— {self.name} {encode_base64(data)}\n"


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
