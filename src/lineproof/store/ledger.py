"""A ledger on disk: made, opened, appended to, read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from lineproof.errors import (
    CorruptLedgerError,
    EventError,
    KeyEncryptionKeyError,
    KeyFileError,
    NoLedgerError,
    OtherStoreError,
    UsageError,
)
from lineproof.ledger import SigningKey, VerifierKey, decode_leaf
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Witness
from lineproof.store import schema
from lineproof.store.database import Cursor, Database, Session, transaction
from lineproof.store.export import Exported, export_log, prove_entry
from lineproof.store.forgetting import Forgetting
from lineproof.store.holds import Holds
from lineproof.store.keyring import trusted_keys
from lineproof.store.keys import VERIFYING, signing_key, verifier_key
from lineproof.store.location import KEYS, OBJECTS, SPOOL, read_note
from lineproof.store.migrate import migrate
from lineproof.store.objects import Objects, open_objects
from lineproof.store.objects.collect import Collected, collect
from lineproof.store.opening import check_note, establish, place_of, reading_folder
from lineproof.store.principals import known_principal, new_principal
from lineproof.store.rebuild import Progress, rebuild_tables
from lineproof.store.rotate import Rotated, rotate, settle_rotation
from lineproof.store.seen import Contradiction, accept, look, remembering, seen_file
from lineproof.store.sequencer import Appended, NewEntry, SpoolProgress, Stored, append_group
from lineproof.store.together import Batch, Together, until_told
from lineproof.store.vault import Vault, make_subjects_key, per_person, with_vault
from lineproof.store.vault.envelope import is_sealed, read_header
from lineproof.store.vault.sealing import seal_items
from lineproof.store.verify import Scope, VerifyReport, verify_ledger

__all__ = ["Entry", "Ledger"]

_PAGE = 1000  # entries read at a time
_KEPT = (EntryType.KEY, EntryType.SHRED)
_OWN = "leave the entry out; `destroy` makes the one about a destruction"


class Entry(msgspec.Struct, frozen=True):
    """One entry as recorded.

    Attributes:
        payload: As it was handed in; None when it was destroyed.
        subject_ref: The person whom it is stored encrypted for, by the random reference; None for nobody.
    """

    seq: int
    id: str
    type: EntryType
    recorded: str
    principal: str
    payload: bytes | None
    subject_ref: str | None = None


class Ledger(Forgetting):
    """An embedded ledger in a folder `.lineproof`. Make with `create`, get with `open`.

    Attributes:
        folder: The folder `.lineproof`.
        id: Random UUID of this ledger, part of every leaf.
        vault: The keys of the people it holds something about.
        made: Whether `create` made it.
    """

    def __init__(self, folder: Path, database: Database, identifier: str) -> None:
        self.folder = folder
        self.id = identifier
        self.made = False
        self.vault = Vault(folder / KEYS, identifier)
        self._database = database
        self._together = Together(self._commit)
        database.engine = with_vault(database.engine, self.vault)

    @classmethod
    def create(cls, folder: Path) -> Ledger:
        """Make a ledger in this folder, or open the one that is there.

        Args:
            folder: The folder `.lineproof` itself.

        Raises:
            LedgerFullError: It cannot be written.
        """
        folder = folder.absolute()
        database, made = establish(folder)
        ledger = cls._opened(folder, database, join=True)
        ledger.made = made
        return ledger

    @classmethod
    def open(cls, location: Path | str | None = None) -> Ledger:
        """Open a ledger.

        Args:
            location: The folder `.lineproof`, or the address of a store; when left out LINEPROOF_STORE,
                LINEPROOF_HOME or the nearest folder upwards.

        Raises:
            NoLedgerError: There is none.
            NewerLedgerError: It was written by a newer lineproof.
            CorruptLedgerError: It cannot be read.
            OtherStoreError: The folder belongs to another ledger than the store holds.
            ForgettingError: It holds what was destroyed before, and may not be written to.
        """
        folder, database = place_of(location.absolute() if isinstance(location, Path) else location)
        return cls._opened(folder, database)

    @classmethod
    def _opened(cls, folder: Path | None, database: Database, *, join: bool = False) -> Ledger:
        with database.meaning_errors():
            if not database.holds_ledger():
                if folder is not None and (note := read_note(folder)) is not None:
                    raise OtherStoreError(
                        f"{folder} belongs to ledger {note.ledger}; {database.title} holds none"
                    )
                raise NoLedgerError(f"no ledger in {database.title}")
            stale = migrate(database)
            with database.reading() as connection:
                identifier = connection.scalar(
                    select(schema.meta.c.value).where(schema.meta.c.key == "ledger")
                )
        if identifier is None:
            raise CorruptLedgerError(f"{database.title} does not say which ledger it is")
        folder = folder or reading_folder(identifier)
        check_note(folder, database, identifier, join=join)
        # Ledgers of earlier versions have none. One that is shared gets it with its other keys.
        if os.access(folder / KEYS, os.W_OK) and (folder / KEYS / VERIFYING).exists():
            make_subjects_key(folder / KEYS)
        ledger = cls(folder, database, identifier)
        if stale:
            with suppress(KeyEncryptionKeyError):  # `verify` says what is missing, `rebuild` makes it
                ledger.rebuild()
        ledger.catch_up()
        return ledger

    @cached_property
    def objects(self) -> Objects:
        """Its content-addressed objects: in its folder, or where LINEPROOF_OBJECTS says.

        Raises:
            ObjectAccessError: The stated place is none that can be reached from here.
        """
        return open_objects(self.folder / OBJECTS, self.id)

    def collect_objects(self, *, grace_s: float, dry_run: bool = False) -> Collected:
        """Remove objects that nothing in the ledger names, unless a legal hold keeps them.

        Args:
            grace_s: What was put less than so many seconds ago stays.
            dry_run: Say only what would go.
        """

        def payloads() -> Iterator[bytes]:
            return (entry.payload for entry in self.entries() if entry.payload is not None)

        with self.snapshot() as connection:
            holds = Holds(connection.cursor())

        def held(digest: str) -> bool:
            return holds.over_object(digest) is not None

        return collect(self.objects, payloads(), grace_s=grace_s, held=held, dry_run=dry_run)

    @property
    def root(self) -> Path:
        """The folder that holds the ledger's folder: where recorded paths start."""
        return self.folder.parent

    @property
    def place(self) -> str:
        """Where it is: the absolute path of its folder, or the address of its store."""
        return self._database.title if self._database.place else os.path.realpath(self.folder)

    @property
    def spool_folder(self) -> Path:
        """Where recorded processes leave their spools."""
        return self.folder / SPOOL

    @property
    def writable(self) -> bool:
        """Whether this process may append."""
        return os.access(self.folder, os.W_OK) and self._database.writable

    def append(
        self,
        items: Sequence[NewEntry],
        *,
        spool: SpoolProgress | None = None,
        acting_as: str | None = None,
    ) -> Appended:
        """Record entries, durable when this returns. Threads that append at once share a commit.

        A server that goes away meanwhile is waited for, and asked again: nothing is recorded twice.

        Args:
            items: In order; an item whose id is recorded already is not recorded twice.
            spool: How far a spool file is taken in with them, in the same transaction as the last.
            acting_as: Name of the person who acts, as asserted; the user of this process when left out.

        Raises:
            LedgerInUseError: Another process kept the ledger locked.
            StoreUnreachableError: The server cannot be reached, or went away and did not come back.
            LedgerFullError: The disk is full or the folder is not writable; nothing of the failed
                group is recorded.
            KeyFileError: The signing key is missing.
            EventError: An item is of a type that the ledger makes itself.
            LeafError: An id is not a UUIDv7.
            NodeCollisionError: Two names share an identity.
        """
        for item in items:
            if item.type in _KEPT:
                raise EventError(f"a {item.type} entry is made by the ledger itself", _OWN)
        firsts: list[int] = []  # where the parts of each item begin
        parts: list[NewEntry] = []
        for item in items:
            firsts.append(len(parts))
            parts += per_person(item)
        done = self._together.append(Batch(parts, spool, acting_as))
        return msgspec.structs.replace(done, entries=tuple(done.entries[first] for first in firsts))

    def _commit(self, batches: Sequence[Batch]) -> None:
        """Append what several threads hand in, as one transaction if it fits into one."""

        def commit() -> None:
            with self._writing() as session:
                key = self._signing_key(session)
                if len(batches) == 1:
                    self._commit_alone(session, key, batches[0])
                    return
                with transaction(session) as cursor:
                    done = [self._append_group(cursor, key, one, one.parts, one.spool) for one in batches]
                for one, appended in zip(batches, done, strict=True):
                    one.appended = appended

        until_told(commit)

    def _commit_alone(self, session: Session, key: SigningKey, batch: Batch) -> None:
        numbers: list[int] = []
        added = size = 0
        groups = batch.groups()
        for number, group in enumerate(groups, start=1):
            progress = batch.spool if number == len(groups) else None
            with transaction(session) as cursor:
                done = self._append_group(cursor, key, batch, group, progress)
            numbers += done.entries
            added += done.added
            size = done.size
        batch.appended = Appended(entries=tuple(numbers), added=added, size=size)

    def _append_group(
        self,
        cursor: Cursor,
        key: SigningKey,
        batch: Batch,
        group: Sequence[NewEntry],
        spool: SpoolProgress | None,
    ) -> Appended:
        principal = self._principal(cursor, key, batch.acting_as)
        done = append_group(cursor, self.id, principal, key, group, spool, seal=self._seal)
        return msgspec.structs.replace(done, added=batch.added(done, group))

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a connection that sees one snapshot of the tables, to read."""
        with self._database.meaning_errors(), self._database.reading() as connection:
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
                ref = read_header(body).ref.hex() if body is not None and is_sealed(body) else None
                opened = None if body is None else self.vault.open(body)
                yield Entry(seq, leaf.id, leaf.type, leaf.recorded, leaf.principal, opened, ref)
            start = last

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make all projected tables anew from the log, in one transaction.

        Args:
            progress: Called with (done, total) entries.

        Returns:
            Number of entries replayed.
        """
        with self._writing() as connection, transaction(connection) as cursor:
            return rebuild_tables(cursor, self.vault.open, progress)

    def verify(
        self,
        *,
        scope: Scope = Scope.ALL,
        since: int | str | None = None,
        progress: Progress | None = None,
    ) -> VerifyReport:
        """Check the log, and that the tables still say what the log says.

        Args:
            scope: Both halves, the log alone, or the tables alone.
            since: Read of the log only what came after that many entries, or after a signed checkpoint.
            progress: Called with (done, total) steps.
        """
        return verify_ledger(
            self._database,
            self.folder / KEYS,
            self.id,
            self.vault.open,
            place=self.place,
            objects=(lambda: self.objects) if scope is Scope.ALL and since is None else None,
            scope=scope,
            since=since,
            progress=progress,
        )

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Give a connection that sees one state of the database, however altered, to check it."""
        with self._database.meaning_errors(), self._database.snapshot() as connection:
            yield connection

    def verifier_keys(self, connection: Session) -> list[VerifierKey]:
        """Give the keys that sign or have signed checkpoints, the present one last."""
        return trusted_keys(connection, verifier_key(self.folder / KEYS))

    def rotate_key(self, reason: str, *, acting_as: str | None = None) -> Rotated:
        """Let a new key sign from now on; the old one signs for it, and its private half is gone.

        Args:
            reason: Why, for the `key` entry that says so.
            acting_as: Name of the person who acts, as asserted; the user of this process when left out.

        Raises:
            KeyFileError: The signing key is missing, or the new one cannot be written.
        """
        with self._writing() as connection:
            key = self._signing_key(connection)
            with transaction(connection) as cursor:
                principal = self._principal(cursor, key, acting_as)
                rotated = rotate(cursor, self.folder / KEYS, self.id, principal, key, reason)
            settle_rotation(connection, self.folder / KEYS)
        return rotated

    @property
    def seen(self) -> bool:
        """Whether this user has seen it in this place before, as far as is remembered."""
        path = seen_file(self.id, self.place)
        return path is not None and path.is_file()

    def look(self) -> Contradiction | None:
        """Hold the log against what this user last saw of it in this place, and remember it when it has grown.

        Returns:
            What it was and what it is, when it is not what was seen; None when all is well.
        """
        try:
            key = verifier_key(self.folder / KEYS)
        except KeyFileError:
            return None  # it can be read, but nothing of it be held against anybody
        with self._database.meaning_errors(), ExitStack() as held:

            def connection() -> Session:
                return self._database.session_of(held.enter_context(self.connection()))

            return look(connection, self.place, self.id, key)

    def accept_restored(self, reason: str, *, acting_as: str | None = None) -> int | None:
        """Accept that the log is not what this user saw of it in this place: it was restored on purpose.

        Args:
            reason: Why, for the `witness` entry that says so and carries the checkpoint seen before.
            acting_as: Name of the person who acts, as asserted; the user of this process when left out.

        Returns:
            Number of that entry, or None when the log has only grown and there is nothing to accept.
        """
        found = self.look()
        if found is None:
            return None
        accepted = Witness(
            witness=uuid7(),
            name="reader",
            kind="memory",
            location="",
            action="accepted",
            checkpoint=found.seen.checkpoint,
            reason=reason,
            time=now(),
        )
        entry = NewEntry(EntryType.WITNESS, msgspec.json.encode(accepted))
        number = self.append([entry], acting_as=acting_as).first
        with self.snapshot() as connection:
            accept(connection, self.place, self.id, verifier_key(self.folder / KEYS))
        return number

    def export(self, into: Path, *, payloads: bool = False, progress: Progress | None = None) -> Exported:
        """Write the log out as static files, or what it has grown by; see `store.export.export_log`."""
        with self.snapshot() as connection:
            keys = self.verifier_keys(connection)
            return export_log(connection, keys, into, payloads=payloads, progress=progress)

    def prove(self, seq: int, *, payload: bool = False, cosigned: str | None = None) -> str:
        """Give the text of a `.tlog-proof` file for one entry; see `store.export.prove_entry`."""
        with self.snapshot() as connection:
            keys = self.verifier_keys(connection)
            return prove_entry(connection, seq, payload=payload, cosigned=cosigned, keys=keys)

    def close(self) -> None:
        """Close the connections that are kept open; the next use opens new ones."""
        self._database.close()
        self.vault.close()

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with (
            self._database.meaning_errors(),
            self._database.writing() as session,
            remembering(session, self.place, self.id, lambda: verifier_key(self.folder / KEYS)),
        ):
            yield session

    def _signing_key(self, connection: Session) -> SigningKey:
        """Give the key that signs now; another process may have rotated it. The caller holds the lock."""
        settle_rotation(connection, self.folder / KEYS)
        return signing_key(self.folder / KEYS)

    def _seal(self, cursor: Cursor, items: Sequence[NewEntry]) -> Sequence[Stored]:
        return seal_items(self.vault, cursor, items)

    def _principal(self, cursor: Cursor, key: SigningKey, name: str | None = None) -> str:
        """Give the reference of a person, known to the ledger or made known now."""
        known = known_principal(cursor, name)
        if known is not None:
            return known
        reference, grant = new_principal(name)
        append_group(cursor, self.id, reference, key, [grant])
        return reference
