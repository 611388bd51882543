"""A real Spark in local mode, recorded: one process for all lineage cases, since it takes seconds to start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

JOB = Path(__file__).with_name("job.py")


def lineproof(folder: Path, *words: str) -> str:
    """Run one command there; give what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF_")}
    environment["PYSPARK_PYTHON"] = sys.executable  # Spark's workers take any python3 of the PATH otherwise
    done = subprocess.run(
        [sys.executable, "-m", "lineproof.cli", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def command():
    """Run a lineproof command in a folder; gives what it printed."""
    return lineproof


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """The folder of a recorded job, and what `lineproof.origins` said of its frames."""
    folder = tmp_path_factory.mktemp("spark")
    (folder / "people.csv").write_text("id,ssn,age,g\n1,123,30,a\n2,456,40,b\n3,789,50,a\n")
    (folder / "scores.csv").write_text("id,score\n1,5\n2,6\n")
    lineproof(folder, "init")
    lineproof(folder, "run", "--", sys.executable, str(JOB))
    return folder, json.loads((folder / "origins.json").read_text())


@pytest.fixture(scope="session")
def spark():
    """Give a session that cuts files into many parts."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.files.maxPartitionBytes", "64k")
        .getOrCreate()
    )
    yield session
    session.stop()
