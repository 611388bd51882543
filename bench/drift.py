"""Drift of 1,000,000 against 1,000,000 rows x 16 columns: from files, and with a kept reference.

The peer is Evidently's DataDriftPreset over the same two files, frames already in memory, in an environment of
its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import cpu_s, environment, show
from peers import environment as programs_of

PEER = """
import sys, time
import pandas as pd
from evidently import Dataset, DataDefinition, Report
from evidently.presets import DataDriftPreset
near, far = (pd.read_parquet(path) for path in sys.argv[1:3])
kinds = {True: [], False: []}
for name in near.columns:
    kinds[pd.api.types.is_numeric_dtype(near[name])].append(name)
definition = DataDefinition(numerical_columns=kinds[True], categorical_columns=kinds[False])
sides = [Dataset.from_pandas(one, data_definition=definition) for one in (near, far)]
before = time.process_time()
Report([DataDriftPreset()]).run(sides[1], sides[0])
print(time.process_time() - before)
"""


def table(seed: int, rows: int, shift: float) -> pa.Table:
    """Eleven numeric columns, five of text; the first one shifted, the postcodes unchanged."""
    rng = np.random.default_rng(seed)
    columns = {f"normal_{place}": rng.normal(shift if place == 0 else 0, 1, rows) for place in range(5)}
    columns |= {f"lognormal_{place}": rng.lognormal(3, 0.6, rows) for place in range(3)}
    columns |= {f"count_{place}": rng.poisson(4 + place, rows) for place in range(3)}
    few = np.array(["private", "business", "public", "none"])
    columns |= {f"tier_{place}": few[rng.choice(4, rows, p=[0.5, 0.3, 0.15, 0.05])] for place in range(3)}
    columns["city"] = np.array([f"city {number}" for number in range(1000)])[rng.integers(0, 1000, rows)]
    columns["postcode"] = rng.integers(0, 100_000, rows).astype(str)
    return pa.table(columns)


def peer_s(python: Path, near: Path, far: Path) -> float:
    """CPU seconds of the peer's report alone."""
    done = subprocess.run(
        [python, "-c", PEER, str(near), str(far)], check=True, capture_output=True, text=True, timeout=1200
    )
    return float(done.stdout.split()[-1])


def main(*, quick: bool = False) -> None:
    """Print CPU seconds and ratios."""
    rows = 100_000 if quick else 1_000_000
    repeats = 3
    with tempfile.TemporaryDirectory() as folder:
        near, far, kept = (Path(folder) / name for name in ("near.parquet", "far.parquet", "kept.json"))
        pq.write_table(table(1, rows, 0.0), near)
        pq.write_table(table(2, rows, 0.1), far)
        ours = [sys.executable, "-m", "lineproof.cli", "drift"]
        shown = subprocess.run(
            [*ours, near, far, "--keep", kept], check=False, capture_output=True, text=True
        )
        print(f"  drifted: {[line.split()[0] for line in shown.stdout.splitlines() if ' yes ' in line]}")
        quiet = ["sh", "-c", '"$@" || test $? = 3', "sh"]
        files, stored = [], []
        for _ in range(repeats):
            files.append(cpu_s([*quiet, *ours, str(near), str(far), "--json"], env=environment()))
            stored.append(cpu_s([*quiet, *ours, str(kept), str(far), "--json"], env=environment()))
        show(f"{rows:,} x 16 twice, from files, whole process", files, "s")
        show("with a kept reference, whole process", stored, "s")
        programs = programs_of("evidently", "evidently==0.7.23", "pyarrow", "pandas<3")
        if programs is None:
            print("  Evidently: not run")
            return
        peer = peer_s(programs / "python", near, far)
        show("Evidently, the report alone", [peer], "s")
        show("Evidently / from files", [peer / statistics.median(files)], "x", ">= 12")
        show("Evidently / with a kept reference", [peer / statistics.median(stored)], "x", ">= 50")


if __name__ == "__main__":
    main()
