"""Making a ledger from a backup."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import msgspec
from sqlalchemy import Engine

from lineproof.errors import BackupError, KeyFileError
from lineproof.store.backup import format as form
from lineproof.store.backup.format import Manifest, read_manifest
from lineproof.store.backup.keys import bring_keys
from lineproof.store.backup.pack import unpacked
from lineproof.store.backup.whole import demand_whole
from lineproof.store.backup.write import copy_log
from lineproof.store.database import (
    LOCK_TIMEOUT_S,
    Database,
    Session,
    exclusive,
    meaning_errors,
    open_database,
)
from lineproof.store.database.lock import intake_turn
from lineproof.store.founding import make_folders
from lineproof.store.keys import VERIFYING
from lineproof.store.ledger import Ledger
from lineproof.store.location import DATABASE, KEYS, OBJECTS, SPOOL
from lineproof.store.migrate import create_tables
from lineproof.store.objects import LocalObjects, open_objects
from lineproof.store.opening import check_note, stated_database
from lineproof.store.rebuild import Progress, rebuild_tables
from lineproof.store.vault import Vault
from lineproof.store.verify import VerifyReport
from lineproof.store.witness.forgotten import forget_again

__all__ = ["Restored", "restore_backup"]


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore made.

    Attributes:
        folder: The folder of the ledger.
        ledger: Its id.
        entries: Entries of the backup.
        size: Entries there are now: what was destroyed since was destroyed again, and that is said in the log.
        accepted: Entry that says that an older state was put back on purpose; None where none was needed.
        forgotten: Entry that says what was destroyed again by the lists of the witnesses; None for nothing.
        problems: Witnesses that could not be asked: what they list as destroyed may be back.
        aside: Where the ledger that was there lies now; None where there was none.
        verified: What verification found.
    """

    folder: str
    ledger: str
    entries: int
    size: int
    accepted: int | None
    forgotten: int | None
    problems: tuple[str, ...]
    aside: str | None
    verified: VerifyReport


def restore_backup(
    backup: Path,
    folder: Path,
    *,
    keys: Path | None = None,
    replace: bool = False,
    reason: str = "restored from a backup",
    acting_as: str | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Make a ledger from a backup, in a folder or in the store that LINEPROOF_STORE names, and verify it.

    Args:
        backup: The backup.
        folder: The folder `.lineproof` to be.
        keys: A folder with its keys, where they are neither in that folder nor in the backup.
        replace: Let a ledger that is in the folder become what the backup says; what it was is kept aside.
        reason: Why, for the entry that says so where an older state comes back.
        acting_as: Name of who restores, as asserted.
        progress: Called with (done, total) entries.

    Raises:
        BackupError: The backup is not whole, its log does not verify, or there is a ledger already.
        KeyFileError: There are keys, of another ledger; or not even the public one.
        ForgettingError: What was destroyed since came back, and without the key that signs it stays; it is
            refused whenever this ledger is opened, until the key is there.
    """
    # 1. Read what the backup says of itself; each of its files must be what it names.
    # 2. Bring keys where there are none; without the private ones it can be read and verified, not appended to.
    # 3. Copy the log into a draft, verify it and make the tables from it; only then give it its place.
    # 4. Open it: what was destroyed since the backup was made is destroyed again before anything is served, by
    #    the list beside the keys; then by those of the witnesses, for the keys may be as old as the log.
    # 5. Accept it as what was seen last, with the reason in the log, and verify all of it.
    if not backup.is_dir():
        with unpacked(backup) as place:
            return restore_backup(
                place,
                folder,
                keys=keys,
                replace=replace,
                reason=reason,
                acting_as=acting_as,
                progress=progress,
            )
    manifest = _complete(backup)
    if (folder / DATABASE).is_file() and not replace:
        raise BackupError(f"{folder} holds a ledger", "name another folder, or say --replace to put it aside")
    make_folders(folder)
    bring_keys(_key_files(backup, manifest, keys), folder / KEYS, manifest.ledger)
    aside = _put_in_place(backup, folder, manifest, progress)
    ledger = Ledger.open(folder)
    again = forget_again(ledger)
    accepted = None
    with suppress(KeyFileError):  # without the key that signs it says nothing
        accepted = ledger.accept_restored(reason, acting_as=acting_as)
    return Restored(
        folder=str(folder),
        ledger=manifest.ledger,
        entries=manifest.entries,
        size=ledger.size(),
        accepted=accepted,
        forgotten=None if again.destroyed is None else again.destroyed.entry,
        problems=again.problems,
        aside=None if aside is None else str(aside),
        verified=ledger.verify(progress=progress),
    )


def _key_files(backup: Path, manifest: Manifest, apart: Path | None) -> list[Path]:
    found = [] if apart is None else sorted(apart.glob("*"))
    if apart is not None and not found:
        raise KeyFileError(
            f"{apart} holds no keys", "name the folder that `lineproof backup --keys-only` wrote"
        )
    found += sorted((backup / form.KEYS).iterdir()) if manifest.with_keys else []
    return [*found, backup / VERIFYING] if VERIFYING in manifest.files else found


def _complete(backup: Path) -> Manifest:
    """Give what a backup says of itself, all of whose objects are there."""
    manifest = read_manifest(backup)
    copies = LocalObjects(backup / form.OBJECTS)
    for digest in manifest.objects:
        if not copies.has(digest):
            raise BackupError(f"{backup} lacks object {digest}, or it was altered")
    return manifest


def _put_in_place(backup: Path, folder: Path, manifest: Manifest, progress: Progress | None) -> Path | None:
    """Put log, objects and spools into their place; give where the ledger that was there lies now."""
    aside, server = None, stated_database()
    with intake_turn(folder):  # what is put back is taken in after the log is there, not before
        if server is None:
            aside = _into_folder(backup, folder, manifest, progress)
        else:
            _into_server(backup, folder, manifest, server, progress)
        _bring_files(backup, folder, manifest)
    return aside


def _into_folder(backup: Path, folder: Path, manifest: Manifest, progress: Progress | None) -> Path | None:
    draft = folder / f"{DATABASE}.new"
    with exclusive(folder):
        for leftover in folder.glob(f"{draft.name}*"):
            leftover.unlink()
        engine = open_database(draft)
        _fill(backup, engine, folder, manifest, progress)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        demand_whole(draft, folder / KEYS, manifest)
        aside = _put_aside(folder)
        if (folder / DATABASE).is_file():
            # Over the one that is there, in one transaction: who has it open goes on with what is restored.
            with (
                meaning_errors(folder / DATABASE),
                closing(sqlite3.connect(draft)) as made,
                closing(sqlite3.connect(folder / DATABASE, timeout=LOCK_TIMEOUT_S)) as target,
            ):
                target.execute("PRAGMA synchronous=FULL")
                made.backup(target)
            draft.unlink()
        else:
            draft.replace(folder / DATABASE)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return aside


def _into_server(
    backup: Path, folder: Path, manifest: Manifest, database: Database, progress: Progress | None
) -> None:
    with database.meaning_errors():
        if database.holds_ledger():
            raise BackupError(f"{database.title} holds a ledger", "make an empty database and name that one")
        with exclusive(folder), database.writing():
            _fill(backup, database.engine, folder, manifest, progress, database)
    check_note(folder, database, manifest.ledger, join=True)


def _fill(
    backup: Path,
    engine: Engine,
    folder: Path,
    manifest: Manifest,
    progress: Progress | None,
    database: Database | None = None,
) -> None:
    vault = Vault(folder / KEYS, manifest.ledger)
    source = form.log_of(backup)
    with source.connect() as reading, engine.begin() as target:
        create_tables(target)
        copy_log(reading, target, progress, manifest.entries)
        plain = target.connection.driver_connection
        session = cast("Session", plain) if database is None else database.session_of(target)
        with closing(session.cursor()) as cursor:
            rebuild_tables(cursor, vault.open)
    source.dispose()
    vault.close()


def _put_aside(folder: Path) -> Path | None:
    """Keep what is there; where it cannot be read as a database, its files are moved away."""
    if not (folder / DATABASE).is_file():
        return None
    aside = folder / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    aside.mkdir(mode=0o700)
    try:
        with (
            closing(sqlite3.connect(folder / DATABASE)) as present,
            closing(sqlite3.connect(aside / DATABASE)) as copy,
        ):
            present.execute("SELECT size FROM head").fetchone()
            present.backup(copy)
    except sqlite3.DatabaseError:
        for path in folder.glob(f"{DATABASE}*"):
            if not path.name.startswith(f"{DATABASE}.new"):
                path.replace(aside / path.name)
    return aside


def _bring_files(backup: Path, folder: Path, manifest: Manifest) -> None:
    copies = LocalObjects(backup / form.OBJECTS)
    objects = open_objects(folder / OBJECTS, manifest.ledger)
    for digest in manifest.objects:
        if not objects.has(digest):
            objects.put(copies.get(digest))
    for path in (backup / form.SPOOL).glob("*"):
        if not (folder / SPOOL / path.name).exists():
            shutil.copy2(path, folder / SPOOL / path.name)
