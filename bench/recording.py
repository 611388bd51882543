"""Recording bytes: one large file and many small ones, beside `dvc add`; and a folder that has not changed.

`lineproof digest --record` reads, hashes and makes a ledger entry at full durability; `dvc add` reads, hashes,
copies into its cache and writes a file. Elapsed seconds of whole commands, start-up included.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import environment, show
from peers import environment as programs_of

from lineproof.data.folder_digest import whole_folder


def elapsed(command: list[str | Path], folder: Path) -> float:
    """Seconds of a command."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment())
    return time.perf_counter() - started


def large(path: Path, mib: int) -> None:
    """A file of random bytes."""
    with path.open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(1 << 20))


def small(folder: Path, number: int) -> None:
    """Many files of 4 KiB."""
    folder.mkdir()
    for n in range(number):
        (folder / f"{n:05}.bin").write_bytes(os.urandom(4096))


def bare(folder: Path) -> float:
    """Least CPU seconds that listing a folder with the status of each file takes."""
    times = []
    for _ in range(5):
        started = time.process_time()
        with os.scandir(folder) as entries:
            for entry in entries:
                entry.stat()
        times.append(time.process_time() - started)
    return min(times)


def main(*, quick: bool = False) -> None:
    """Measure and print."""
    mib, number, repeats = (256, 2_000, 1) if quick else (1024, 10_000, 3)
    dvc = programs_of("dvc", "dvc==3.67.1")
    ours: list[str | Path] = [sys.executable, "-m", "lineproof.cli"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*ours, "init"], cwd=folder, check=True, capture_output=True, env=environment())
        large(folder / "large.bin", mib)
        small(folder / "small", number)
        for what, limit in (("large.bin", 10), ("small", 25)):
            label = f"one file of {mib} MiB" if what == "large.bin" else f"{number:,} files of 4 KiB"
            taken, theirs = [], []
            for _ in range(repeats):
                shutil.rmtree(folder / ".lineproof" / "cache", ignore_errors=True)
                taken.append(elapsed([*ours, "digest", what, "--record"], folder))
                if dvc is not None:
                    theirs.append(added(dvc, folder, what))
            show(f"recorded: {label}", taken, "s")
            if theirs:
                show("  dvc add", theirs, "s")
                show(
                    "  dvc beside ours",
                    [statistics.median(theirs) / one for one in taken],
                    "x",
                    f">= {limit}",
                )
        again(folder / "small", repeats)


def added(dvc: Path, folder: Path, what: str) -> float:
    """Seconds of `dvc add` in a project of its own."""
    project = folder / "dvc"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    subprocess.run([dvc / "dvc", "init", "--no-scm", "-q"], cwd=project, check=True, env=environment())
    (shutil.copytree if (folder / what).is_dir() else shutil.copy)(folder / what, project / what)
    return elapsed([dvc / "dvc", "add", "-q", what], project)


def again(folder: Path, repeats: int) -> None:
    """A folder that has not changed, beside listing it; both in this process."""
    before = Path.cwd()
    os.chdir(folder.parent)
    try:
        whole_folder(folder)
        ratios = []
        for _ in range(max(5, repeats)):
            started = time.process_time()
            found = whole_folder(folder)
            ratios.append((time.process_time() - started) / bare(folder))
        assert found.read == 0
        show("unchanged folder, beside scandir + stat, CPU", ratios, "x", "<= 3")
    finally:
        os.chdir(before)


if __name__ == "__main__":
    main(quick=True)
