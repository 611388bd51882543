"""Asking for a destruction, which somebody else must confirm."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lineproof.ledger import decode_leaf
from lineproof.model.entries import EntryType, Shred
from lineproof.model.identity import now
from lineproof.store.database import Cursor
from lineproof.store.sequencer import NewEntry
from lineproof.store.vault.destroy import Order, meant
from lineproof.store.vault.interface import Person

__all__ = ["Asked", "ask_in_log", "last_asked"]


class Asked(msgspec.Struct, frozen=True):
    """Who asked for a destruction.

    Attributes:
        entry: The entry that says so.
        principal: Reference of who asked.
    """

    entry: int
    principal: str


def ask_in_log(cursor: Cursor, order: Order) -> NewEntry:
    """Give the entry that asks for a destruction, once it is clear that it could be carried out.

    Raises:
        UsageError: There is nothing of it to destroy.
        HeldError: A legal hold covers something of it.
    """
    meant(cursor, order)
    shred = Shred(
        entries=order.entries,
        people=tuple((one.slot, one.ref.hex()) for one in order.people),
        action="asked",
        reason=order.reason,
        time=now(),
    )
    return NewEntry(EntryType.SHRED, msgspec.json.encode(shred))


def last_asked(cursor: Cursor, entries: Sequence[int], people: Sequence[Person]) -> Asked | None:
    """Give who asked last for just this, unless it was carried out; None for nobody."""
    query = (
        "SELECT seq, leaf, body FROM entry JOIN payload USING (seq) WHERE type = ? AND body IS NOT NULL "
        "ORDER BY seq"
    )
    wanted = (tuple(sorted(entries)), {one.ref.hex() for one in people})
    found: dict[int, Asked] = {}
    for seq, leaf, body in cursor.execute(query, (EntryType.SHRED.value,)):
        shred = msgspec.json.decode(body, type=Shred)
        if (
            shred.action == "asked"
            and (tuple(sorted(shred.named)), {ref for _, ref in shred.people}) == wanted
        ):
            found[seq] = Asked(seq, decode_leaf(leaf).principal)
        elif shred.asked is not None:
            found.pop(shred.asked, None)
    return found[max(found)] if found else None
