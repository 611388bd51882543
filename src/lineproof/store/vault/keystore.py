"""The keys of people in a SQLite file of their own, with a backup life of its own.

A million people take less than 100 MB: a row each for the key, in order of arrival, and one for the keyed
hash that leads to it.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from lineproof.errors import LedgerInUseError
from lineproof.store.database import meaning_errors, open_database, transaction
from lineproof.store.vault.interface import Destruction, Person

__all__ = ["SqliteKeyStore"]

_FORMAT = b"1"
_CHUNK = 500  # values in one question
_PAGE = 10_000  # rows in memory at a time
_TABLES = (
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE person (slot INTEGER PRIMARY KEY, ref BLOB NOT NULL, wrapped BLOB NOT NULL)",
    "CREATE TABLE lookup (hash BLOB PRIMARY KEY, slot INTEGER NOT NULL) WITHOUT ROWID",
    # People of whom more than one key was made before they were linked; `leader` names their group.
    "CREATE TABLE linked (slot INTEGER PRIMARY KEY, leader INTEGER NOT NULL)",
    "CREATE INDEX linked_group ON linked (leader)",
    "CREATE TABLE destroyed_entry (id BLOB PRIMARY KEY, shred BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE destroyed_person (ref BLOB PRIMARY KEY, slot INTEGER NOT NULL, shred BLOB NOT NULL) WITHOUT ROWID",
)


class SqliteKeyStore:
    """A key store in a file.

    Args:
        path: The file. It must be there: see `create`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = open_database(path)

    @classmethod
    def create(cls, path: Path, **facts: bytes) -> SqliteKeyStore:
        """Make a key store, whole and durable, or open the one that is there; the caller holds the lock."""
        if not path.exists():
            draft = path.with_name(f"{path.name}.new")
            for leftover in path.parent.glob(f"{draft.name}*"):
                leftover.unlink()
            made = cls(draft)
            with made._writing() as cursor:
                for statement in _TABLES:
                    cursor.execute(statement)
                rows = [*facts.items(), ("format", _FORMAT), ("pending", b"0")]
                cursor.executemany("INSERT INTO fact VALUES (?, ?)", rows)
            made._empty_write_ahead_log()
            made.close()
            draft.chmod(0o600)
            draft.replace(path)
        return cls(path)

    def find(self, hashes: Collection[bytes]) -> dict[bytes, Person]:
        """Give the people behind some keyed hashes; those that are not known are left out."""
        query = "SELECT hash, slot, ref, wrapped FROM lookup JOIN person USING (slot) WHERE hash IN ({})"
        found = {}
        with self._reading() as connection:
            for piece in _pieces(list(hashes)):
                for hashed, *person in connection.execute(query.format(_marks(piece)), piece):
                    found[bytes(hashed)] = Person(*person)
        return found

    def add(self, people: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        """Add people, each as keyed hash, ref and wrapped key; they stay pending until `sweep`."""
        with self._writing() as cursor:
            (last,) = cursor.execute("SELECT coalesce(max(slot), 0) FROM person").fetchone()
            numbered = list(enumerate(people, start=last + 1))
            cursor.executemany(
                "INSERT INTO person VALUES (?, ?, ?)", [(slot, ref, key) for slot, (_, ref, key) in numbered]
            )
            # In order, so that neighbours go into one page.
            rows = sorted((hashed, slot) for slot, (hashed, _, _) in numbered)
            cursor.executemany("INSERT INTO lookup VALUES (?, ?)", rows)
            _put(cursor, "pending", b"%d" % (last + 1))

    def pending(self) -> list[Person]:
        """Give the people that the last writer added."""
        with self._reading() as connection:
            (first,) = connection.execute("SELECT value FROM fact WHERE name = 'pending'").fetchone()
            if int(first) == 0:
                return []
            rows = connection.execute("SELECT slot, ref, wrapped FROM person WHERE slot >= ?", (int(first),))
            return [Person(*row) for row in rows]

    def sweep(self, orphans: Sequence[Person]) -> None:
        """Remove pending people whom nothing is encrypted for, and let the others stay."""
        with self._writing() as cursor:
            slots = [one.slot for one in orphans]
            _remove(cursor, slots)
            _remove_lookups(cursor, slots)
            _put(cursor, "pending", b"0")
        if orphans:
            self._empty_write_ahead_log()

    def person(self, slot: int, ref: bytes) -> Person | None:
        """Give a person by what a sealed payload says, or None."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT slot, ref, wrapped FROM person WHERE slot = ? AND ref = ?", (slot, ref)
            ).fetchone()
        return None if row is None else Person(*row)

    def link(self, one: bytes, other: bytes, fresh: tuple[bytes, bytes]) -> None:
        """Let two keyed hashes lead to one person."""
        # 1. Nobody is known: one new key, and both hashes lead to it.
        # 2. One is known: the other hash leads there too.
        # 3. Both are: each keeps the key that payloads are encrypted under; they become one group.
        known = self.find([one, other])
        with self._writing() as cursor:
            if not known:
                (slot,) = cursor.execute("SELECT coalesce(max(slot), 0) + 1 FROM person").fetchone()
                cursor.execute("INSERT INTO person VALUES (?, ?, ?)", (slot, *fresh))
                cursor.executemany("INSERT INTO lookup VALUES (?, ?)", {(one, slot), (other, slot)})
            elif len(known) == 1:
                ((hashed, person),) = known.items()
                cursor.execute(
                    "INSERT OR IGNORE INTO lookup VALUES (?, ?)",
                    (other if hashed == one else one, person.slot),
                )
                # That more than one hash leads here must be known when it is destroyed.
                cursor.execute("INSERT OR IGNORE INTO linked VALUES (?, ?)", (person.slot, person.slot))
            else:
                _join(cursor, known[one].slot, known[other].slot)
            if not known:
                cursor.execute("INSERT OR IGNORE INTO linked VALUES (?, ?)", (slot, slot))

    def group(self, person: Person) -> list[Person]:
        """Give all keys of one person."""
        query = (
            "SELECT person.slot, ref, wrapped FROM linked JOIN person USING (slot) WHERE leader = "
            "(SELECT leader FROM linked WHERE slot = ?) ORDER BY person.slot"
        )
        with self._reading() as connection:
            return [Person(*row) for row in connection.execute(query, (person.slot,))] or [person]

    def hashes_of(self, hashed: bytes) -> list[bytes]:
        """Give all keyed hashes that lead to the person a hash leads to; itself where it leads to nobody."""
        person = self.find([hashed]).get(hashed)
        if person is None:
            return [hashed]
        slots = {one.slot for one in self.group(person)}
        with self._reading() as connection:
            linked = connection.execute("SELECT 1 FROM linked WHERE slot = ?", (person.slot,)).fetchone()
            if linked is None:
                return [hashed]
            query = f"SELECT hash FROM lookup WHERE slot IN ({_marks([b''] * len(slots))})"
            return sorted({hashed, *(bytes(one) for (one,) in connection.execute(query, list(slots)))})

    def forget(self, done: Destruction, hashes: Collection[bytes] = ()) -> None:
        """Remove the keys of the people of a destruction, what leads to them, and list the destruction."""
        # 1. Remove keys whose ref is the one meant: a slot may have been given again after a restore.
        # 2. Remove the hashes. Where people were linked, or no hash is known, all are looked through.
        # 3. List it in the same transaction; then empty the write-ahead log: until then it is not done.
        shred = uuid.UUID(done.shred).bytes
        with self._writing() as cursor:
            present = [slot for slot, ref in done.people if _holds(cursor, slot, ref)]
            linked = _remove(cursor, present)
            if linked or len(hashes) < len(present):
                _remove_lookups(cursor, present)
            else:
                rows = [(hashed,) for hashed in hashes]
                cursor.executemany("DELETE FROM lookup WHERE hash = ?", rows)
            cursor.executemany(
                "INSERT OR IGNORE INTO destroyed_entry VALUES (?, ?)",
                sorted((uuid.UUID(one).bytes, shred) for one in done.entries),
            )
            cursor.executemany(
                "INSERT OR IGNORE INTO destroyed_person VALUES (?, ?, ?)",
                sorted((ref, slot, shred) for slot, ref in done.people),
            )
            _put(cursor, "settled", done.shred.encode())
        self._empty_write_ahead_log()

    def destructions(self) -> Iterator[Destruction]:
        """Give the list of destructions, by the entry that each was said in."""
        with self._reading() as connection:
            shreds = connection.execute(
                "SELECT shred FROM destroyed_entry UNION SELECT shred FROM destroyed_person ORDER BY shred"
            ).fetchall()
            entries: dict[bytes, list[str]] = {}
            for identifier, shred in connection.execute("SELECT id, shred FROM destroyed_entry ORDER BY id"):
                entries.setdefault(shred, []).append(str(uuid.UUID(bytes=identifier)))
            people: dict[bytes, list[tuple[int, bytes]]] = {}
            for ref, slot, shred in connection.execute("SELECT ref, slot, shred FROM destroyed_person"):
                people.setdefault(shred, []).append((slot, ref))
        for (shred,) in shreds:
            yield Destruction(
                str(uuid.UUID(bytes=shred)), tuple(entries.get(shred, ())), tuple(people.get(shred, ()))
            )

    def settled(self) -> str | None:
        """Give the id of the `shred` entry that was carried out last."""
        found = self.facts().get("settled")
        return None if found is None else found.decode()

    def rewrap(
        self, change: Callable[[bytes], bytes], kek: bytes, progress: Callable[[int, int], None]
    ) -> int:
        """Put another wrapping in place of each; all or none."""
        with self._writing() as cursor:
            (total,) = cursor.execute("SELECT count(*) FROM person").fetchone()
            last = done = 0
            while rows := cursor.execute(
                "SELECT slot, wrapped FROM person WHERE slot > ? ORDER BY slot LIMIT ?", (last, _PAGE)
            ).fetchall():
                cursor.executemany(
                    "UPDATE person SET wrapped = ? WHERE slot = ?",
                    [(change(wrapped), slot) for slot, wrapped in rows],
                )
                last, done = rows[-1][0], done + len(rows)
                progress(done, total)
            _put(cursor, "kek", kek)
        self._empty_write_ahead_log()
        return int(total)

    def facts(self) -> dict[str, bytes]:
        """Give what the store says of itself."""
        with self._reading() as connection:
            return {name: bytes(value) for name, value in connection.execute("SELECT name, value FROM fact")}

    def note(self, name: str, value: bytes) -> None:
        """Let it say something of itself."""
        with self._writing() as cursor:
            _put(cursor, name, value)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with meaning_errors(self._path), closing(self._engine.raw_connection()) as borrowed:
            yield cast("sqlite3.Connection", borrowed.driver_connection)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        with self._reading() as connection, transaction(connection) as cursor:
            yield cursor

    def _empty_write_ahead_log(self) -> None:
        with self._reading() as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise LedgerInUseError(
                f"{self._path}-wal still holds the destroyed bytes: a reader keeps it open",
                "end the other lineproof commands; the last of them to end empties it",
            )


def _holds(cursor: sqlite3.Cursor, slot: int, ref: bytes) -> bool:
    found = cursor.execute("SELECT ref FROM person WHERE slot = ?", (slot,)).fetchone()
    return found is not None and bytes(found[0]) == ref


def _remove(cursor: sqlite3.Cursor, slots: Sequence[int]) -> int:
    """Remove keys; give how many of them were linked."""
    rows = [(slot,) for slot in slots]
    cursor.executemany("DELETE FROM person WHERE slot = ?", rows)
    cursor.executemany("DELETE FROM linked WHERE slot = ?", rows)
    return cursor.rowcount


def _remove_lookups(cursor: sqlite3.Cursor, slots: Sequence[int]) -> None:
    if not slots:
        return
    cursor.execute("CREATE TEMP TABLE gone (slot INTEGER PRIMARY KEY)")
    cursor.executemany("INSERT INTO gone VALUES (?)", [(slot,) for slot in slots])
    cursor.execute("DELETE FROM lookup WHERE slot IN (SELECT slot FROM gone)")
    cursor.execute("DROP TABLE gone")


def _join(cursor: sqlite3.Cursor, one: int, other: int) -> None:
    """Make one group of two people and of all that each was linked with."""
    if one == other:
        return
    cursor.executemany("INSERT OR IGNORE INTO linked VALUES (?, ?)", [(one, one), (other, other)])
    first, second = (
        cursor.execute("SELECT leader FROM linked WHERE slot = ?", (slot,)).fetchone()[0]
        for slot in (one, other)
    )
    cursor.execute("UPDATE linked SET leader = ? WHERE leader = ?", (first, second))


def _put(cursor: sqlite3.Cursor, name: str, value: bytes) -> None:
    cursor.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))


def _pieces(values: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _marks(piece: list[bytes]) -> str:
    return ", ".join("?" * len(piece))
