"""Encrypting what is about people on its way into the log."""

from __future__ import annotations

from collections.abc import Sequence

from lineproof.errors import EventError
from lineproof.model.entries import EntryType
from lineproof.store.database import Cursor, rows_among
from lineproof.store.sequencer import NewEntry, Stored
from lineproof.store.vault.envelope import is_sealed
from lineproof.store.vault.vault import Vault

__all__ = ["refs_in_use", "seal_items"]

# What the log itself rests on is read by everybody who verifies it.
_OPEN = (EntryType.KEY, EntryType.SHRED, EntryType.WITNESS)


def seal_items(vault: Vault, cursor: Cursor, items: Sequence[NewEntry]) -> Sequence[Stored]:
    """Give each payload as it is stored; the keys that this needs are durable when it returns.

    Raises:
        EventError: A payload looks encrypted already, or is of a type that must stay open.
        KeyEncryptionKeyError: The key over people's keys is not at hand.
    """
    for item in items:
        if is_sealed(item.payload):
            raise EventError("a payload begins as those do that are encrypted here", "record it another way")
        if item.subject is not None and item.type in _OPEN:
            raise EventError(f"a {item.type} entry is about nobody", "leave its subject out")
    about = {item.subject for item in items if item.subject is not None}
    if not about:
        return [Stored(item.payload) for item in items]
    people = vault.ensure(about, lambda refs: refs_in_use(cursor, refs))
    stored = []
    for item in items:
        if item.subject is None:
            stored.append(Stored(item.payload))
        else:
            person = people[item.subject]
            stored.append(Stored(vault.seal(item.payload, person), person.ref.hex()))
    return stored


def refs_in_use(cursor: Cursor, refs: Sequence[bytes]) -> set[bytes]:
    """Give those of some people for whom the ledger holds payloads."""
    question = "SELECT DISTINCT subject FROM sealed WHERE subject"
    return {bytes.fromhex(one) for (one,) in rows_among(cursor, question, [ref.hex() for ref in refs])}
