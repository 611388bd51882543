"""Which folder and which database a ledger is in."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lineproof.errors import KeyFileError, NoLedgerError, OtherStoreError
from lineproof.ledger import origin_of
from lineproof.store.database import Database, SqliteDatabase
from lineproof.store.database.address import PostgresAddress, demand_driver
from lineproof.store.founding import found_in_folder, found_in_server, make_folders
from lineproof.store.keys import verifier_key
from lineproof.store.location import (
    DATABASE,
    KEYS,
    StoreNote,
    find_folder,
    read_note,
    stated_store,
    write_note,
)

__all__ = ["check_note", "establish", "place_of", "reading_folder", "stated_database"]


def place_of(location: Path | str | None) -> tuple[Path | None, Database]:
    """Find the folder and the database of a ledger.

    Args:
        location: The folder `.lineproof`, or the address of a store; when left out LINEPROOF_STORE with
            LINEPROOF_HOME or the nearest folder, or what that folder holds.

    Returns:
        No folder where the store is named and none here belongs to it.

    Raises:
        NoLedgerError: There is none.
        OtherStoreError: The folder holds a ledger, and LINEPROOF_STORE names another.
    """
    if isinstance(location, Path):
        return location, _database(location, None)
    stated = stated_store()
    if location is None and stated is None:
        folder = find_folder()
        return folder, _database(folder, None)
    address = PostgresAddress.parse(location or stated or "")
    try:
        folder = find_folder()
    except NoLedgerError:
        return None, _postgres(address)
    if location is None:
        return folder, _database(folder, address)
    note = read_note(folder)
    return (folder if note is not None and note.place == address.place else None), _postgres(address)


def establish(folder: Path) -> tuple[Database, bool]:
    """Make a ledger in this folder, or in the store that LINEPROOF_STORE names, unless it is there.

    Returns:
        Its database, and whether it was made.

    Raises:
        LedgerFullError: It cannot be written.
        OtherStoreError: The folder holds a ledger, and LINEPROOF_STORE names another.
    """
    stated = stated_store()
    if stated is None and read_note(folder) is None:
        missing = not (folder / DATABASE).is_file()
        if missing:
            database = SqliteDatabase(folder / DATABASE)
            with database.meaning_errors():
                found_in_folder(folder)
        return SqliteDatabase(folder / DATABASE), missing
    store = _database(folder, None if stated is None else PostgresAddress.parse(stated))
    with store.meaning_errors():
        missing = not store.holds_ledger() and read_note(folder) is None
        if missing:
            found_in_server(folder, store)
        else:
            make_folders(folder)
    return store, missing


def stated_database() -> Database | None:
    """Give the database that LINEPROOF_STORE names; None where it names none."""
    stated = stated_store()
    return None if stated is None else _postgres(PostgresAddress.parse(stated))


def check_note(folder: Path, database: Database, ledger: str, *, join: bool = False) -> None:
    """See that a folder and a store belong together; `join` lets a folder without a ledger belong to it.

    Raises:
        OtherStoreError: They do not.
    """
    if isinstance(database, SqliteDatabase):
        return
    note = read_note(folder)
    there = None if note is None else note.ledger
    if there is None:
        with suppress(KeyFileError):  # a folder without keys can read, and be given them
            there = verifier_key(folder / KEYS).name.removeprefix(origin_of(""))
    if there not in (None, ledger):
        raise OtherStoreError(f"{folder} belongs to ledger {there}, but {database.title} holds {ledger}")
    present = StoreNote(ledger, database.place)
    if join or (note is not None and note != present and os.access(folder, os.W_OK)):
        write_note(folder, present)


def reading_folder(ledger: str) -> Path:
    """Give the folder for what a user keeps of a ledger that none of their folders belongs to."""
    stated = os.environ.get("XDG_DATA_HOME", "")
    base = Path(stated) if os.path.isabs(stated) else Path.home() / ".local" / "share"  # noqa: PTH117 - of text
    return base / "lineproof" / ledger


def _database(folder: Path, address: PostgresAddress | None) -> Database:
    """Give the database of a folder, or of the address when the folder does not hold one itself."""
    if (folder / DATABASE).is_file():
        if address is not None:
            raise OtherStoreError(
                f"{folder} holds a ledger itself, but LINEPROOF_STORE names {address.title}"
            )
        return SqliteDatabase(folder / DATABASE)
    if address is not None:
        return _postgres(address)
    note, stated = read_note(folder), stated_store()
    if stated is not None:
        # It may know the password, which a folder does not keep.
        address = PostgresAddress.parse(stated)
        if note is None or address.place == note.place:
            return _postgres(address)
    if note is None:
        raise NoLedgerError(f"no ledger in {folder}")
    return _postgres(PostgresAddress(dict(note.place)))


def _postgres(address: PostgresAddress) -> Database:
    demand_driver()
    from lineproof.store.database.postgres import PostgresDatabase  # noqa: PLC0415 - only who has a server pays

    return PostgresDatabase(address)
