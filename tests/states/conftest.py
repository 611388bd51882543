"""A project whose runs have their data looked at, called as a user calls it."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from lineproof.cli.app import app

TRAIN = """
import pandas as pd
people = pd.read_csv("people.csv")
people["load"] = people.amount * 2
people["who"] = people.email.str.upper()
people.to_csv("out.csv", index=False)
people.groupby("grade", as_index=False).amount.mean().to_csv("means.csv", index=False)
"""


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: object, ok: tuple[int, ...] = (0,), **environment: str) -> str:
        settings = {"LINEPROOF_STATES_BYTES": None, "LINEPROOF_STATES_SECONDS": "300", **environment}
        with contextlib.chdir(self.folder):
            done = CliRunner().invoke(app, [str(one) for one in words], env=settings, prog_name="lineproof")
        assert done.exit_code in ok, done.stderr + done.stdout
        self.stderr = done.stderr
        return done.stdout

    def json(self, *words: object, ok: tuple[int, ...] = (0,)) -> dict:
        return json.loads(self(*words, "--json", ok=ok))

    def people(self, name: str, *, seed: int = 1, shift: float = 0.0) -> Path:
        chance = np.random.default_rng(seed)
        rows = [
            f"{amount:.3f},user{number}@example.org,{city},{code}"
            for number, (amount, city, code) in enumerate(
                zip(
                    chance.normal(50 + shift, 10, 900),
                    chance.choice(["a", "b", "c"], 900),
                    chance.integers(1000, 9000, 900),
                    strict=True,
                )
            )
        ]
        path = self.folder / name
        path.write_text("\n".join(["amount,email,grade,lot", *rows]) + "\n")
        return path


@pytest.fixture(scope="session")
def told(tmp_path_factory) -> Project:
    """A project with one recorded run; do not change its data."""
    project = Project(tmp_path_factory.mktemp("told"))
    project("init")
    project.people("people.csv")
    (project.folder / "train.py").write_text(TRAIN)
    project("run", "--", sys.executable, "train.py")
    return project


@pytest.fixture
def project(tmp_path, told) -> Project:
    """A copy of that project."""
    shutil.copytree(told.folder, tmp_path / "project")
    return Project(tmp_path / "project")
