"""Profile and fingerprint of a million rows in one pass, beside DuckDB's SUMMARIZE; and memory over rows."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from fingerprint import batches, cpu, mixed, numbers, write
from measure import environment, show

from lineproof.data.kernel import TableState, Workspace


def both(rows: int, chance) -> dict:
    """Twenty columns: the ten numeric and the ten mixed ones."""
    return {**{f"n_{name}": one for name, one in numbers(rows, chance).items()}, **mixed(rows, chance)}


def profile(path: Path) -> None:
    """Ours: everything that a scan takes from the data."""
    state, space = TableState(), Workspace()
    for batch in batches(path):
        state.update(batch, space)
    state.content.content()


def summarize(path: Path) -> None:
    """The peer: exact counts, extremes, means; approximate quantiles and distinct values; no identity."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"SUMMARIZE SELECT * FROM read_parquet('{path}')").fetchall()


def peak_mib(path: Path) -> float:
    """Largest memory of a process that profiles a file."""
    here = str(Path(__file__).parent)
    script = (
        f"import resource, sys; sys.path.insert(0, {here!r}); "
        f"import importlib.util as u; s = u.spec_from_file_location('bench_profile', {__file__!r}); "
        "m = u.module_from_spec(s); s.loader.exec_module(m); from pathlib import Path; "
        f"m.profile(Path({str(path)!r})); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment()
    )
    return int(done.stdout) / 1024


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    repeats = 2 if quick else 5
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.parquet"
        write(path, both, 1 << 20)
        ours, peers, ratios = [], [], []
        for _ in range(repeats):
            peers.append(cpu(summarize, path))
            ours.append(cpu(profile, path))
            ratios.append(peers[-1] / ours[-1])
        show("profile + fingerprint, 1,048,576 x 20", ours, "CPU s")
        show("DuckDB SUMMARIZE, 1,048,576 x 20", peers, "CPU s")
        show("  DuckDB beside ours", ratios, "x")
        show("peak memory, 1,048,576 rows", [peak_mib(path)], "MiB")
        longer = Path(folder) / "long.parquet"
        write(longer, both, (2 if quick else 8) << 20)
        show(f"peak memory, {2 if quick else 8} times the rows", [peak_mib(longer)], "MiB")


if __name__ == "__main__":
    main(quick=True)
