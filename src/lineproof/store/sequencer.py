"""Appending: one writer at a time gives every entry its number, durably, with all that follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from lineproof.errors import CorruptLedgerError, EventError, NoteError, ProofError
from lineproof.ledger import (
    HASH_SIZE,
    TILE_WIDTH,
    Checkpoint,
    Frontier,
    LeafWriter,
    SigningKey,
    commit,
    grown_tiles,
    leaf_hash,
    new_salt,
    open_checkpoint,
    origin_of,
    sign_checkpoint,
    tile_hashes,
    tile_source,
)
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.subjects import Subject
from lineproof.store import schema
from lineproof.store.database import Cursor, insert, rows_among
from lineproof.store.insert import insert_rows, note_contended
from lineproof.store.project import Rows, project

__all__ = ["GROUP", "Appended", "NewEntry", "Seal", "SpoolProgress", "Stored", "append_group"]

GROUP = 1000  # entries in one transaction at most
_TILE = TILE_WIDTH * HASH_SIZE  # bytes
_ALTERED_HEAD = "somebody altered the database: keep a copy, run `lineproof verify`, restore a backup"
_SPOOL = (
    "INSERT INTO spool (name, taken_bytes, chain, ended) VALUES (?, ?, ?, ?) ON CONFLICT (name) "
    "DO UPDATE SET taken_bytes = excluded.taken_bytes, chain = excluded.chain, ended = excluded.ended"
)

# Above the lowest level a tile is written again with each hash that it gets.
_WRITE_TILE = (
    "INSERT INTO tile (level, idx, hashes) VALUES (?, ?, ?) "
    "ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes"
)


class NewEntry(msgspec.Struct, frozen=True):
    """Something to be recorded.

    Attributes:
        type: What it is.
        payload: The bytes that are stored as they are.
        id: UUIDv7 that makes a repeat recognisable; a new one when left out.
        subject: The person it is about: it is stored encrypted under a key of theirs.
    """

    type: EntryType
    payload: bytes
    id: str | None = None
    subject: Subject | None = None


class Stored(msgspec.Struct, frozen=True):
    """A payload as it is stored.

    Attributes:
        body: Its bytes.
        ref: `subject_ref` of the person whom it is encrypted for, hex; None when it is not.
    """

    body: bytes
    ref: str | None = None


Seal = Callable[[Cursor, Sequence[NewEntry]], Sequence[Stored]]


class SpoolProgress(msgspec.Struct, frozen=True):
    """How far a spool file has been taken in, stored with the entries that came from it."""

    name: str
    taken_bytes: int
    chain: str
    ended: bool = False


class Appended(msgspec.Struct, frozen=True):
    """What an append did.

    Attributes:
        entries: Entry number of each item, in order; of an id that was there already, the old one.
        added: How many were new.
        size: Number of entries in the ledger afterwards.
    """

    entries: tuple[int, ...]
    added: int
    size: int

    @property
    def first(self) -> int:
        """Entry number of the first item."""
        return self.entries[0]


def append_group(
    cursor: Cursor,
    ledger: str,
    principal: str,
    key: SigningKey,
    items: Sequence[NewEntry],
    spool: SpoolProgress | None = None,
    successor: SigningKey | None = None,
    seal: Seal | None = None,
) -> Appended:
    """Append up to `GROUP` entries. The caller holds `exclusive` and commits the `transaction`.

    A `successor` signs the new head in place of the key, which signed the one before. `seal` encrypts what is
    about people, with keys that are durable when it returns.
    """
    # 1. Read the head inside the transaction: nobody can move it before the commit. Refuse one that
    #    the key did not sign: to sign its successor would vouch for what somebody else put there.
    # 2. Leave out ids that the ledger has: a repeat is not a second entry.
    # 3. Write leaves, payloads with their salts, projections; extend the tree, write its tiles.
    # 4. Note how far the spool is taken, so that both are durable or neither is.
    # 5. Sign the new head last, over what has been written.
    frontier, last = _signed_head(cursor, ledger, key)
    size = frontier.size
    numbers, fresh = _number(cursor, items, size)
    stored = _stored(cursor, [item for _, item in fresh], seal)
    hashes = _write_entries(cursor, fresh, stored, ledger, principal, size)
    frontier.extend(hashes)
    last = _write_tiles(cursor, size, last + b"".join(hashes))
    if spool is not None:
        cursor.execute(_SPOOL, (spool.name, spool.taken_bytes, spool.chain, int(spool.ended)))
    if fresh:
        head = Checkpoint(origin_of(ledger), frontier.size, frontier.root())
        signed = sign_checkpoint(head, successor or key)
        cursor.execute(
            "UPDATE head SET size = ?, frontier = ?, leaves = ?, checkpoint = ?",
            (frontier.size, frontier.to_bytes(), last, signed),
        )
    return Appended(entries=tuple(numbers), added=len(fresh), size=frontier.size)


def _stored(cursor: Cursor, items: Sequence[NewEntry], seal: Seal | None) -> Sequence[Stored]:
    if seal is not None:
        return seal(cursor, items)
    if any(item.subject is not None for item in items):
        raise EventError("an entry about a person needs a key of theirs", "append it with `Ledger.append`")
    return [Stored(item.payload) for item in items]


def _signed_head(cursor: Cursor, ledger: str, key: SigningKey) -> tuple[Frontier, bytes]:
    """Give the tree as signed, and the hashes of the leaves after its last complete tile."""
    size, state, last, signed = cursor.execute(
        "SELECT size, frontier, leaves, checkpoint FROM head"
    ).fetchone()
    try:
        frontier = Frontier.from_bytes(size, state)
        if open_checkpoint(signed, [key.verifier]) == Checkpoint(origin_of(ledger), size, frontier.root()):
            return frontier, last
        problem = "is not the tree that its key signed"
    except (NoteError, ProofError, TypeError) as error:
        problem = f"does not hold: {error}"
    raise CorruptLedgerError(f"nothing was appended: the head of the ledger {problem}", _ALTERED_HEAD)


def _number(
    cursor: Cursor, items: Sequence[NewEntry], size: int
) -> tuple[list[int], list[tuple[str, NewEntry]]]:
    """Give each item its entry number, and the items that are new with their ids."""
    stated = [item.id for item in items if item.id is not None]
    known: dict[str, int] = dict(rows_among(cursor, "SELECT id, seq FROM entry WHERE id", stated))
    numbers: list[int] = []
    fresh: list[tuple[str, NewEntry]] = []
    for item in items:
        identifier = item.id or uuid7()
        if identifier not in known:
            known[identifier] = size + len(fresh)
            fresh.append((identifier, item))
        numbers.append(known[identifier])
    return numbers, fresh


def _write_entries(
    cursor: Cursor,
    fresh: list[tuple[str, NewEntry]],
    stored: Sequence[Stored],
    ledger: str,
    principal: str,
    first: int,
) -> list[bytes]:
    """Write leaves, payloads and what they project; give the leaf hashes."""
    rows = Rows()
    hashes: list[bytes] = []
    entries: list[tuple[int, str, str, bytes]] = []
    payloads: list[tuple[int, bytes, bytes]] = []
    writer = LeafWriter(ledger, principal, now())
    for seq, ((identifier, item), kept) in enumerate(zip(fresh, stored, strict=True), start=first):
        salt = new_salt()
        leaf = writer.write(
            commitment=commit(salt, kept.body), id=identifier, size=len(kept.body), type=item.type
        )
        hashes.append(leaf_hash(leaf))
        entries.append((seq, identifier, str(item.type), leaf))
        payloads.append((seq, salt, kept.body))
        if kept.ref is not None:
            rows.add("sealed", seq, kept.ref)
        project(seq, item.type, item.payload, rows)
    insert(cursor, schema.entry, entries)
    insert(cursor, schema.payload, payloads)
    note_contended(cursor, insert_rows(cursor, rows))
    return hashes


def _write_tiles(cursor: Cursor, old_size: int, hashes: bytes) -> bytes:
    """Write the tiles that the tree completed, and above the lowest level those that it has begun.

    Args:
        cursor: Where to write.
        old_size: Number of leaves before.
        hashes: Those of all leaves after the last tile that was complete before.

    Returns:
        The hashes that fill no tile yet.
    """
    first = old_size // TILE_WIDTH  # index of the first new tile of level 0
    made: dict[tuple[int, int], bytes] = {
        (0, first + at // _TILE): hashes[at : at + _TILE] for at in range(0, len(hashes), _TILE)
    }

    def read(level: int, index: int) -> bytes:
        if (level, index) not in made:
            found = cursor.execute(
                "SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, index)
            ).fetchone()
            made[level, index] = b"" if found is None else bytes(found[0])
        return made[level, index]

    source = tile_source(read)
    new_size = first * TILE_WIDTH + len(hashes) // HASH_SIZE
    complete = range(first, new_size // TILE_WIDTH)
    for index in complete:
        cursor.execute(_WRITE_TILE, (0, index, made[0, index]))
    for level, index, width in grown_tiles(old_size, new_size):
        known = read(level, index)
        made[level, index] = tile_hashes(level, index, source, width=width, known=known)
        cursor.execute(_WRITE_TILE, (level, index, made[level, index]))
    return hashes[len(hashes) // _TILE * _TILE :]
