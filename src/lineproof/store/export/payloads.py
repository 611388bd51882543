"""Payloads beside an exported log: for each entry bundle a file of JSON lines, salt and payload of an entry each.

They are no part of tlog-tiles. A payload that is destroyed is in no line; the rest of the file is as it was.
"""

from __future__ import annotations

import base64
from typing import Annotated

import msgspec
from msgspec import Meta

from lineproof.errors import TileError
from lineproof.ledger import bundle_path

__all__ = ["ExportedPayload", "decode_payload", "encode_payload", "payload_path"]


class ExportedPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line.

    Attributes:
        entry: Number of the entry.
        salt: Of its commitment, 32 bytes; in base64, as the payload is.
        payload: The bytes as stored.
    """

    entry: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    salt: bytes
    payload: bytes


_decoder = msgspec.json.Decoder(ExportedPayload)


def payload_path(index: int) -> str:
    """Give the path of the payloads of entry bundle `index`; it grows with the bundle."""
    return bundle_path(index).replace("tile/entries", "payloads", 1) + ".jsonl"


def encode_payload(entry: int, salt: bytes, payload: bytes) -> bytes:
    """Write one line."""
    salted, body = base64.b64encode(salt), base64.b64encode(payload)
    return b'{"entry":%d,"salt":"%s","payload":"%s"}\n' % (entry, salted, body)


def decode_payload(line: bytes) -> ExportedPayload:
    """Read one line.

    Raises:
        TileError: It is not the one spelling of such a line.
    """
    try:
        read = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise TileError(f"not a line of payloads: {error}") from error
    if encode_payload(read.entry, read.salt, read.payload) != line:
        raise TileError("a line of payloads is not in its one spelling")
    return read
