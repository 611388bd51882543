"""Proofs and exports as the log grows: an inclusion proof, the export of tiles, memory.

The large trees are made of leaf hashes alone, as a ledger stores them: tiles and a head, without entries.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from measure import show
from verify import filled

from lineproof.ledger import Frontier, inclusion_proof
from lineproof.store import Ledger, sequencer
from lineproof.store.hashes import read_head

PROOF_LIMIT = "<= 1.50"
LINEAR_LIMIT = "<= 2.30"
FLAT_LIMIT = "<= 1.20"
_STEP = 65_536
_MEMORY = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from verify import filled
filled(Path(sys.argv[1]), int(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def grown(folder: Path, size: int) -> Ledger:
    """Give a ledger with the tree of so many random leaf hashes."""
    ledger = Ledger.create(folder)
    frontier, last, done = Frontier(), b"", 0
    with ledger._writing() as session, closing(session.cursor()) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("DELETE FROM tile")
        while done < size:
            count = min(_STEP, size - done)
            data = os.urandom(32 * count)
            frontier.extend(data[at : at + 32] for at in range(0, len(data), 32))
            last = sequencer._write_tiles(cursor, done, last + data)
            done += count
        cursor.execute(
            "UPDATE head SET size = ?, frontier = ?, leaves = ?", (size, frontier.to_bytes(), last)
        )
        cursor.execute("COMMIT")
    return ledger


def proofs(ledgers: list[Ledger], count: int) -> list[float]:
    """Give the median CPU seconds of one proof for each ledger; they take turns, nothing is kept between."""
    chance = random.Random(4)
    spent: list[list[float]] = [[] for _ in ledgers]
    for _ in range(count):
        for ledger, times in zip(ledgers, spent, strict=True):
            with ledger.snapshot() as session:
                start = time.thread_time()
                head = read_head(session)
                inclusion_proof(chance.randrange(head.size), head.size, head.source)
                times.append(time.thread_time() - start)
    return [statistics.median(times) for times in spent]


def exports(place: Path, count: int) -> None:
    """Print how exporting grows with the log, and what exporting again costs."""
    times = []
    for size in (count, 2 * count):
        ledger = filled(place / f"export{size}" / ".lineproof", size)
        start = time.thread_time()
        ledger.export(place / f"out{size}")
        times.append(time.thread_time() - start)
        ledger.append([])
    show(f"export of {2 * count} entries beside {count} (CPU)", [times[1] / times[0]], "", LINEAR_LIMIT)
    again = []
    for size in (count, 2 * count):
        ledger = Ledger.open(place / f"export{size}" / ".lineproof")
        ledger.rotate_key("one entry more")
        start = time.thread_time()
        ledger.export(place / f"out{size}")
        again.append(time.thread_time() - start)
    show(f"one more entry: at {2 * count} beside {count} (CPU)", [again[1] / again[0]], "", PROOF_LIMIT)
    show("one more entry beside all of them", [again[1] / times[1]], "", "<= 0.20")


def memory(place: Path, count: int) -> int:
    """Give the peak memory of a process that appends so many entries, KiB."""
    command = [sys.executable, "-c", _MEMORY, str(place), str(count), str(Path(__file__).parent)]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def main(*, quick: bool = False) -> None:
    """Measure proofs at 100k and 10M entries; quick: 100k and 1M."""
    large, exported, appended = (1_000_000, 4_000, 20_000) if quick else (10_000_000, 50_000, 200_000)
    with tempfile.TemporaryDirectory(prefix="lineproof-bench-") as name:
        place = Path(name)
        ledgers = [grown(place / str(size) / ".lineproof", size) for size in (100_000, large)]
        rounds = [proofs(ledgers, 100) for _ in range(3)]
        show(f"inclusion proof at {large} entries beside 100000", [b / a for a, b in rounds], "", PROOF_LIMIT)
        show("the same, time of one", [b for _, b in rounds], "ms", scale=1e3)
        exports(place, exported)
        flat = memory(place / "b" / ".lineproof", appended) / memory(
            place / "a" / ".lineproof", appended // 10
        )
        show(f"memory appending {appended} entries beside {appended // 10}", [flat], "", FLAT_LIMIT)


if __name__ == "__main__":
    main()
