"""One pass over a million rows: profile, fingerprint and classification, beside whylogs' profile alone and
DuckDB's SUMMARIZE; and how time and memory grow with rows and columns, drawn in docs/growth.svg.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from fingerprint import batches, cpu, mixed, numbers, write
from measure import environment, show
from peers import environment as environment_of

from lineproof.data.kernel import TableState, Workspace
from lineproof.data.scanning import classified

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 5  # times the CPU of whylogs' profile alone
WHYLOGS = r"""
import sys, time
import pandas as pd, whylogs as why
frame = pd.read_parquet(sys.argv[1])
start = time.process_time()
why.log(frame)
print(time.process_time() - start)
"""


def both(rows: int, chance) -> dict:
    """Twenty columns: the ten numeric and the ten mixed ones."""
    return {**{f"n_{name}": one for name, one in numbers(rows, chance).items()}, **mixed(rows, chance)}


def profile(path: Path) -> None:
    """Ours: everything that a scan takes from the data."""
    state, space = TableState(), Workspace()
    for batch in batches(path):
        state.update(batch, space)
    state.content.content()
    classified(state)


def whylogs(path: Path) -> float | None:
    """CPU seconds of whylogs' profile of a frame in memory; None where it cannot be installed."""
    programs = environment_of("whylogs", "whylogs==1.6.4", "pandas<2.3", "numpy<2", "pyarrow<21")
    if programs is None:
        return None
    done = subprocess.run(
        [programs / "python", "-W", "ignore", "-c", WHYLOGS, path], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


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
        show("profile, fingerprint and classification, 1,048,576 x 20", ours, "CPU s")
        theirs = whylogs(path)
        if theirs is not None:
            show("whylogs' profile alone, frame loaded", [theirs], "CPU s")
            show("  whylogs beside ours", [theirs / one for one in ours], "x", f">= {LIMIT}")
        show("DuckDB SUMMARIZE, 1,048,576 x 20", peers, "CPU s")
        show("  DuckDB beside ours", ratios, "x")
        growth(Path(folder), quick=quick)


def growth(folder: Path, *, quick: bool) -> None:
    """Measure time and memory over rows and over columns; draw both."""
    by_rows, by_columns = [], []
    for factor in (1, 2, 4) if quick else (1, 3, 10):
        path = folder / f"rows{factor}.parquet"
        write(path, both, factor << 20)
        by_rows.append((factor, cpu(profile, path), peak_mib(path)))
        show(f"peak memory, {factor << 20:,} rows x 20", [by_rows[-1][2]], "MiB")
        path.unlink()
    for columns in (10, 20, 40, 80):
        path = folder / f"columns{columns}.parquet"
        write(path, lambda rows, chance, n=columns: repeated(rows, chance, n), 1 << 18)
        by_columns.append((columns, cpu(profile, path), peak_mib(path)))
        show(f"CPU of 262,144 rows x {columns}", [by_columns[-1][1]], "CPU s")
    (ROOT / "docs" / "growth.svg").write_text(drawn(by_rows, by_columns))


def repeated(rows: int, chance, columns: int) -> dict:
    """So many columns: the ten mixed ones over and over."""
    return {f"c{at}_{name}": one for at in range(columns // 10) for name, one in mixed(rows, chance).items()}


def drawn(by_rows: list, by_columns: list) -> str:
    """Two panels: CPU seconds (line, left) and peak memory (dashed, as text)."""
    panels = [
        panel(0, "million rows, 20 columns", by_rows),
        panel(320, "columns, 262,144 rows", by_columns),
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 260" font-family="sans-serif" font-size="11">'
        "<title>CPU seconds and peak memory of a scan</title>" + "".join(panels) + "</svg>\n"
    )


def panel(left: int, label: str, points: list) -> str:
    """One panel: points joined, each with its seconds and its memory."""
    most_x, most_y = max(x for x, *_ in points), max(y for _, y, _ in points)
    places = [(left + 40 + 240 * x / most_x, 210 - 170 * y / most_y) for x, y, _ in points]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in [(left + 40, 210), *places])
    marks = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="#1f5f99"/>'
        f'<text x="{x - 6:.0f}" y="{y - 6:.0f}" text-anchor="end">{s:.1f} s, {m:.0f} MiB</text>'
        f'<text x="{x:.0f}" y="224" text-anchor="middle">{n}</text>'
        for (x, y), (n, s, m) in zip(places, points, strict=True)
    )
    axes = f'<path d="M{left + 40} 30V210H{left + 300}" fill="none" stroke="#555"/>'
    shape = f'<polyline points="{line}" fill="none" stroke="#1f5f99" stroke-width="1.5"/>'
    return f'{axes}{shape}{marks}<text x="{left + 170}" y="244" text-anchor="middle">{label}</text>'


if __name__ == "__main__":
    main(quick=True)
