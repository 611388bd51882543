"""The main job, told step by step: record, trace, verify, and find a tampering.

Run by `make demo`. The ledger stays in examples/tumour/.lineproof for you to ask more.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LINEPROOF = [sys.executable, "-m", "lineproof.cli"]
FEATURE = "column:model::tumour#age_at_visit"


def say(text: str) -> None:
    """Print a heading of the story."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else f"\n{text}")
    sys.stdout.flush()


def run(*command: str, expect: int = 0, **options: object) -> None:
    """Show a command, run it here, and insist on its exit code."""
    shown = (
        ["lineproof", *command[len(LINEPROOF) :]] if list(command[: len(LINEPROOF)]) == LINEPROOF else command
    )
    print(f"$ {' '.join('python' if part == sys.executable else part for part in shown)}")
    sys.stdout.flush()
    started = time.monotonic()
    code = subprocess.run(command, cwd=HERE, check=False, **options).returncode
    print(f"  ({time.monotonic() - started:.1f} s{f', exit code {code}' if code else ''})")
    sys.stdout.flush()
    if code != expect:
        sys.exit(f"demo: expected exit code {expect}, got {code}")


def lineproof(*arguments: str, expect: int = 0, **options: object) -> None:
    """Show and run one lineproof command."""
    run(*LINEPROOF, *arguments, expect=expect, **options)


def tamper(folder: Path) -> None:
    """Do what a quiet forger would: improve one recorded metric in the tables people look at."""
    with sqlite3.connect(folder / "ledger.db") as database:
        database.execute("UPDATE metric SET value = 0.999 WHERE name = 'roc_auc_score'")
    database.close()


def main() -> None:
    """Tell the story."""
    os.environ.pop("LINEPROOF_HOME", None)
    started = time.monotonic()
    say("The raw data: real measurements and an invented patient register")
    run(sys.executable, "make_data.py")

    say("1. Record: three ordinary scripts, not one line of lineproof in them")
    lineproof("init")
    for script in ("prepare.py", "train.py", "score.py"):
        lineproof("run", "--", sys.executable, script)
    lineproof("log")

    say("2. Trace: one feature of the model, back to the raw columns, across two processes")
    lineproof("trace", FEATURE, "--up", "--columns")

    say("3. Verify: the log, and that the tables still say what the log says")
    lineproof("verify")

    say("4. Tamper: in a copy of the ledger somebody raises a metric with sqlite3")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / ".lineproof"
        shutil.copytree(HERE / ".lineproof", copy)
        tamper(copy)
        lineproof("verify", expect=5, env={**os.environ, "LINEPROOF_HOME": str(copy)})

    say(f"Done in {time.monotonic() - started:.0f} s. What to type next, in examples/tumour:")
    print("  lineproof events                       everything that happened, in order")
    print("  lineproof show model:tumour            what the model is and how it came about")
    print("  lineproof trace dataset:patients --down  what the register went into")
    print("  lineproof trace column:patients#birth_date --down --columns")


if __name__ == "__main__":
    main()
