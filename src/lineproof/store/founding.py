"""Making a ledger: folder, keys, tables and its first two entries."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import cast

import msgspec

from lineproof.errors import LedgerFullError
from lineproof.ledger import Checkpoint, Frontier, SigningKey, origin_of, sign_checkpoint
from lineproof.model.entries import EntryType, KeyAdded
from lineproof.model.identity import now
from lineproof.store.database import Cursor, Database, exclusive, open_database, transaction
from lineproof.store.insert import note_contended
from lineproof.store.keys import create_keys
from lineproof.store.location import DATABASE, KEYS, OBJECTS, SPOOL
from lineproof.store.migrate import create_tables
from lineproof.store.principals import new_principal
from lineproof.store.sequencer import NewEntry, append_group
from lineproof.store.vault import make_subjects_key

__all__ = ["found_in_folder", "found_in_server", "make_folders"]


def found_in_folder(folder: Path) -> None:
    """Make what is missing of a ledger in this folder; several processes may do so at once.

    Raises:
        LedgerFullError: It cannot be written.
    """
    make_folders(folder)
    with _writable(folder), exclusive(folder):
        if not (folder / DATABASE).exists():
            _found(folder)


def found_in_server(folder: Path, database: Database) -> None:
    """Make a ledger in an empty schema, its keys in this folder; several processes may do so at once.

    Raises:
        LedgerFullError: It cannot be written.
    """
    # 1. Be the only one to do so, in the folder and in the database.
    # 2. Keys first, as for a ledger in a folder.
    # 3. Tables and first entries in one transaction: a ledger is there, or is not.
    make_folders(folder)
    with _writable(folder), exclusive(folder), database.writing():
        if database.holds_ledger():
            return
        identifier = str(uuid.uuid4())
        key = _new_keys(folder, identifier)
        with database.engine.begin() as connection:
            create_tables(connection)
            with closing(database.session_of(connection).cursor()) as cursor:
                _first_entries(cursor, identifier, key)


def make_folders(folder: Path) -> None:
    """Make the folders that each ledger has, whatever its store.

    Raises:
        LedgerFullError: They cannot be written.
    """
    with _writable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in (SPOOL, OBJECTS, KEYS):
            (folder / part).mkdir(mode=0o700, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerFullError(f"cannot make a ledger in {folder}: {error.strerror}") from error


def _found(folder: Path) -> None:
    # 1. Clear away what a creation that was cut off has left.
    # 2. Make keys, tables and the first entries in a draft.
    # 3. Give the draft its name when it is whole and durable: a ledger is there, or is not.
    identifier = str(uuid.uuid4())
    draft = folder / f"{DATABASE}.new"
    for leftover in folder.glob(f"{DATABASE}.new*"):
        leftover.unlink()
    key = _new_keys(folder, identifier)
    engine = open_database(draft)
    with engine.begin() as connection:
        create_tables(connection)
    with closing(engine.raw_connection()) as borrowed:
        session = cast("sqlite3.Connection", borrowed.driver_connection)
        with transaction(session) as cursor:
            _first_entries(cursor, identifier, key)
        session.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    draft.rename(folder / DATABASE)
    _sync_folder(folder)


def _new_keys(folder: Path, identifier: str) -> SigningKey:
    # Keys that are there are put aside, never removed: they may be those of a ledger whose database is gone.
    for pattern in ("ledger.*key", "subjects.*"):
        for leftover in (folder / KEYS).glob(pattern):
            if leftover.suffix != ".orphan":
                leftover.rename(leftover.with_name(f"{leftover.name}.{identifier}.orphan"))
    key = create_keys(folder / KEYS, identifier)
    make_subjects_key(folder / KEYS)
    return key


def _first_entries(cursor: Cursor, identifier: str, key: SigningKey) -> None:
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
