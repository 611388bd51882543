"""Appending: one writer at a time gives every entry its number, durably, with all that follows from it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from lineproof.errors import LedgerFullError, LedgerInUseError
from lineproof.ledger import (
    TILE_WIDTH,
    Checkpoint,
    Frontier,
    Leaf,
    SigningKey,
    commit,
    completed_tiles,
    encode_leaf,
    leaf_hash,
    new_salt,
    origin_of,
    sign_checkpoint,
    tile_hashes,
    tile_source,
)
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.store.database import LOCK_TIMEOUT_S
from lineproof.store.insert import insert_rows
from lineproof.store.project import Rows, project

__all__ = ["GROUP", "Appended", "NewEntry", "SpoolProgress", "append_group", "exclusive"]

GROUP = 1000  # entries in one transaction at most
_LOCK = "sequencer.lock"
_SPOOL = (
    "INSERT INTO spool (name, taken_bytes, chain, ended) VALUES (?, ?, ?, ?) ON CONFLICT (name) "
    "DO UPDATE SET taken_bytes = excluded.taken_bytes, chain = excluded.chain, ended = excluded.ended"
)


class NewEntry(msgspec.Struct, frozen=True):
    """Something to be recorded.

    Attributes:
        type: What it is.
        payload: The bytes that are stored as they are.
        id: UUIDv7 that makes a repeat recognisable; a new one when left out.
    """

    type: EntryType
    payload: bytes
    id: str | None = None


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


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Be the only writer of the ledger in this folder. The lock falls with its process.

    Raises:
        LedgerInUseError: Another process kept it for too long.
        LedgerFullError: The folder may not be written to.
    """
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LedgerFullError(f"cannot write to {folder}: {error.strerror}") from error
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT_S
        pause_s = 0.001
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LedgerInUseError(
                        f"another process has been writing to {folder} for {LOCK_TIMEOUT_S:.0f} s"
                    ) from None
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, 0.05)
        yield
    finally:
        os.close(descriptor)


def append_group(
    connection: sqlite3.Connection,
    ledger: str,
    principal: str,
    key: SigningKey,
    items: Sequence[NewEntry],
    spool: SpoolProgress | None,
) -> Appended:
    """Append up to `GROUP` entries in one transaction. The caller holds `exclusive`."""
    # 1. Take the write lock, then read the head: nobody can move it before we commit.
    # 2. Leave out ids that the ledger has: a repeat is not a second entry.
    # 3. Make leaves and extend the tree.
    # 4. Write leaves, payloads with their salts, tiles, projections, spool progress.
    # 5. Sign the new head and commit; only then is anything acknowledged.
    with closing(connection.cursor()) as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            size, state = cursor.execute("SELECT size, frontier FROM head").fetchone()
            frontier = Frontier.from_bytes(size, state)
            numbers, fresh = _number(cursor, items, size)
            rows = Rows()
            leaves = _write_entries(cursor, fresh, ledger, principal, size, rows)
            frontier.extend(leaf_hash(leaf) for leaf in leaves)
            _write_tiles(cursor, size, frontier.size)
            insert_rows(cursor, rows)
            if spool is not None:
                cursor.execute(_SPOOL, (spool.name, spool.taken_bytes, spool.chain, int(spool.ended)))
            if fresh:
                signed = sign_checkpoint(Checkpoint(origin_of(ledger), frontier.size, frontier.root()), key)
                cursor.execute(
                    "UPDATE head SET size = ?, frontier = ?, checkpoint = ?",
                    (frontier.size, frontier.to_bytes(), signed),
                )
            cursor.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                cursor.execute("ROLLBACK")
            raise
    return Appended(entries=tuple(numbers), added=len(fresh), size=size + len(fresh))


def _number(
    cursor: sqlite3.Cursor, items: Sequence[NewEntry], size: int
) -> tuple[list[int], list[tuple[str, NewEntry]]]:
    """Give each item its entry number, and the items that are new with their ids."""
    stated = [item.id for item in items if item.id is not None]
    known: dict[str, int] = {}
    for start in range(0, len(stated), 500):
        piece = stated[start : start + 500]
        marks = ", ".join("?" * len(piece))
        known.update(cursor.execute(f"SELECT id, seq FROM entry WHERE id IN ({marks})", piece))
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
    cursor: sqlite3.Cursor,
    fresh: list[tuple[str, NewEntry]],
    ledger: str,
    principal: str,
    size: int,
    rows: Rows,
) -> list[bytes]:
    """Write leaves and payloads, collect what they project, give the leaves."""
    leaves: list[bytes] = []
    entries: list[tuple[int, str, str, bytes]] = []
    payloads: list[tuple[int, bytes, bytes]] = []
    for seq, (identifier, item) in enumerate(fresh, start=size):
        salt = new_salt()
        leaf = encode_leaf(
            Leaf(
                commitment=commit(salt, item.payload),
                id=identifier,
                ledger=ledger,
                principal=principal,
                recorded=now(),
                size=len(item.payload),
                type=item.type,
            )
        )
        leaves.append(leaf)
        entries.append((seq, identifier, item.type, leaf))
        payloads.append((seq, salt, item.payload))
        project(seq, item.type, item.payload, rows)
    cursor.executemany("INSERT INTO entry (seq, id, type, leaf) VALUES (?, ?, ?, ?)", entries)
    cursor.executemany("INSERT INTO payload (seq, salt, body) VALUES (?, ?, ?)", payloads)
    return leaves


def _write_tiles(cursor: sqlite3.Cursor, old_size: int, new_size: int) -> None:
    """Write the tiles that the tree completed; leaves are in the table already."""
    cache: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        if (level, index) not in cache:
            cache[level, index] = _stored_tile(cursor, level, index)
        return cache[level, index]

    source = tile_source(read)
    for level, index in completed_tiles(old_size, new_size):
        cache[level, index] = tile_hashes(level, index, source)
        cursor.execute(
            "INSERT INTO tile (level, idx, hashes) VALUES (?, ?, ?)", (level, index, cache[level, index])
        )


def _stored_tile(cursor: sqlite3.Cursor, level: int, index: int) -> bytes:
    found = cursor.execute("SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, index)).fetchone()
    if found is not None:
        return bytes(found[0])
    if level > 0:
        return b""
    first = index * TILE_WIDTH
    leaves = cursor.execute(
        "SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq", (first, first + TILE_WIDTH)
    )
    return b"".join(leaf_hash(leaf) for (leaf,) in leaves)
