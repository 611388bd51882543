"""Making a ledger: folder, keys, database and its first two entries."""

from __future__ import annotations

import os
import sqlite3
import uuid
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import cast

import msgspec

from lineproof.errors import LedgerFullError
from lineproof.ledger import Checkpoint, Frontier, SigningKey, origin_of, sign_checkpoint
from lineproof.model.entries import EntryType, KeyAdded
from lineproof.model.identity import now
from lineproof.store.database import open_database
from lineproof.store.insert import note_contended
from lineproof.store.keys import create_keys
from lineproof.store.location import DATABASE, KEYS, OBJECTS, SPOOL
from lineproof.store.migrate import create_tables
from lineproof.store.principals import new_principal
from lineproof.store.sequencer import NewEntry, append_group, exclusive, transaction
from lineproof.store.vault import make_subjects_key

__all__ = ["found_ledger"]


def found_ledger(folder: Path) -> None:
    """Make what is missing of a ledger in this folder; several processes may do so at once.

    Raises:
        LedgerFullError: It cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in (SPOOL, OBJECTS, KEYS):
            (folder / part).mkdir(mode=0o700, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        with exclusive(folder):
            if not (folder / DATABASE).exists():
                _found(folder)
    except OSError as error:
        raise LedgerFullError(f"cannot make a ledger in {folder}: {error.strerror}") from error


def _found(folder: Path) -> None:
    # 1. Clear away what a creation that was cut off has left. Keys are put aside, never removed:
    #    they may be those of a ledger whose database is gone.
    # 2. Make keys, tables and the first entries in a draft.
    # 3. Give the draft its name when it is whole and durable: a ledger is there, or is not.
    identifier = str(uuid.uuid4())
    draft = folder / f"{DATABASE}.new"
    for leftover in folder.glob(f"{DATABASE}.new*"):
        leftover.unlink()
    for pattern in ("ledger.*key", "subjects.*"):
        for leftover in (folder / KEYS).glob(pattern):
            if leftover.suffix != ".orphan":
                leftover.rename(leftover.with_name(f"{leftover.name}.{identifier}.orphan"))
    key = create_keys(folder / KEYS, identifier)
    make_subjects_key(folder / KEYS)
    engine = open_database(draft)
    create_tables(engine)
    with closing(engine.raw_connection()) as borrowed:
        connection = cast("sqlite3.Connection", borrowed.driver_connection)
        with transaction(connection) as cursor:
            _first_entries(cursor, identifier, key)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    draft.rename(folder / DATABASE)
    _sync_folder(folder)


def _first_entries(cursor: sqlite3.Cursor, identifier: str, key: SigningKey) -> None:
    frontier = Frontier()
    empty = sign_checkpoint(Checkpoint(origin_of(identifier), 0, frontier.root()), key)
    made_by = version("lineproof")
    cursor.execute("INSERT INTO meta VALUES ('ledger', ?), ('version', ?)", (identifier, made_by))
    note_contended(cursor, set(), afresh=True)
    cursor.execute("INSERT INTO head VALUES (1, 0, ?, ?, ?)", (frontier.to_bytes(), b"", empty))
    added = KeyAdded(verifier_key=str(key.verifier), time=now())
    reference, grant = new_principal()
    first = NewEntry(EntryType.KEY, msgspec.json.encode(added))
    append_group(cursor, identifier, reference, key, [first, grant])


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
