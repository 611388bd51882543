"""What a `shred` entry projects."""

from __future__ import annotations

import msgspec

from lineproof.model.entries import EntryType, Shred
from lineproof.store.project.rows import Rows

__all__ = ["project_shred"]


def project_shred(entry: int, payload: bytes, rows: Rows) -> None:
    """Add the tombstone of the payload that was destroyed."""
    shred = msgspec.json.decode(payload, type=Shred)
    rows.add("tombstone", shred.entry, entry, shred.reason)
    rows.activity(entry, EntryType.SHRED, f"payload of entry {shred.entry} destroyed", time=shred.time)
