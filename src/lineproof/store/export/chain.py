"""The keys of an exported log, so that whoever has an old one can follow the log to the present one."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from lineproof.ledger import VerifierKey, key_chain
from lineproof.store.keyring import StatedKey

__all__ = ["CHAIN_FILE", "chain_from", "encode_stated"]

CHAIN_FILE = "keys.jsonl"


def encode_stated(stated: StatedKey) -> bytes:
    """Write one line."""
    return msgspec.json.encode(stated) + b"\n"


def chain_from(data: bytes, trusted: VerifierKey) -> list[VerifierKey]:
    """Give the keys that trust in one of them reaches, the present one last.

    Nothing in the file is believed that an earlier key has not signed.
    """
    stated = []
    with suppress(msgspec.DecodeError, UnicodeError):
        for line in data.splitlines():
            one = msgspec.json.decode(line, type=StatedKey)
            stated.append((one.key, one.endorsement))
    return key_chain(stated, trusted)
