"""Verifying a ledger: the log beside hashlib over the same bytes, the tables beside rebuilding them.

hashlib hashes, one call each, what a log consists of: each leaf, and each payload with its salt. That is less
than verifying hashes (a commitment is two hashes, and each leaf costs one node of the tree); a line of its own
shows the peer that hashes all of that and does nothing else.
"""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from ingest import event
from measure import show

from lineproof.store import Ledger, Scope

LOG_LIMIT = ">= 0.35"
TABLES_LIMIT = "<= 1.20"
MEMORY_LIMIT = "<= 1.20"
_MEMORY = """
import resource, sys
from pathlib import Path
from lineproof.store import Ledger
assert Ledger.open(Path(sys.argv[1])).verify().ok
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def filled(folder: Path, count: int) -> Ledger:
    """Make a ledger of so many entries."""
    ledger = Ledger.create(folder)
    for start in range(0, count, 1000):
        ledger.append([event(number) for number in range(start, min(start + 1000, count))])
    return ledger


def peers(ledger: Ledger) -> tuple[float, float]:
    """Give the CPU seconds of hashlib over what is stored, and over all that must be hashed; a part in memory."""
    stored = everything = 0.0
    with closing(sqlite3.connect(ledger.folder / "ledger.db")) as connection:
        cursor = connection.execute(
            "SELECT leaf, salt, body FROM entry JOIN payload USING (seq) ORDER BY seq"
        )
        while page := cursor.fetchmany(5000):
            items = [data for leaf, salt, body in page for data in (leaf, salt + body)]
            start = time.thread_time()
            for data in items:
                sha256(data).digest()
            stored += time.thread_time() - start
            items = [
                data
                for leaf, salt, body in page
                for data in (leaf + b"\0", salt + salt + body, salt * 3, leaf[:65])
            ]
            start = time.thread_time()
            for data in items:
                sha256(data).digest()
            everything += time.thread_time() - start
    return stored, everything


def cpu(work: object) -> float:
    """Give the CPU seconds that a call takes."""
    start = time.thread_time()
    work()  # type: ignore[operator]
    return time.thread_time() - start


def memory(folder: Path) -> int:
    """Give the peak memory of a process that verifies, KiB."""
    done = subprocess.run([sys.executable, "-c", _MEMORY, str(folder)], check=True, capture_output=True)
    return int(done.stdout)


def main(*, quick: bool = False) -> None:
    """Measure on 1M entries; quick: on 20,000."""
    count, rounds = (20_000, 3) if quick else (1_000_000, 3)
    with tempfile.TemporaryDirectory(prefix="lineproof-bench-") as place:
        small = filled(Path(place) / "small" / ".lineproof", count // 10)
        ledger = filled(Path(place) / ".lineproof", count)
        log, least, tables, rate = [], [], [], []
        for _ in range(rounds):
            stored, everything = peers(ledger)
            ours = cpu(lambda: ledger.verify(scope=Scope.LOG))
            log.append(stored / ours)
            least.append(everything / ours)
            rate.append(count / ours)
            rebuilding = cpu(ledger.rebuild)
            tables.append(cpu(lambda: ledger.verify(scope=Scope.TABLES)) / rebuilding)
        print(f"  {count} entries of {len(event(0).payload)} bytes")
        show("log only, speed beside hashlib over what is stored (CPU)", log, "", LOG_LIMIT)
        show("the same beside hashlib over all that must be hashed", least, "")
        show("entries per CPU second, log only", rate, "1/s")
        show("tables, time beside rebuilding them (CPU)", tables, "", TABLES_LIMIT)
        grown = memory(ledger.folder) / memory(small.folder)
        show(f"memory at {count} entries beside {count // 10}", [grown], "", MEMORY_LIMIT)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        show("most memory of a process that verifies", [peak], "MiB")


if __name__ == "__main__":
    main()
