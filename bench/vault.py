"""Keys of people: what a million of them take, and what it costs to make, use and destroy them.

The peer does the same with nothing around it: random keys wrapped by AES-GCM into one table of a SQLite file
(WAL, synchronous=FULL, secure_delete), in the same groups, and deletes of the same rows by their key. Ours finds
people by a keyed hash, keeps the list of destructions, and on the side of the ledger removes payloads, salts and
what they projected, says so in the log, and empties both write-ahead logs.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from measure import show

from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, NewEntry
from lineproof.store.vault import Vault, make_subjects_key

GROUP = 1000  # people in one transaction
PERSON = "patients"


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Give (wall, CPU) seconds."""
    wall, cpu = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - wall, time.thread_time() - cpu


def people(count: int) -> list[Subject]:
    """Give people with identifiers as registers have them."""
    return [Subject(PERSON, str(1_000_000 + number)) for number in range(count)]


def groups(all_of: Sequence[Subject]) -> list[Sequence[Subject]]:
    """Give them a group at a time."""
    return [all_of[start : start + GROUP] for start in range(0, len(all_of), GROUP)]


def peer_makes(path: Path, count: int) -> sqlite3.Connection:
    """Make keys in one plain table."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TABLE person (ref BLOB PRIMARY KEY, wrapped BLOB) WITHOUT ROWID")
    wrapping = AESGCM(os.urandom(32))
    for start in range(0, count, GROUP):
        rows = []
        for _ in range(min(GROUP, count - start)):
            nonce = os.urandom(12)
            rows.append((os.urandom(16), nonce + wrapping.encrypt(nonce, os.urandom(32), None)))
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO person VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection


def making(folder: Path, count: int) -> None:
    """Make keys; print cost and size."""
    folder.mkdir()
    make_subjects_key(folder)
    vault = Vault(folder, "bench")
    _, cpu = timed(lambda: [vault.ensure(group, lambda refs: refs) for group in groups(people(count))])
    vault.close()
    size = sum(path.stat().st_size for path in folder.glob("subjects.db*"))
    peer: list[sqlite3.Connection] = []
    _, peer_cpu = timed(lambda: peer.append(peer_makes(folder / "peer.db", count)))
    peer[0].close()
    show(f"make a key, {count:,} people", [cpu / count], "us", scale=1e6)
    show("  the peer", [peer_cpu / count], "us", scale=1e6)
    show(f"size of {count:,} people, as for 1,000,000", [size / count], "MB", "<= 100")
    show(
        "  the peer, which finds nobody by an identifier", [(folder / "peer.db").stat().st_size / count], "MB"
    )


def segment(ids: Sequence[str]) -> NewEntry:
    """Give predictions about people."""
    body = {
        "segment": uuid7(),
        "model_name": "credit",
        "ids": list(ids),
        "subject_space": PERSON,
        "outputs": {"score": [0.5] * len(ids)},
        "inputs": {"income": [50_000] * len(ids), "age": [40] * len(ids)},
        "time": now(),
    }
    return NewEntry(EntryType.PREDICTION_SEGMENT, json.dumps(body).encode())


def destroying(folder: Path, count: int, many: int) -> None:
    """Record predictions about people; destroy some one by one, then many at once."""
    ledger = Ledger.create(folder)
    who = people(count)
    ids = [one.id for one in who]
    _, cpu = timed(lambda: [ledger.append([segment(ids[at : at + GROUP])]) for at in range(0, count, GROUP)])
    show("record a prediction about a person", [cpu / count], "us", scale=1e6)
    single = [timed(lambda one=one: ledger.destroy(subjects=[one], reason="bench"))[0] for one in who[-20:]]
    show(f"destroy one of {count:,} people, wall", single, "ms", scale=1e3)
    chosen = who[:many]
    wall, cpu = timed(lambda: ledger.destroy(subjects=chosen, reason="bench"))
    show(f"destroy {many:,} at once, each, CPU", [cpu / many], "us", scale=1e6)
    show("  all of them, wall", [wall], "s")
    with closing(peer_makes(folder.parent / "peer.db", count)) as peer:
        refs = peer.execute("SELECT ref FROM person LIMIT ?", (many + 20,)).fetchall()
        alone = [timed(lambda one=one: _peer_deletes(peer, [one]))[0] for one in refs[many:]]
        _, cpu = timed(lambda: _peer_deletes(peer, refs[:many]))
    show("  the peer deletes one key and nothing else, wall", alone, "ms", scale=1e3)
    show(f"  the peer deletes {many:,} keys and nothing else, each, CPU", [cpu / many], "us", scale=1e6)
    report = ledger.verify()
    print(f"  verified afterwards: {report.ok}, {report.total:,} entries")


def _peer_deletes(peer: sqlite3.Connection, refs: Sequence[tuple[bytes]]) -> None:
    peer.execute("BEGIN")
    peer.executemany("DELETE FROM person WHERE ref = ?", refs)
    peer.execute("COMMIT")
    peer.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def main(*, quick: bool) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        making(Path(name) / "keys", 50_000 if quick else 1_000_000)
        destroying(
            Path(name) / "ledger" / ".lineproof", 3_000 if quick else 20_000, 1_000 if quick else 10_000
        )
