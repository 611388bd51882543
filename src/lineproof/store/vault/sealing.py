"""Encrypting what is about people on its way into the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from lineproof.errors import EventError
from lineproof.model.entries import EntryType
from lineproof.store.sequencer import NewEntry, Stored
from lineproof.store.vault.envelope import is_sealed
from lineproof.store.vault.vault import Vault

__all__ = ["refs_in_use", "seal_items"]

_CHUNK = 500  # values in one question
# What the log itself rests on is read by everybody who verifies it.
_OPEN = (EntryType.KEY, EntryType.SHRED, EntryType.WITNESS)


def seal_items(vault: Vault, cursor: sqlite3.Cursor, items: Sequence[NewEntry]) -> Sequence[Stored]:
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


def refs_in_use(cursor: sqlite3.Cursor, refs: Sequence[bytes]) -> set[bytes]:
    """Give those of some people for whom the ledger holds payloads."""
    found: set[bytes] = set()
    for start in range(0, len(refs), _CHUNK):
        piece = [ref.hex() for ref in refs[start : start + _CHUNK]]
        marks = ", ".join("?" * len(piece))
        query = f"SELECT DISTINCT subject FROM sealed WHERE subject IN ({marks})"
        found.update(bytes.fromhex(one) for (one,) in cursor.execute(query, piece))
    return found
