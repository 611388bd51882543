"""Forgetting again: what was destroyed and came back, with a backup or by a crash, goes once more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

import msgspec

from lineproof.model.entries import EntryType, Shred
from lineproof.store.database import Cursor
from lineproof.store.people import PeopleSets
from lineproof.store.vault.destroy import Order, last_destruction
from lineproof.store.vault.interface import Destruction, KeyStore, Person
from lineproof.store.vault.vault import Vault

__all__ = ["REASON", "follow_log", "in_step", "numbers_gone", "what_came_back"]

REASON = "destroyed before, and brought back by a backup"


def in_step(cursor: Cursor, vault: Vault, sets: PeopleSets) -> bool:
    """Tell whether ledger, key store and sets of people have followed the same destruction last."""
    store, last = vault.store, last_destruction(cursor)
    return last == (None if store is None else store.settled()) and (
        not sets.is_there or last == sets.followed()
    )


def numbers_gone(cursor: Cursor) -> dict[str, tuple[int, ...]]:
    """Give what stood for people in sets of people and is destroyed, by the id of the entry that says so."""
    return {
        identifier: shred.numbers
        for identifier, shred in _shreds(cursor)
        if shred.numbers and shred.action == "destroyed"
    }


def _shreds(cursor: Cursor) -> list[tuple[str, Shred]]:
    query = (
        "SELECT id, body FROM entry JOIN payload USING (seq) WHERE type = ? AND body IS NOT NULL ORDER BY seq"
    )
    rows = cursor.execute(query, (EntryType.SHRED.value,)).fetchall()
    return [(identifier, msgspec.json.decode(body, type=Shred)) for identifier, body in rows]


def follow_log(cursor: Cursor, store: KeyStore) -> None:
    """Destroy the keys of people, and list what went, where the log says so and the key store does not.

    So it is after a crash between the two, and when a backup of the key store was restored.
    """
    listed = {one.shred for one in store.destructions()}
    for identifier, shred in _shreds(cursor):
        if identifier in listed or shred.action != "destroyed":
            continue
        ids = [
            cursor.execute("SELECT id FROM entry WHERE seq = ?", (number,)).fetchone()[0]
            for number in shred.destroyed
        ]
        people = tuple((slot, bytes.fromhex(ref)) for slot, ref in shred.people)
        store.forget(Destruction(identifier, tuple(ids), people))


def what_came_back(
    cursor: Cursor, store: KeyStore | None, sets: PeopleSets, lists: Iterable[Destruction] = ()
) -> Order | None:
    """Give what was destroyed, by the key store's list or by others, and is there all the same; None for nothing."""
    entries: set[int] = set()
    people: dict[tuple[int, bytes], None] = {}
    numbers: set[int] = set()
    for done in (*(() if store is None else store.destructions()), *lists):
        numbers.update(done.numbers)
        entries.update(_present(cursor, done.entries))
        for slot, ref in done.people:
            sealed = cursor.execute("SELECT 1 FROM sealed WHERE subject = ? LIMIT 1", (ref.hex(),)).fetchone()
            if sealed is not None or (store is not None and store.person(slot, ref) is not None):
                people[slot, ref] = None
    numbers = sets.among(numbers)
    if not (entries or people or numbers):
        return None
    return Order(
        entries=tuple(sorted(entries)),
        people=tuple(Person(slot, ref, b"") for slot, ref in people),
        numbers=tuple(sorted(numbers)),
        reason=REASON,
        past_holds=True,
    )


def _present(cursor: Cursor, ids: Sequence[str]) -> Iterable[int]:
    for one in ids:
        row = cursor.execute(
            "SELECT seq FROM entry JOIN payload USING (seq) WHERE id = ? AND body IS NOT NULL",
            (str(uuid.UUID(one)),),
        ).fetchone()
        if row is not None:
            yield row[0]
