"""What the content fingerprint and the byte digest cost beside the least that anybody must do.

The floor of the fingerprint is decoding the same Parquet file with the same library; that of the digest is
`hashlib` over the same bytes. Both are CPU seconds of one thread, in pairs, in this process.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import show

from lineproof.data.digest import file_digest
from lineproof.data.kernel import ContentState, Workspace

BATCH = 1 << 16
ROW_GROUP = 1 << 20


def numbers(rows: int, chance: np.random.Generator) -> dict:
    """Ten columns of numbers and times."""
    day = np.datetime64("2020-01-01", "us")
    return {
        **{f"measure{n}": chance.normal(50, 10, rows) for n in range(4)},
        "amount": np.round(chance.gamma(2, 50, rows), 2),
        "count": chance.integers(0, 1000, rows),
        "key": chance.integers(0, 10**9, rows),
        "code": chance.integers(0, 10**5, rows),
        "age": chance.integers(0, 100, rows).astype("i4"),
        "at": day + chance.integers(0, 10**14, rows) * np.timedelta64(1, "us"),
    }


def mixed(rows: int, chance: np.random.Generator) -> dict:
    """Ten columns, four of them text, with nulls."""
    some = numbers(rows, chance)
    regions = np.array(["north", "south", "east", "west", "not known"])
    return {
        **{name: some[name] for name in ("measure0", "amount", "count", "key", "at")},
        "flag": pa.array(chance.random(rows) < 0.3, mask=chance.random(rows) < 0.1),
        "id": [f"P{n:09d}" for n in chance.integers(0, 10**9, rows).tolist()],
        "region": regions[chance.integers(0, 5, rows)],
        "mail": [f"user{n}@example.org" for n in chance.integers(0, 10**7, rows).tolist()],
        "name": [f"Name {n} of {n % 977}" for n in chance.integers(0, 10**5, rows).tolist()],
    }


def write(path: Path, make: Callable, rows: int) -> None:
    """Write a file part by part, so that making it needs little memory."""
    chance, writer = np.random.default_rng(1), None
    for _ in range(0, rows, ROW_GROUP):
        table = pa.table(make(min(rows, ROW_GROUP), chance))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    writer.close()


def batches(path: Path):
    """Decode a file on one thread."""
    with pq.ParquetFile(path, pre_buffer=False) as file:
        yield from file.iter_batches(BATCH, use_threads=False)


def decode(path: Path) -> None:
    """The floor."""
    for _ in batches(path):
        pass


def identify(path: Path) -> None:
    """Ours."""
    state, space = ContentState(columns={}), Workspace()
    for batch in batches(path):
        state.update(batch, space)
    state.content()


def raw(path: Path) -> None:
    """SHA-256 of the bytes as the standard library does it."""
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")


def cpu(work: Callable[[Path], object], path: Path) -> float:
    """CPU seconds of this process."""
    before = time.process_time()
    work(path)
    return time.process_time() - before


def pairs(ours: Callable, floor: Callable, path: Path, repeats: int) -> tuple[list[float], list[float]]:
    """CPU seconds of ours, and ratios to the floor measured right before it."""
    seconds, ratios = [], []
    for _ in range(repeats):
        least = cpu(floor, path)
        seconds.append(cpu(ours, path))
        ratios.append(seconds[-1] / least)
    return seconds, ratios


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    rows, repeats = (1 << 20, 3) if quick else (10 << 20, 5)
    with tempfile.TemporaryDirectory() as folder:
        for name, make, limit in (("numeric", numbers, "1.5"), ("mixed", mixed, "4")):
            path = Path(folder) / f"{name}.parquet"
            write(path, make, rows)
            seconds, ratios = pairs(identify, decode, path, repeats)
            show(f"fingerprint, {rows:,} x 10 {name}, with decoding", seconds, "CPU s")
            show("  beside decoding alone", ratios, "x", limit)
            _, ratios = pairs(file_digest, raw, path, repeats)
            show(f"byte digest of {path.stat().st_size >> 20} MiB beside hashlib", ratios, "x", "1.11")


if __name__ == "__main__":
    main(quick=True)
