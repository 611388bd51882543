"""Finding a person in many versions, and what their sets take: beside one plain set of hashes per version.

Each version differs from the one before in a hundredth of its people, half gone and half come back.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from lineproof.store.people import PEOPLE, PeopleSets

SIZES = ((100_000, 100), (1_000_000, 100), (1_000_000, 1_000))  # people, versions
CHURN = 0.01
TIME_LIMIT_MS, STORAGE_LIMIT_MB = 50, 20
REPEATS = 7
_HASH_BYTES = 16


def measure(people: int, versions: int) -> None:
    chance = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        sets, path = PeopleSets(Path(folder)), Path(folder) / PEOPLE
        hashes = [os.urandom(_HASH_BYTES) for _ in range(people)]
        started = time.process_time()
        sets.number(hashes)
        numbering_s = time.process_time() - started
        sets.forget([])  # what was written goes into the file
        dictionary_mb = path.stat().st_size / 1e6
        there = np.ones(people, dtype=bool)
        started, held = time.process_time(), 0
        for version in range(versions):
            if version:
                changed = chance.choice(people, int(people * CHURN), replace=False)
                there[changed] = ~there[changed]
            members = (np.flatnonzero(there) + 1).astype("uint32")
            held += len(members)
            sets.keep_numbered(f"set1:{version:064x}", "people", members)
        keeping_ms = (time.process_time() - started) / versions * 1e3
        sets.forget([])  # what was written goes into the file
        stored_mb = path.stat().st_size / 1e6 - dictionary_mb
        took = []
        for at in range(REPEATS):
            started = time.perf_counter()
            sets.holding([hashes[at]], "people")
            took.append((time.perf_counter() - started) * 1e3)
    plain_mb = held * _HASH_BYTES / 1e6
    print(
        f"  {people:>9,} people, {versions:>5,} versions: find {statistics.median(took):7.1f} ms"
        f" (aim {TIME_LIMIT_MS}), sets {stored_mb:6.1f} MB (aim {STORAGE_LIMIT_MB}; plain hashes"
        f" {plain_mb:,.0f} MB, {plain_mb / stored_mb:,.0f}x), dictionary {dictionary_mb:.1f} MB,"
        f" numbering {numbering_s / people * 1e6:.1f} us each, keeping {keeping_ms:.1f} ms each",
        flush=True,
    )


def main(*, quick: bool = False) -> None:
    print("Sets of people")
    for people, versions in SIZES[:1] if quick else SIZES:
        measure(people, versions)


if __name__ == "__main__":
    main()
