"""Destroying payloads and people's keys: what the log says of it, and what goes from the ledger's tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from lineproof.errors import MissingKeyError, SealError, UsageError
from lineproof.ledger import SigningKey
from lineproof.model.entries import EntryType, Shred
from lineproof.model.identity import now, uuid7
from lineproof.store.database import Cursor, rows_among
from lineproof.store.holds import refuse_held
from lineproof.store.rebuild import rebuild_tables
from lineproof.store.remove import remove_projected
from lineproof.store.sequencer import NewEntry, append_group
from lineproof.store.vault.interface import Destruction, Person
from lineproof.store.vault.vault import Vault

__all__ = ["Destroyed", "Order", "destroy_in_log", "last_destruction", "meant", "note_destruction"]

_KEPT = (EntryType.KEY, EntryType.SHRED)
_GONE = "nothing is left to destroy"
_NEITHER = "keys and reasons of destruction stay; write no personal data into a reason"
_LAST = "destroyed"  # in `meta`: id of the last `shred` entry; the key store has it too once it has followed


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be destroyed, and why.

    Attributes:
        entries: Entries whose payloads go.
        people: People whose keys go, and with them all that is encrypted for them.
        numbers: Dense ids of who goes from the dictionary of the sets of people.
        asked: Entry in which somebody else asked for it.
        past_holds: Do it although a legal hold covers it: it was done before, and a backup brought it back.
    """

    entries: tuple[int, ...] = ()
    people: tuple[Person, ...] = ()
    numbers: tuple[int, ...] = ()
    reason: str
    asked: int | None = None
    past_holds: bool = False


class Destroyed(msgspec.Struct, frozen=True, kw_only=True):
    """What was destroyed.

    Attributes:
        entry: The `shred` entry that says so.
        entries: Entries whose payloads are gone by it.
        people: `subject_ref` of those whose keys are gone by it, hex.
        rebuilt: The tables had to be made anew; otherwise just the rows of these entries went.
    """

    entry: int
    entries: tuple[int, ...]
    people: tuple[str, ...]
    rebuilt: bool


def destroy_in_log(
    cursor: Cursor, ledger: str, principal: str, key: SigningKey, vault: Vault, order: Order
) -> tuple[Destroyed, Destruction]:
    """Destroy payloads with their salts and all they projected. The caller commits, then tells the key store.

    Raises:
        UsageError: An entry is not there, is gone already, or must stay.
        HeldError: A legal hold covers one of them.
    """
    # 1. Find what goes: the entries named, and all that is encrypted for the people named.
    # 2. Refuse what may not go: what the log rests on, what a legal hold covers.
    # 3. Say so in an entry, by its id in both files: a crash before the key store follows is made up for.
    # 4. Remove salts and payloads; their rows alone where that is sound, else make all tables anew.
    entries = meant(cursor, order)
    shred = Shred(
        entry=next(iter(entries)) if len(entries) == 1 else None,
        entries=tuple(sorted(entries)) if len(entries) != 1 else (),
        people=tuple((one.slot, one.ref.hex()) for one in order.people),
        numbers=order.numbers,
        asked=order.asked,
        reason=order.reason,
        time=now(),
    )
    said = NewEntry(EntryType.SHRED, msgspec.json.encode(shred), uuid7())
    number = append_group(cursor, ledger, principal, key, [said]).first
    went = remove_projected(cursor, ((seq, *_payload(cursor, vault, seq)) for seq in sorted(entries)))
    cursor.executemany(
        "UPDATE payload SET salt = NULL, body = NULL WHERE seq = ?", [(one,) for one in entries]
    )
    if not went and entries:
        rebuild_tables(cursor, vault.open)
    assert said.id is not None
    note_destruction(cursor, said.id)
    people = tuple((one.slot, one.ref) for one in order.people)
    done = Destruction(said.id, tuple(entries.values()), people, order.numbers)
    refs = tuple(one.ref.hex() for one in order.people)
    told = Destroyed(
        entry=number, entries=tuple(sorted(entries)), people=refs, rebuilt=bool(entries) and not went
    )
    return told, done


def meant(cursor: Cursor, order: Order) -> dict[int, str]:
    """Give the entries whose payloads go by an order, with their ids.

    Raises:
        UsageError: One of them is not there, is gone already, or must stay; or there is nothing.
        HeldError: A legal hold covers something of it.
    """
    entries = {**_named(cursor, order.entries), **_of_people(cursor, order.people)}
    if not (entries or order.people or order.numbers):
        raise UsageError("there is nothing to destroy", _GONE)
    if not order.past_holds:
        refuse_held(cursor, entries, [one.ref.hex() for one in order.people])
    return entries


def last_destruction(cursor: Cursor) -> str | None:
    """Give the id of the `shred` entry that this database followed last."""
    found = cursor.execute("SELECT value FROM meta WHERE key = ?", (_LAST,)).fetchone()
    return None if found is None else str(found[0])


def note_destruction(cursor: Cursor, shred: str) -> None:
    """Say which `shred` entry this database followed last."""
    cursor.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_LAST, shred),
    )


def _named(cursor: Cursor, numbers: Collection[int]) -> dict[int, str]:
    """Give the ids of entries that may be destroyed."""
    found = {}
    for number in numbers:
        row = cursor.execute(
            "SELECT id, type, body IS NULL FROM entry LEFT JOIN payload USING (seq) WHERE seq = ?", (number,)
        ).fetchone()
        if row is None:
            raise UsageError(f"no entry {number}", "`lineproof events` lists them")
        identifier, type_, gone = row
        if type_ in _KEPT:
            raise UsageError(f"entry {number} is a {type_}: the log cannot be verified without it", _NEITHER)
        if gone:
            raise UsageError(f"the payload of entry {number} is destroyed already", _GONE)
        found[number] = identifier
    return found


def _of_people(cursor: Cursor, people: Sequence[Person]) -> dict[int, str]:
    question = "SELECT entry.seq, entry.id FROM sealed JOIN entry ON entry.seq = sealed.entry WHERE subject"
    return dict(rows_among(cursor, question, [one.ref.hex() for one in people]))


def _payload(cursor: Cursor, vault: Vault, seq: int) -> tuple[str, bytes | None]:
    type_, body = cursor.execute(
        "SELECT type, body FROM entry JOIN payload USING (seq) WHERE seq = ?", (seq,)
    ).fetchone()
    try:
        return type_, vault.open(body)
    except (MissingKeyError, SealError):
        return type_, None
