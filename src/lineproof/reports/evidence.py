"""The evidence block: the cited entries with what it takes to check them, and the signed checkpoint."""

from __future__ import annotations

import base64
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from lineproof.errors import NotAReportError
from lineproof.store.keyring import StatedKey

__all__ = [
    "CitedEntry",
    "Evidence",
    "Format",
    "LeftOut",
    "decode_evidence",
    "encode_evidence",
    "from_base64",
    "to_base64",
]

_Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Format(StrEnum):
    """What a report can be written as."""

    HTML = "html"
    JSON = "json"


class LeftOut(StrEnum):
    """Why a payload is not in the file."""

    DESTROYED = "destroyed"  # it is nowhere any more
    SIZE = "size"  # it is in the ledger


class CitedEntry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One entry of the log.

    Attributes:
        entry: Its number.
        leaf: The exact bytes of the leaf, which are ASCII.
        proof: Inclusion proof to the checkpoint, each hash in base64.
        salt: Key of the commitment in base64, and
        payload: what it commits to; both None where `left_out` says why.
    """

    entry: _Number
    leaf: str
    proof: tuple[str, ...]
    salt: str | None = None
    payload: str | None = None
    left_out: LeftOut | None = None


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Everything that shows what a report rests on.

    Attributes:
        v: Version of this form.
        key: Verifier key of the log, `name+id+base64`.
        checkpoint: Signed note.
        report: Number of the entry that records this very report.
        entries: In order of their numbers.
        keys: Of a log whose key was rotated: its keys up to this one, each with the endorsement by the one
            before, so that whoever has an old one can follow them.
    """

    v: Annotated[int, Meta(ge=1, le=1)]
    key: str
    checkpoint: str
    report: _Number
    entries: tuple[CitedEntry, ...]
    keys: tuple[StatedKey, ...] = ()


def encode_evidence(evidence: Evidence) -> bytes:
    """Write evidence: JSON without white space in which no `<` stands, so that it can lie in HTML."""
    return msgspec.json.encode(evidence).replace(b"<", b"\\u003c")


def decode_evidence(data: bytes) -> Evidence:
    """Read evidence.

    Raises:
        NotAReportError: The bytes are none.
    """
    try:
        return msgspec.json.decode(data, type=Evidence)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotAReportError(f"its evidence cannot be read: {error}") from error


def to_base64(data: bytes) -> str:
    """Write bytes in standard base64."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Read bytes from their one spelling in standard base64.

    Raises:
        NotAReportError: The text is another spelling, or none.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NotAReportError("not base64") from error
    if to_base64(data) != text:
        raise NotAReportError("not canonical base64")
    return data
