"""Forgetting again: what was destroyed and came back, with a backup or by a crash, goes once more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

import msgspec

from lineproof.model.entries import EntryType, Shred
from lineproof.store.database import Cursor
from lineproof.store.vault.destroy import Order, last_destruction
from lineproof.store.vault.interface import Destruction, KeyStore, Person
from lineproof.store.vault.vault import Vault

__all__ = ["REASON", "follow_log", "in_step", "what_came_back"]

REASON = "destroyed before, and brought back by a backup"


def in_step(cursor: Cursor, vault: Vault) -> bool:
    """Tell whether ledger and key store have followed the same destruction last; costs a look at each."""
    store = vault.store
    return last_destruction(cursor) == (None if store is None else store.settled())


def follow_log(cursor: Cursor, store: KeyStore) -> None:
    """Destroy the keys of people, and list what went, where the log says so and the key store does not.

    So it is after a crash between the two, and when a backup of the key store was restored.
    """
    listed = {one.shred for one in store.destructions()}
    query = (
        "SELECT id, body FROM entry JOIN payload USING (seq) WHERE type = ? AND body IS NOT NULL ORDER BY seq"
    )
    for identifier, body in cursor.execute(query, (EntryType.SHRED.value,)).fetchall():
        if identifier in listed:
            continue
        shred = msgspec.json.decode(body, type=Shred)
        if shred.action != "destroyed":
            continue
        ids = [
            cursor.execute("SELECT id FROM entry WHERE seq = ?", (number,)).fetchone()[0]
            for number in shred.destroyed
        ]
        people = tuple((slot, bytes.fromhex(ref)) for slot, ref in shred.people)
        store.forget(Destruction(identifier, tuple(ids), people))


def what_came_back(cursor: Cursor, store: KeyStore, lists: Iterable[Destruction] = ()) -> Order | None:
    """Give what was destroyed, by the key store's list or by others, and is there all the same; None for nothing."""
    entries: set[int] = set()
    people: dict[tuple[int, bytes], None] = {}
    for done in (*store.destructions(), *lists):
        entries.update(_present(cursor, done.entries))
        for slot, ref in done.people:
            sealed = cursor.execute("SELECT 1 FROM sealed WHERE subject = ? LIMIT 1", (ref.hex(),)).fetchone()
            if sealed is not None or store.person(slot, ref) is not None:
                people[slot, ref] = None
    if not entries and not people:
        return None
    return Order(
        entries=tuple(sorted(entries)),
        people=tuple(Person(slot, ref, b"") for slot, ref in people),
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
