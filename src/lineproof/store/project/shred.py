"""What a `shred` entry projects."""

from __future__ import annotations

import msgspec

from lineproof.model.entries import EntryType, Shred
from lineproof.store.project.rows import Rows

__all__ = ["project_shred"]

_NAMED = 3  # people named in one line


def project_shred(entry: int, payload: bytes, rows: Rows) -> None:
    """Add the tombstones of the payloads that were destroyed."""
    shred = msgspec.json.decode(payload, type=Shred)
    for destroyed in shred.destroyed:
        rows.add("tombstone", destroyed, entry, shred.reason)
    rows.activity(entry, EntryType.SHRED, _line(shred), time=shred.time)


def _line(shred: Shred) -> str:
    named = [f"key of person {ref}" for _, ref in shred.people[:_NAMED]]
    more = len(shred.people) - len(named)
    named += [f"and {more} more"] if more > 0 else []
    if len(shred.named) == 1:
        named.append(f"payload of entry {shred.named[0]}")
    elif shred.named or not named:
        named.append(f"payloads of {len(shred.named)} entries")
    what = ", ".join(named)
    return f"{what} destroyed" if shred.action == "destroyed" else f"asked to destroy {what}"
