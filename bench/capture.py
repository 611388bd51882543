"""What recording costs the recorded program: hooks, start-up, memory, hashing; beside MLflow and DVC.

Plain and recorded runs alternate. The program's own CPU is what it read from its clock at its end;
hooks and hashing are what the record says they took. All of it takes half an hour: `BENCH_PAIRS=5` makes
fewer pairs of runs than the 20 that the figures are stated for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import cpu_s, environment, show
from peers import environment as programs_of

ROOT = Path(__file__).resolve().parent.parent
MILLION = ROOT / "bench" / "out" / "million"
LINEPROOF = [sys.executable, "-m", "lineproof.cli"]


REFERENCE = (  # script, what it is, what it needs, share of the CPU that hooks may take
    ("million.py", "1M rows of pandas, then scikit-learn", ("pandas", "sklearn"), "<= 1"),
    ("lazy.py", "polars, lazy and eager, 1M rows", ("polars",), "<= 1"),
    ("sql.py", "DuckDB, 1M rows", ("duckdb", "pandas"), "<= 1"),
    ("boosted.py", "XGBoost, 1M rows", ("xgboost", "pandas"), "<= 1"),
    ("scalars.py", "loops over rows, value by value: the worst case", ("pandas",), "<= 10"),
)
PAIRS = "BENCH_PAIRS"  # environment variable: pairs of runs of each script


def program_cpu_s(command: list[str], folder: Path, **extra: str) -> float:
    """Run one program; give the CPU seconds it says it used."""
    return program_cost(command, folder, **extra)[0]


def program_cost(command: list[str], folder: Path, **extra: str) -> tuple[float, float]:
    """Run one program; give the CPU seconds and the most memory, in MB, that it says it used."""
    clock = folder / "cpu.txt"
    subprocess.run(
        command,
        cwd=folder,
        env=environment(BENCH_CPU=str(clock), **extra),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    cpu, *memory = map(float, clock.read_text().split())
    return cpu, memory[0] / 1024 if memory else 0.0


def last_coverage(folder: Path) -> dict[str, float]:
    """Give the coverage of the newest run of the ledger in this folder."""
    done = subprocess.run(
        [*LINEPROOF, "log", "--json"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[0])["coverage"]


def hash_cpu_s(paths: list[Path]) -> float:
    """Hash the same files with hashlib alone; give the CPU seconds."""
    script = (
        "import hashlib, sys, time; start = time.process_time()\n"
        "for path in sys.argv[1:]:\n with open(path, 'rb') as file: hashlib.file_digest(file, 'sha256')\n"
        "print(time.process_time() - start)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def pairs(title: str, script: list[str], folder: Path, count: int, limit: str = "<= 1") -> list[float]:
    """Alternate plain and recorded runs of one script, print the figures, give the CPU that was added."""
    subprocess.run([*LINEPROOF, "init"], cwd=folder, env=environment(), check=True, stdout=subprocess.DEVNULL)
    plain, added, share, hashing, memory = [], [], [], [], []
    for number in range(count + 1):
        a, before = program_cost([sys.executable, *script], folder)
        b, after = program_cost([*LINEPROOF, "run", "--quiet", "--", sys.executable, *script], folder)
        if number == 0:  # warms caches
            continue
        coverage = last_coverage(folder)
        plain.append(a)
        hashing.append(coverage.get("hashing_s", 0.0))
        share.append(coverage["hooks_s"] / a)
        added.append(b - a - hashing[-1])
        memory.append(after - before)
    print(f"  {title}: {count} pairs")
    show("program alone", plain, "s")
    show("hooks' own CPU, share of the program", share, "%", limit, scale=100)
    show("CPU added in all, hashing apart", added, "s")
    show("  of the program alone", [one / statistics.median(plain) for one in added], "%", scale=100)
    show("hashing of files and tables", hashing, "s")
    show("memory added", memory, "MB", "<= 20")
    demoted = last_coverage(folder).get("demoted") or []
    if demoted:
        print(f"    demoted places: {', '.join(sorted({one['site'] for one in demoted}))}")
    return added


def start_up(count: int) -> None:
    """Measure a program that does nothing, plain and recorded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty.py").write_text(
            "import os, time\nwith open(os.environ['BENCH_CPU'], 'w') as f: f.write(str(time.process_time()))\n"
        )
        subprocess.run(
            [*LINEPROOF, "init"], cwd=folder, env=environment(), check=True, stdout=subprocess.DEVNULL
        )
        added = []
        for _ in range(count):
            a = program_cpu_s([sys.executable, "empty.py"], folder)
            b = program_cpu_s([*LINEPROOF, "run", "--quiet", "--", sys.executable, "empty.py"], folder)
            added.append(b - a)
    show("start-up added to the program", added, "ms", "<= 80", scale=1000)


def file_hashing(folder: Path) -> None:
    """Compare recorded hashing of a large file with hashlib on the same bytes."""
    path = folder / "large.bin"
    if not path.exists():
        path.write_bytes(hashlib.sha256(b"seed").digest() * (16 << 20))  # 512 MiB
    (folder / "read.py").write_text(
        "import os, time\n"
        "with open('large.bin', 'rb') as f: f.read(10)\n"
        "with open(os.environ['BENCH_CPU'], 'w') as f: f.write(str(time.process_time()))\n"
    )
    ratios = []
    for _ in range(7):
        program_cpu_s([*LINEPROOF, "run", "--quiet", "--", sys.executable, "read.py"], folder)
        ratios.append(last_coverage(folder)["hashing_s"] / hash_cpu_s([path]))
    path.unlink()
    show("hashing a 512 MiB file, beside hashlib on the same bytes", ratios, "x", "<= 1.1")


def mlflow_peer(folder: Path, count: int, ours: list[float]) -> None:
    """Run the same script under MLflow's autologging in an environment of its own."""
    programs = programs_of("mlflow", "mlflow==3.17.2", "scikit-learn", "pandas", "joblib")
    if programs is None:
        return
    script = [str(programs / "python"), str(ROOT / "bench" / "scripts" / "million.py"), str(folder)]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        bare = [program_cpu_s(script, place) for _ in range(count + 1)][1:]  # the first warms caches
        show("the same program in MLflow's environment, alone", bare, "s")
        for models in ("0", "1"):
            told = {"BENCH_MLFLOW": str(place / "mlflow.db"), "BENCH_MLFLOW_MODELS": models}
            quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet"}
            added = [program_cpu_s(script, place, **told, **quiet) - before for before in bare]
            show(
                f"mlflow.sklearn.autolog() {'with' if models == '1' else 'without'} models: CPU added",
                added,
                "s",
            )
            cost = max(statistics.median(ours), 0.001)
            print(f"    that is {statistics.median(added) / cost:.1f}x what lineproof adds, hashing apart")


def dvc_peer(folder: Path, count: int) -> None:
    """Hash the same inputs with DVC in an environment of its own."""
    programs = programs_of("dvc", "dvc==3.67.1")
    if programs is None:
        return
    dvc, inputs = str(programs / "dvc"), ("loans.csv", "customers.csv")
    reader = "import sys\nfor name in sys.argv[1:]:\n    open(name, 'rb').read(1)\n"
    theirs, ratios = [], []
    for _ in range(count):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            place = Path(name)
            for each in inputs:
                shutil.copy(folder / each, place)
            quiet = {"cwd": place, "env": environment(DVC_NO_ANALYTICS="1")}
            cpu_s([dvc, "init", "--no-scm", "-q"], **quiet)
            theirs.append(cpu_s([dvc, "add", "-q", *inputs], **quiet))
            subprocess.run([*LINEPROOF, "init"], check=True, stdout=subprocess.DEVNULL, **quiet)
            command = [*LINEPROOF, "run", "--quiet", "--", sys.executable, "-c", reader, *inputs]
            ratios.append(theirs[-1] / cpu_s(command, **quiet))
    show("dvc add of the same inputs: CPU in all", theirs, "s")
    show("that is, of lineproof's whole run over them", ratios, "x")


def demo_script(count: int) -> None:
    """Measure the three scripts of the example as one program."""
    example = ROOT / "examples" / "tumour"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for script in ("make_data.py", "prepare.py", "train.py", "score.py"):
            shutil.copy(example / script, folder)
        (folder / "all.py").write_text(
            "import os, runpy, time\n"
            "for name in ('prepare.py', 'train.py', 'score.py'): runpy.run_path(name, run_name='__main__')\n"
            "with open(os.environ['BENCH_CPU'], 'w') as f: f.write(str(time.process_time()))\n"
        )
        subprocess.run([sys.executable, "make_data.py"], cwd=folder, check=True)
        pairs("the example's three scripts", ["all.py"], folder, count)


def main(*, quick: bool = False) -> None:
    """Print all figures."""
    count = int(os.environ.get(PAIRS, "3" if quick else "20"))
    start_up(max(count, 10))
    demo_script(count)
    scripts = ROOT / "bench" / "scripts"
    if not (MILLION / "loans.csv").exists():
        subprocess.run([sys.executable, scripts / "make_million.py", MILLION], check=True)
    added: dict[str, list[float]] = {}
    for name, title, needs, limit in REFERENCE:
        missing = [library for library in needs if importlib.util.find_spec(library) is None]
        if missing:
            print(f"  {title}: not measured; {', '.join(missing)} is not installed")
            continue
        added[name] = pairs(title, [str(scripts / name), str(MILLION)], MILLION, count, limit)
    file_hashing(MILLION)
    mlflow_peer(MILLION, 1 if quick else min(count, 5), added["million.py"])
    dvc_peer(MILLION, 1 if quick else min(count, 5))
    if not os.environ.get("BENCH_KEEP_LEDGER"):
        shutil.rmtree(MILLION / ".lineproof", ignore_errors=True)


if __name__ == "__main__":
    main()
