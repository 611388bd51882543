"""Writing a backup of a ledger that is in use."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from sqlalchemy import Connection, Table, insert, select

from lineproof.errors import BackupError
from lineproof.model.identity import now
from lineproof.store import schema
from lineproof.store.backup import format as form
from lineproof.store.backup.format import Manifest
from lineproof.store.backup.keys import copy_keys
from lineproof.store.backup.pack import packing
from lineproof.store.database import open_database
from lineproof.store.database.lock import intake_turn
from lineproof.store.keys import VERIFYING
from lineproof.store.objects import LocalObjects
from lineproof.store.rebuild import Progress

if TYPE_CHECKING:
    from lineproof.store.ledger import Ledger

__all__ = ["copy_log", "write_backup"]

_PAGE = 1000  # rows in memory at a time


def write_backup(
    ledger: Ledger, into: Path, *, keys: bool = False, progress: Progress | None = None
) -> Manifest:
    """Write a backup, or renew the one that is there; others may read and write the ledger meanwhile.

    Args:
        ledger: What to back up.
        into: A folder that is empty, or holds a backup of this ledger. A name with a suffix, `monday.zip`, makes
            one zip file with that folder; a new one.
        keys: With the keys: keep such a backup as you keep the keys.
        progress: Called with (done, total) rows of the log.

    Raises:
        BackupError: The folder holds something else, or cannot be written.
        LedgerInUseError: An intake did not end.
    """
    # 1. Spools and the beginning of one snapshot of the log while nobody takes in: each line is in one of them, and
    #    the log has taken no more of a spool than is copied.
    # 2. The log of that snapshot into a draft beside the old one, while others append.
    # 3. Objects after it: each that the log names was there before its entry.
    # 4. The manifest last: without it there is no backup.
    if into.suffix and not into.is_dir():
        with packing(into) as folder:
            return write_backup(ledger, folder, keys=keys, progress=progress)
    known = _known(ledger, into)
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        (into / form.MANIFEST).unlink(missing_ok=True)
        with ledger.connection() as source:
            with intake_turn(ledger.folder):
                head = source.execute(select(schema.head.c.size, schema.head.c.checkpoint)).one()
                files = list(_copied(ledger.spool_folder, into / form.SPOOL))
            _log(source, head.size, into, progress)
        objects = _objects(ledger, into)
        files += _keys(ledger.folder / form.KEYS, into, private=keys)
        manifest = Manifest(
            ledger=ledger.id,
            made=now(),
            entries=head.size,
            checkpoint=head.checkpoint,
            revision=schema.REVISION,
            files={str(path.relative_to(into)): form.digest_of(path) for path in [into / form.LOG, *files]},
            objects=sorted(objects),
            with_keys=keys,
        )
        _put(into / form.MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    except OSError as error:
        left = " (the backup that was there is not whole any more)" if known else ""
        raise BackupError(f"cannot write to {into}: {error.strerror}{left}") from error
    return manifest


def copy_log(
    source: Connection, target: Connection, progress: Progress | None = None, total: int = 0
) -> None:
    """Copy the tables of the log, in both of which the columns of today are there."""
    done = 0
    for table in schema.LOG_TABLES:
        for page in _pages(source, table):
            target.execute(insert(table), page)
            done += len(page)
            if progress is not None and table is schema.entry:
                progress(min(done, total), total)


def _pages(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    found = source.execution_options(yield_per=_PAGE).execute(select(table)).mappings()
    for page in found.partitions(_PAGE):
        yield [dict(row) for row in page]


def _known(ledger: Ledger, into: Path) -> bool:
    if not into.exists() or not any(into.iterdir()):
        return False
    try:
        there = form.read_manifest(into)
    except BackupError as error:
        raise BackupError(f"{into} is not empty and holds no backup", "name an empty folder") from error
    if there.ledger != ledger.id:
        raise BackupError(f"{into} holds a backup of ledger {there.ledger}", "name another folder")
    return True


def _log(source: Connection, size: int, into: Path, progress: Progress | None) -> None:
    draft = into / f"{form.LOG}.new"
    for leftover in into.glob(f"{draft.name}*"):
        leftover.unlink()
    engine = open_database(draft)
    with engine.begin() as target:
        schema.metadata.create_all(target, schema.LOG_TABLES)
        copy_log(source, target, progress, size)
    with closing(engine.raw_connection()) as borrowed:
        cast("sqlite3.Connection", borrowed.driver_connection).execute("PRAGMA journal_mode=DELETE")
    engine.dispose()
    os.replace(draft, into / form.LOG)  # noqa: PTH105 - over the old one, in one step


def _objects(ledger: Ledger, into: Path) -> set[str]:
    """Copy the objects that are not there yet; those that the ledger has no more go."""
    copies = LocalObjects(into / form.OBJECTS)
    wanted = {one.digest for one in ledger.objects.kept()}
    there = {one.digest for one in copies.kept()}
    for digest in wanted - there:
        copies.put(ledger.objects.get(digest))
    for digest in there - wanted:
        copies.remove(digest)
    return wanted


def _copied(source: Path, target: Path) -> Iterator[Path]:
    """Copy the files of a folder; one that goes meanwhile was taken in and is in the log."""
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(mode=0o700)
    for path in sorted(source.glob("*")):
        if path.is_file():
            with suppress(FileNotFoundError):
                yield Path(shutil.copy2(path, target / path.name))


def _keys(source: Path, into: Path, *, private: bool) -> Iterator[Path]:
    """Copy the public key, with which a backup verifies by itself, and the private ones where asked for."""
    if (source / VERIFYING).is_file():
        yield Path(shutil.copy2(source / VERIFYING, into / VERIFYING))
    target = into / form.KEYS
    if target.exists():
        shutil.rmtree(target)
    if not private:
        return
    yield from copy_keys(source, target)


def _put(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
