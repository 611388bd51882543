"""The command line, called as a user calls it, in a project whose ledger holds a small pipeline."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lineproof.cli.app import app
from lineproof.store import Ledger

_STORY = Path(__file__).parent.parent / "graph" / "story.py"
_spec = importlib.util.spec_from_file_location("story", _STORY)
told = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(told)


@pytest.fixture(scope="session")
def story_text():
    """The module that tells the pipeline."""
    return told


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """A ledger with the pipeline; do not change it."""
    return told.tell(Ledger.create(tmp_path_factory.mktemp("recorded") / ".lineproof"))


@pytest.fixture
def project(tmp_path, monkeypatch, recorded):
    """A folder with a copy of that ledger, and the working directory."""
    with contextlib.closing(recorded.ledger._database.engine.raw_connection()) as connection:
        connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(recorded.ledger.folder, tmp_path / ".lineproof")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINEPROOF_HOME", raising=False)
    return tmp_path


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A folder without a ledger, and the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINEPROOF_HOME", raising=False)
    return tmp_path


@pytest.fixture
def lineproof():
    """Call a command in this process: gives exit_code, stdout, stderr."""
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(one) for one in arguments], prog_name="lineproof")


@pytest.fixture
def process():
    """Call a command in a process of its own."""

    def call(*arguments, **options):
        command = [sys.executable, "-m", "lineproof.cli", *map(str, arguments)]
        return subprocess.run(
            command, check=False, capture_output=True, **{"text": True, "timeout": 120, **options}
        )

    return call
