"""Run the benchmarks: `python bench/run.py [NAME ...] [--quick]`.

Each module here has `main(quick)`, measures us and a peer on the same input in the same run, and
prints ratios beside their limits. Nothing is asserted: a figure depends on the machine.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = (
    "imports",
    "ingest",
    "ingest_postgres",
    "verify",
    "proofs",
    "trace",
    "tagged",
    "layout",
    "people",
    "capture",
    "check",
    "report",
    "drift",
    "fingerprint",
    "recording",
    "profiling",
    "classification",
    "vault",
)


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="which; all when left out")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, smaller inputs")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    with tempfile.TemporaryDirectory(prefix="lineproof-bench-state-") as state:
        os.environ["XDG_STATE_HOME"] = state  # what is made here is not remembered where your own ledgers are
        for name in options.names or NAMES:
            print(f"\n== {name}", flush=True)
            importlib.import_module(name).main(quick=options.quick)


if __name__ == "__main__":
    main()
