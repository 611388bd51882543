"""A ledger on disk: made, opened, appended to, read."""

from __future__ import annotations

import getpass
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import cast

import msgspec
from sqlalchemy import Connection, Engine, select

from lineproof.errors import CorruptLedgerError, NoLedgerError, UsageError
from lineproof.ledger import Checkpoint, Frontier, SigningKey, decode_leaf, origin_of, sign_checkpoint
from lineproof.model.entries import AuthMethod, EntryType, Grant, KeyAdded, Shred
from lineproof.model.identity import now
from lineproof.store import schema
from lineproof.store.database import meaning_errors, open_database
from lineproof.store.keys import create_keys, signing_key
from lineproof.store.location import DATABASE, KEYS, OBJECTS, SPOOL, find_folder
from lineproof.store.migrate import create_tables, migrate
from lineproof.store.objects import ObjectStore
from lineproof.store.rebuild import Progress, rebuild_tables
from lineproof.store.sequencer import GROUP, Appended, NewEntry, SpoolProgress, append_group, exclusive
from lineproof.store.verify import Scope, VerifyReport, verify_ledger

__all__ = ["Entry", "Ledger"]

_PAGE = 1000  # entries read at a time


class Entry(msgspec.Struct, frozen=True):
    """One entry as recorded. `payload` is None when it was destroyed."""

    seq: int
    id: str
    type: EntryType
    recorded: str
    principal: str
    payload: bytes | None


class Ledger:
    """An embedded ledger in a folder `.lineproof`. Make with `create`, get with `open`.

    Attributes:
        folder: The folder `.lineproof`.
        id: Random UUID of this ledger, part of every leaf.
        objects: Its content-addressed files.
    """

    def __init__(self, folder: Path, engine: Engine, identifier: str) -> None:
        self.folder = folder
        self.id = identifier
        self.objects = ObjectStore(folder / OBJECTS)
        self._engine = engine

    @classmethod
    def create(cls, folder: Path) -> Ledger:
        """Make a ledger in this folder, or open the one that is there.

        Args:
            folder: The folder `.lineproof` itself.

        Raises:
            LedgerFullError: It cannot be written.
        """
        folder = folder.absolute()
        database = folder / DATABASE
        with meaning_errors(folder):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                (folder / SPOOL).mkdir(mode=0o700, exist_ok=True)
                (folder / OBJECTS).mkdir(mode=0o700, exist_ok=True)
                (folder / ".gitignore").write_text("*\n", encoding="utf-8")
            except OSError as error:
                raise sqlite3.OperationalError(f"unable to open database file: {error.strerror}") from error
            with exclusive(folder):
                if not database.exists():
                    _found(folder)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path | None = None) -> Ledger:
        """Open a ledger.

        Args:
            folder: The folder `.lineproof`; LINEPROOF_HOME or the nearest upwards when left out.

        Raises:
            NoLedgerError: There is none.
            NewerLedgerError: It was written by a newer lineproof.
            CorruptLedgerError: It cannot be read.
        """
        folder = find_folder() if folder is None else folder.absolute()
        path = folder / DATABASE
        if not path.is_file():
            raise NoLedgerError(f"no ledger in {folder}")
        engine = open_database(path)
        with meaning_errors(path):
            migrate(engine, path)
            with engine.begin() as connection:
                identifier = connection.scalar(
                    select(schema.meta.c.value).where(schema.meta.c.key == "ledger")
                )
        if identifier is None:
            raise CorruptLedgerError(f"{path} does not say which ledger it is")
        return cls(folder, engine, identifier)

    @property
    def root(self) -> Path:
        """The folder that holds the ledger's folder: where recorded paths start."""
        return self.folder.parent

    @property
    def spool_folder(self) -> Path:
        """Where recorded processes leave their spools."""
        return self.folder / SPOOL

    @property
    def writable(self) -> bool:
        """Whether this process may append."""
        return os.access(self.folder, os.W_OK) and os.access(self.folder / DATABASE, os.W_OK)

    def append(self, items: Sequence[NewEntry], *, spool: SpoolProgress | None = None) -> Appended:
        """Record entries, durable when this returns.

        Args:
            items: In order; an item whose id is recorded already is not recorded twice.
            spool: How far a spool file is taken in with them, in the same transaction as the last.

        Raises:
            LedgerInUseError: Another process kept the ledger locked.
            LedgerFullError: The disk is full or the folder is not writable; nothing of the failed
                group is recorded.
            KeyFileError: The signing key is missing.
        """
        numbers: list[int] = []
        added = size = 0
        groups = [items[start : start + GROUP] for start in range(0, len(items), GROUP)] or [()]
        key = self._signing_key
        with meaning_errors(self.folder / DATABASE), exclusive(self.folder), self._raw() as connection:
            principal = self._principal(connection, key)
            for number, group in enumerate(groups, start=1):
                progress = spool if number == len(groups) else None
                done = append_group(connection, self.id, principal, key, group, progress)
                numbers += done.entries
                added += done.added
                size = done.size
        return Appended(entries=tuple(numbers), added=added, size=size)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot of the tables, to read."""
        with meaning_errors(self.folder / DATABASE), self._engine.begin() as connection:
            yield connection

    def size(self) -> int:
        """Give the number of entries."""
        with self.connection() as connection:
            return connection.scalar(select(schema.head.c.size)) or 0

    def spool_progress(self, name: str) -> SpoolProgress | None:
        """Say how far a spool file has been taken in, or None."""
        table = schema.spool
        with self.connection() as connection:
            row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
        return None if row is None else SpoolProgress(row.name, row.taken_bytes, row.chain, bool(row.ended))

    def entry(self, seq: int) -> Entry:
        """Give one entry.

        Raises:
            UsageError: There is no entry of that number.
        """
        for found in self.entries(seq, seq + 1):
            return found
        raise UsageError(f"no entry {seq}", f"entries are numbered 0 to {self.size() - 1}")

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """Give entries in order, a page in memory at a time.

        Args:
            start: First entry number.
            stop: Entry number to end before; all when left out.
        """
        table, payload = schema.entry, schema.payload
        query = (
            select(table.c.seq, table.c.leaf, payload.c.body)
            .outerjoin(payload, payload.c.seq == table.c.seq)
            .order_by(table.c.seq)
        )
        while stop is None or start < stop:
            last = start + _PAGE if stop is None else min(start + _PAGE, stop)
            with self.connection() as connection:
                page = connection.execute(query.where(table.c.seq >= start, table.c.seq < last)).all()
            if not page:
                return
            for seq, data, body in page:
                leaf = decode_leaf(data)
                yield Entry(seq, leaf.id, leaf.type, leaf.recorded, leaf.principal, body)
            start = last

    def destroy_payload(self, seq: int, reason: str) -> int:
        """Destroy the payload of an entry for good; its leaf stays and the log still verifies.

        Args:
            seq: Entry number.
            reason: Why, for the `shred` entry that says so.

        Returns:
            Number of the `shred` entry.

        Raises:
            UsageError: There is no such entry, or its payload is gone already.
        """
        # 1. Refuse what cannot be destroyed.
        # 2. Record the destruction first: a crash in between leaves a stated intent, never a silent gap.
        # 3. Overwrite salt and payload, and drop what they projected.
        # 4. Empty the write-ahead log, so that no file keeps the bytes.
        if self.entry(seq).payload is None:
            raise UsageError(f"the payload of entry {seq} is destroyed already", "nothing is left to destroy")
        shred = Shred(entry=seq, reason=reason, time=now())
        done = self.append([NewEntry(EntryType.SHRED, msgspec.json.encode(shred))])
        with meaning_errors(self.folder / DATABASE), exclusive(self.folder), self._raw() as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE payload SET salt = NULL, body = NULL WHERE seq = ?", (seq,))
            rebuild_tables(connection)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA secure_delete=OFF")
        return done.first

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make all projected tables anew from the log, in one transaction.

        Args:
            progress: Called with (done, total) entries.

        Returns:
            Number of entries replayed.
        """
        with meaning_errors(self.folder / DATABASE), exclusive(self.folder), self._raw() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                count = rebuild_tables(connection, progress)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        return count

    def verify(self, *, scope: Scope = Scope.ALL, progress: Progress | None = None) -> VerifyReport:
        """Check the log, and that the tables still say what the log says.

        Args:
            scope: Both halves, the log alone, or the tables alone.
            progress: Called with (done, total) steps.
        """
        return verify_ledger(self.folder, self.id, scope=scope, progress=progress)

    @contextmanager
    def _raw(self) -> Iterator[sqlite3.Connection]:
        with closing(self._engine.raw_connection()) as borrowed:
            yield cast("sqlite3.Connection", borrowed.driver_connection)

    @cached_property
    def _signing_key(self) -> SigningKey:
        return signing_key(self.folder / KEYS)

    def _principal(self, connection: sqlite3.Connection, key: SigningKey) -> str:
        """Give the reference of the operating-system user, known to the ledger or made known now."""
        name = _user()
        found = connection.execute(
            "SELECT ref FROM principal WHERE name = ? AND auth_method = ? ORDER BY entry LIMIT 1",
            (name, AuthMethod.SELF_ASSERTED.value),
        ).fetchone()
        if found is not None:
            return str(found[0])
        reference, grant = _grant(name)
        append_group(connection, self.id, reference, key, [grant], None)
        return reference


def _found(folder: Path) -> None:
    """Make database, keys and the first two entries; the database appears under its name only when whole."""
    identifier = str(uuid.uuid4())
    draft = folder / f"{DATABASE}.new"
    for leftover in folder.glob(f"{DATABASE}.new*"):
        leftover.unlink()
    for leftover in (folder / KEYS).glob("ledger.*key"):
        # Of a creation that was cut off, or of a ledger whose database is gone: kept, aside.
        leftover.rename(leftover.with_name(f"{leftover.name}.{identifier}.orphan"))
    key = create_keys(folder / KEYS, identifier)
    engine = open_database(draft)
    create_tables(engine)
    with closing(engine.raw_connection()) as borrowed:
        connection = cast("sqlite3.Connection", borrowed.driver_connection)
        frontier = Frontier()
        empty = sign_checkpoint(Checkpoint(origin_of(identifier), 0, frontier.root()), key)
        connection.execute("INSERT INTO meta VALUES ('ledger', ?)", (identifier,))
        connection.execute("INSERT INTO head VALUES (1, 0, ?, ?)", (frontier.to_bytes(), empty))
        added = KeyAdded(verifier_key=str(key.verifier), time=now())
        reference, grant = _grant(_user())
        first = NewEntry(EntryType.KEY, msgspec.json.encode(added))
        append_group(connection, identifier, reference, key, [first, grant], None)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    draft.rename(folder / DATABASE)


def _grant(name: str) -> tuple[str, NewEntry]:
    reference = f"principal:{uuid.uuid4()}"
    grant = Grant(
        principal=reference, kind="person", name=name, auth_method=AuthMethod.SELF_ASSERTED, time=now()
    )
    return reference, NewEntry(EntryType.GRANT, msgspec.json.encode(grant))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password file, as in many containers
        return f"uid:{os.getuid()}"
