"""Sets of people in a SQLite file beside the keys, with their backup life.

A set is a roaring bitmap of dense ids, kept as what differs from an earlier set of its space where that is
smaller; at most every so many in a row. Without the dictionary the bitmaps name nobody: to forget a person is
to remove their row there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from lineproof.errors import LedgerInUseError
from lineproof.model.people import HASH_BYTES, SetOfPeople
from lineproof.store.database import meaning_errors, open_database, transaction

__all__ = ["PEOPLE", "PeopleSets"]

PEOPLE = "people.db"  # name of the file, in the folder `keys` of a ledger

_TABLES = (
    "CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
    "INSERT OR IGNORE INTO fact VALUES ('given', 0)",  # dense ids given so far, to people forgotten since too
    "CREATE TABLE IF NOT EXISTS person (hash BLOB PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS kept (
        at INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, space TEXT NOT NULL, base INTEGER,
        depth INTEGER NOT NULL, people INTEGER NOT NULL, bitmap BLOB NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS kept_space ON kept (space, at)",
    "CREATE TABLE IF NOT EXISTS followed (shred TEXT NOT NULL)",  # the destruction that was followed last
)
_DEEPEST = 128  # differences in a row before a set is kept whole again
_BASES = 3  # earlier sets of a space that a new one is compared with


class PeopleSets:
    """The sets of one ledger.

    Args:
        folder: The folder `keys` of the ledger.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / PEOPLE
        self._connection: sqlite3.Connection | None = None
        self._recent: dict[int, Any] = {}  # whole bitmaps of the last sets, by place

    @property
    def is_there(self) -> bool:
        """Whether any set was ever kept."""
        return self._path.is_file()

    def keep(self, people: SetOfPeople) -> None:
        """Keep a set, once; durable when this returns."""
        hashes = [people.hashes[at : at + HASH_BYTES] for at in range(0, len(people.hashes), HASH_BYTES)]
        with self._writing() as cursor:
            if cursor.execute("SELECT 1 FROM kept WHERE id = ?", (people.id,)).fetchone() is None:
                self._keep(cursor, people.id, people.space, _bitmap(_numbered(cursor, hashes)))

    def keep_numbered(self, identifier: str, space: str, numbers: Any) -> None:
        """Keep a set of dense ids that the dictionary gave."""
        with self._writing() as cursor:
            self._keep(cursor, identifier, space, _bitmap(numbers))

    def number(self, hashes: Collection[bytes]) -> dict[bytes, int]:
        """Give the dense ids of people, given now to those who have none."""
        with self._writing() as cursor:
            ordered = list(hashes)
            return dict(zip(ordered, _numbered(cursor, ordered), strict=True))

    def holding(self, hashes: Collection[bytes], space: str | None = None) -> set[str]:
        """Give the sets that hold any of some people, by what they are known by.

        Args:
            hashes: Keyed hashes.
            space: Look at sets of this space alone.
        """
        if not self.is_there:
            return set()
        wanted = self.numbers(hashes)
        with self._reading() as connection:
            found: set[str] = set()
            for number in wanted:
                found |= _holding(connection, number, space)
        return found

    def knows(self, hashes: Collection[bytes]) -> bool:
        """Tell whether any of some people is in the dictionary."""
        return bool(self.numbers(hashes))

    def kept(self) -> dict[str, int]:
        """Give the sets there are, with their number of people."""
        if not self.is_there:
            return {}
        with self._reading() as connection:
            return dict(connection.execute("SELECT id, people FROM kept").fetchall())

    def numbers(self, hashes: Collection[bytes]) -> set[int]:
        """Give the dense ids of those people who are in the dictionary."""
        if not self.is_there or not hashes:
            return set()
        marks = ", ".join("?" * len(hashes))
        with self._reading() as connection:
            query = f"SELECT id FROM person WHERE hash IN ({marks})"
            return {number for (number,) in connection.execute(query, list(hashes))}

    def among(self, numbers: Collection[int]) -> set[int]:
        """Give those of some dense ids that lead to people all the same, as after restoring a backup."""
        if not self.is_there or not numbers:
            return set()
        wanted = set(numbers)
        with self._reading() as connection:  # there is no index from here to people, on purpose
            return {one for (one,) in connection.execute("SELECT id FROM person") if one in wanted}

    def followed(self) -> str | None:
        """Give the `shred` entry that was followed last; None for none."""
        with self._reading() as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'followed'").fetchone():
                return None  # kept before destructions were noted here
            row = connection.execute("SELECT shred FROM followed").fetchone()
        return None if row is None else str(row[0])

    def forget(
        self, hashes: Collection[bytes] = (), *, numbers: Iterable[int] = (), shred: str | None = None
    ) -> int:
        """Remove people from the dictionary; the bitmaps then say nothing of them.

        Args:
            hashes: Whom, by keyed hash.
            numbers: Whom, by dense id. Nobody is given one of these again.
            shred: The entry that says so; it is remembered as the one followed last.

        Returns:
            How many were there.
        """
        if not self.is_there:
            return 0
        by_number = sorted(numbers)
        with self._writing() as cursor:
            (before,) = cursor.execute("SELECT count(*) FROM person").fetchone()
            cursor.executemany("DELETE FROM person WHERE hash = ?", [(one,) for one in hashes])
            if by_number:
                _remove_numbers(cursor, by_number)
            if shred is not None:
                cursor.execute("DELETE FROM followed")
                cursor.execute("INSERT INTO followed VALUES (?)", (shred,))
            (after,) = cursor.execute("SELECT count(*) FROM person").fetchone()
        with self._reading() as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise LedgerInUseError(
                f"{self._path}-wal still holds the destroyed bytes: a reader keeps it open",
                "end the other lineproof commands; the last of them to end empties it",
            )
        return int(before - after)

    def _keep(self, cursor: sqlite3.Cursor, identifier: str, space: str, bitmap: Any) -> None:
        base, depth, stored = self._smallest(cursor, space, bitmap)
        cursor.execute(
            "INSERT OR IGNORE INTO kept (id, space, base, depth, people, bitmap) VALUES (?, ?, ?, ?, ?, ?)",
            (identifier, space, base, depth, len(bitmap), stored),
        )
        if cursor.rowcount == 1 and cursor.lastrowid is not None:
            self._recent[cursor.lastrowid] = bitmap
            while len(self._recent) > _BASES:
                del self._recent[min(self._recent)]

    def _smallest(self, cursor: sqlite3.Cursor, space: str, bitmap: Any) -> tuple[int | None, int, bytes]:
        """Give the smallest form of a set: whole, or what differs from one of the last."""
        best: tuple[int | None, int, bytes] = None, 0, _bytes(bitmap)
        earlier = cursor.execute(
            "SELECT at, depth FROM kept WHERE space = ? ORDER BY at DESC LIMIT ?", (space, _BASES)
        ).fetchall()
        for at, depth in earlier:
            if depth < _DEEPEST:
                difference = _bytes(bitmap ^ self._whole(cursor, at))
                if len(difference) < len(best[2]):
                    best = at, depth + 1, difference
        return best

    def _whole(self, cursor: sqlite3.Cursor, at: int) -> Any:
        known = self._recent.get(at)
        if known is not None:
            return known
        found = _bitmap(())
        place: int | None = at
        while place is not None:
            place, stored = cursor.execute("SELECT base, bitmap FROM kept WHERE at = ?", (place,)).fetchone()
            found ^= _read(stored)
        return found

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            engine = open_database(self._path)
            self._connection = cast("sqlite3.Connection", engine.raw_connection().driver_connection)
        return self._connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with meaning_errors(self._path):
            yield self._opened()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        if not self.is_there:
            self._path.touch(0o600)
        with self._reading() as connection, transaction(connection) as cursor:
            for statement in _TABLES:
                cursor.execute(statement)
            yield cursor


def _bitmap(numbers: Any) -> Any:
    from pyroaring import BitMap  # noqa: PLC0415 - an extra, for who declares people

    return BitMap(numbers)


def _read(stored: bytes) -> Any:
    from pyroaring import BitMap  # noqa: PLC0415 - likewise

    return BitMap.deserialize(stored)


def _bytes(bitmap: Any) -> bytes:
    bitmap.run_optimize()
    return bytes(bitmap.serialize())


def _numbered(cursor: sqlite3.Cursor, hashes: list[bytes]) -> list[int]:
    """Give the dense ids of people in order; who is new gets the next ones."""
    (given,) = cursor.execute("SELECT value FROM fact WHERE name = 'given'").fetchone()
    cursor.execute("CREATE TEMP TABLE asked (at INTEGER PRIMARY KEY, hash BLOB NOT NULL)")
    cursor.executemany("INSERT INTO asked (hash) VALUES (?)", [(one,) for one in hashes])
    cursor.execute(
        "INSERT INTO person SELECT hash, ? + row_number() OVER (ORDER BY at) FROM asked"
        " WHERE hash NOT IN (SELECT hash FROM person) ORDER BY hash",
        (given,),
    )
    cursor.execute("UPDATE fact SET value = value + ? WHERE name = 'given'", (cursor.rowcount,))
    found = [
        number
        for (number,) in cursor.execute("SELECT person.id FROM asked JOIN person USING (hash) ORDER BY at")
    ]
    cursor.execute("DROP TABLE asked")
    return found


def _remove_numbers(cursor: sqlite3.Cursor, numbers: list[int]) -> None:
    cursor.execute("CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY)")
    cursor.executemany("INSERT OR IGNORE INTO gone VALUES (?)", [(one,) for one in numbers])
    cursor.execute("DELETE FROM person WHERE id IN (SELECT id FROM gone)")
    cursor.execute("DROP TABLE gone")
    cursor.execute("UPDATE fact SET value = max(value, ?) WHERE name = 'given'", (numbers[-1],))


def _holding(connection: sqlite3.Connection, number: int, space: str | None) -> set[str]:
    """Walk all sets in order: a set holds somebody if its base does, unless the difference says otherwise."""
    query = "SELECT at, id, base, bitmap FROM kept ORDER BY at"
    rows = (
        connection.execute(query)
        if space is None
        else connection.execute(query.replace("ORDER", "WHERE space = ? ORDER"), (space,))
    )
    inside: dict[int, bool] = {}
    found = set()
    for at, identifier, base, stored in rows:
        here = (number in _read(stored)) != (base is not None and inside[base])
        inside[at] = here
        if here:
            found.add(identifier)
    return found
