"""A training with PyTorch, recorded whole: one process for all tests, since it takes seconds to start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

JOB = Path(__file__).with_name("job.py")
LOAN = "\n".join(
    [
        "id,age,income,debt,bad",
        *(f"{at},{20 + at % 50},{30 + at % 7},{at % 11},{int(at % 11 > 5)}" for at in range(200)),
    ]
)


def command(folder: Path, *words: str) -> str:
    """Run one command there; give what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF_")}
    done = subprocess.run(
        [sys.executable, "-m", "lineproof.cli", *words],
        cwd=folder,
        env={**kept, "XDG_STATE_HOME": str(folder / "state")},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


class Recorded:
    """The folder of the recorded program, and what can be asked about it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(self, *words: str) -> dict:
        return json.loads(command(self.folder, *words, "--json"))

    @property
    def fit(self) -> dict:
        (line,) = command(self.folder, "log", "--json").splitlines()
        self.run = self.ask("show", json.loads(line)["run"])
        return next(one for one in self.run["inner"] if one["job"].endswith("Net.fit"))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("torch")
    (folder / "loan.csv").write_text(LOAN)
    command(folder, "init")
    command(folder, "run", "--", sys.executable, str(JOB))
    return Recorded(folder)


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """The folder of the same program, not recorded."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "loan.csv").write_text(LOAN)
    environment = {**os.environ, "LINEPROOF_DISABLE": "1"}
    subprocess.run([sys.executable, str(JOB)], cwd=folder, env=environment, check=True, timeout=240)
    return folder
