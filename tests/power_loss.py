"""A disk that loses power under our append: what was not synced may be gone, sector by sector.

The disk is a virtual file system of SQLite's (apsw) in memory. A file has bytes that are safe, and writes since its last
sync, which may or may not have reached it. At a cut each sector of 512 bytes of those is kept or lost by itself. A disk
that lies takes a sync for done and has kept nothing.

Our own `append_group` writes to it, with keys, tables and checkpoints, by the settings of the product. A recorded
trace of writes would not do: it is the product that must fail here when somebody changes its settings or the order of
what it does. The run is never stopped: at a step the disk is copied as a cut would leave it, and the copy is opened
as files by another SQLite, which recovers it. So one run gives thousands of cuts, and no cut shares memory with the run.

What differs from the product: one connection locks the file for itself, because a file system in Python has no shared
memory; and the log is moved into the database every 40 pages, so that cuts hit that too.
"""

from __future__ import annotations

import random
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from lineproof.ledger import Checkpoint, Frontier, SigningKey, leaf_hash, open_checkpoint, origin_of
from lineproof.model.entries import EntryType
from lineproof.model.identity import uuid7
from lineproof.store import NewEntry, schema
from lineproof.store.database import transaction
from lineproof.store.database.sqlite import SETTINGS
from lineproof.store.founding import _first_entries
from lineproof.store.principals import known_principal
from lineproof.store.sequencer import append_group

SECTOR = 512
_NAME = "/ledger.db"


class Image:
    """The bytes of one file."""

    def __init__(self) -> None:
        self.safe = bytearray()
        self.now = bytearray()
        self.dirty: set[int] = set()  # sectors written since the last sync

    def write(self, data: bytes, offset: int) -> None:
        end = offset + len(data)
        if len(self.now) < end:
            self.now.extend(bytes(end - len(self.now)))
        self.now[offset:end] = data
        self.dirty.update(range(offset // SECTOR, (end - 1) // SECTOR + 1))

    def truncate(self, size: int) -> None:
        self.dirty.update(range(size // SECTOR, len(self.now) // SECTOR + 1))
        del self.now[size:]

    def sync(self) -> None:
        self.safe.extend(bytes(max(0, len(self.now) - len(self.safe))))
        for sector in self.dirty:
            start = sector * SECTOR
            self.safe[start : start + SECTOR] = self.now[start : start + SECTOR]
        del self.safe[len(self.now) :]
        self.dirty.clear()

    def survives(self, chance: random.Random) -> bytes:
        """Give the file as the disk has it after a cut."""
        out = bytearray(self.safe)
        for sector in sorted(self.dirty):
            piece = self.now[sector * SECTOR : (sector + 1) * SECTOR]
            if piece and chance.random() < 0.5:
                start = sector * SECTOR
                out.extend(bytes(max(0, start - len(out))))
                out[start : start + len(piece)] = piece
        if len(self.now) < len(out) and chance.random() < 0.5:
            del out[len(self.now) :]
        return bytes(out)


class Disk(apsw.VFS):
    """A disk in memory.

    Args:
        lies: Syncs are taken for done and do nothing.
    """

    def __init__(self, *, lies: bool = False) -> None:
        self.name = f"disk-{uuid.uuid4()}"
        self.files: dict[str, Image] = {}
        self.lies = lies
        self.at_step: Callable[[], None] = lambda: None
        super().__init__(self.name, "")

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Give the files as they are found when the power is back."""
        return {name: image.survives(chance) for name, image in self.files.items()}

    def all_is_safe(self) -> None:
        """Let everything that was written reach the disk, even one that lies."""
        for image in self.files.values():
            image.sync()

    # SQLite's names from here on.

    def xOpen(self, name: Any, flags: list[int]) -> Handle:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else (name or f"/{uuid.uuid4()}")
        self.files.setdefault(path, Image())
        flags[1] = flags[0]
        return Handle(self, path)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        self.at_step()
        self.files.pop(name, None)

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: N802
        return name in self.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name

    def xRandomness(self, size: int) -> bytes:  # noqa: N802
        return random.randbytes(size)

    def xSleep(self, microseconds: int) -> int:  # noqa: N802
        return microseconds

    def xCurrentTimeInt64(self) -> int:  # noqa: N802
        return 212_000_000_000_000

    def xGetLastError(self) -> tuple[int, str]:  # noqa: N802
        return 0, ""


class Handle:
    """An open file."""

    def __init__(self, disk: Disk, path: str) -> None:
        self.disk = disk
        self.path = path

    @property
    def image(self) -> Image:
        return self.disk.files.setdefault(self.path, Image())

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return bytes(self.image.now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.at_step()
        self.image.write(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.at_step()
        self.image.truncate(size)

    def xSync(self, flags: int) -> bool:  # noqa: N802
        self.disk.at_step()
        if not self.disk.lies:
            self.image.sync()
        return True

    def xFileSize(self) -> int:  # noqa: N802
        return len(self.image.now)

    def xClose(self) -> None:  # noqa: N802
        pass

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        return 0

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802
        return False


class Session:
    """What our sequencer takes for a connection."""

    def __init__(self, driver: apsw.Connection) -> None:
        self.driver = driver

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor:
        return self.cursor().execute(statement, values)

    def cursor(self) -> Cursor:
        return Cursor(self, self.driver.cursor())

    @property
    def in_transaction(self) -> bool:
        return self.driver.in_transaction


class Cursor:
    """What it takes for a cursor."""

    def __init__(self, connection: Session, driver: apsw.Cursor) -> None:
        self.connection = connection
        self.driver = driver

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor:
        self.driver.execute(statement, tuple(values))
        return self

    def executemany(self, statement: str, rows: Any) -> None:
        self.driver.executemany(statement, rows)

    def fetchone(self) -> Any:
        return self.driver.fetchone()

    def fetchall(self) -> list[Any]:
        return self.driver.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.driver)

    def close(self) -> None:
        self.driver.close()

    def insert(self, table: Table, rows: Sequence[Any], *, first_stays: bool) -> int:
        before = self.connection.driver.total_changes()
        names = ", ".join(column.name for column in table.columns)
        marks = ", ".join("?" for _ in table.columns)
        ignoring = "OR IGNORE " if first_stays else ""
        self.driver.executemany(f"INSERT {ignoring}INTO {table.name} ({names}) VALUES ({marks})", rows)
        return self.connection.driver.total_changes() - before

    def among(self, question: str, ids: Sequence[Any]) -> Iterator[Any]:
        marks = ", ".join("?" * len(ids))
        yield from self.execute(f"{question} IN ({marks})", ids).fetchall() if ids else ()


class Run:
    """A ledger on such a disk that is appended to, and cuts on the way.

    Args:
        seed: Decides what is written and what cuts keep.
        synchronous: Another setting than the product's, to see that it is found out.
        lies: The disk lies.
    """

    def __init__(self, seed: int, *, synchronous: str | None = None, lies: bool = False) -> None:
        self.chance = random.Random(seed)
        self.disk = Disk(lies=lies)
        self.ledger = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        self.key = SigningKey.generate(origin_of(self.ledger))
        driver = apsw.Connection(_NAME, vfs=self.disk.name)
        driver.execute("PRAGMA locking_mode=EXCLUSIVE")
        for setting in SETTINGS:
            driver.execute(setting)
        if synchronous is not None:
            driver.execute(f"PRAGMA synchronous={synchronous}")
        driver.execute("PRAGMA wal_autocheckpoint=40")
        self.session = Session(driver)
        with transaction(self.session) as cursor:
            for table in schema.metadata.sorted_tables:
                cursor.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
                for index in table.indexes:
                    cursor.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
            _first_entries(cursor, self.ledger, self.key)
        self.disk.all_is_safe()
        self.written = [
            row[0] for row in self.session.execute("SELECT id FROM entry ORDER BY seq").fetchall()
        ]
        self.acknowledged = len(self.written)

    def append(self) -> None:
        """Append a group of one to six entries; they are acknowledged when this returns."""
        items = [
            NewEntry(EntryType.LINEAGE_EVENT, self.chance.randbytes(self.chance.randint(10, 1500)), uuid7())
            for _ in range(self.chance.randint(1, 6))
        ]
        self.written += [item.id for item in items if item.id is not None]
        with transaction(self.session) as cursor:
            principal = known_principal(cursor, None)
            assert principal is not None
            append_group(cursor, self.ledger, principal, self.key, items)
        self.acknowledged = len(self.written)

    def cuts(self, count: int, place: Path, *, groups: int, each: float) -> Found:
        """Append so many groups; at steps chosen with this chance, see what a cut would leave.

        Args:
            count: Cuts at most.
            place: Folder for the copies.
            groups: Groups that are appended.
            each: Chance of a cut at a step.
        """
        found = Found()

        def cut() -> None:
            if found.cuts < count and self.chance.random() < each:
                found.cuts += 1
                self._see(place, found)

        self.disk.at_step = cut
        for _ in range(groups):
            self.append()
            cut()
        self.disk.at_step = lambda: None
        return found

    def close(self) -> None:
        self.session.driver.close()
        self.disk.unregister()

    def _see(self, place: Path, found: Found) -> None:
        for name in ("", "-wal", "-shm", "-journal"):
            Path(f"{place}{_NAME}{name}").unlink(missing_ok=True)
        for name, content in self.disk.after_a_cut(self.chance).items():
            Path(f"{place}{name}").write_bytes(content)
        try:
            with closing(sqlite3.connect(f"{place}{_NAME}", isolation_level=None)) as there:
                there.execute("PRAGMA synchronous=OFF")  # of the copy, which nobody needs afterwards
                self._judge(there, found)
        except sqlite3.DatabaseError:
            found.corrupt += 1

    def _judge(self, there: sqlite3.Connection, found: Found) -> None:
        """Hold what a cut left against what was acknowledged, and the tree against its signature."""
        ids = [row[0] for row in there.execute("SELECT id FROM entry ORDER BY seq")]
        if there.execute("PRAGMA integrity_check").fetchall() != [("ok",)] or ids != self.written[: len(ids)]:
            found.corrupt += 1
            return
        frontier = Frontier()
        frontier.extend([leaf_hash(row[0]) for row in there.execute("SELECT leaf FROM entry ORDER BY seq")])
        ((size, signed),) = there.execute("SELECT size, checkpoint FROM head").fetchall()
        expected = Checkpoint(origin_of(self.ledger), len(ids), frontier.root())
        payloads = there.execute("SELECT count(*) FROM payload WHERE body IS NOT NULL").fetchone()[0]
        if size != len(ids) or payloads != size or open_checkpoint(signed, [self.key.verifier]) != expected:
            found.corrupt += 1
        found.lost += len(ids) < self.acknowledged


class Found:
    """What cuts left: how many there were, of how many the ledger is damaged, or lacks what was acknowledged."""

    def __init__(self) -> None:
        self.cuts = self.corrupt = self.lost = 0
