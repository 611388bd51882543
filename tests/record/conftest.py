"""A project folder whose programs are run twice: as they are, and recorded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

CLI = [sys.executable, "-P", "-m", "lineproof.cli"]  # -P: a program called copy.py is not our module copy
RECORDING = [*CLI, "run", "--quiet", "--", sys.executable]
PATIENCE_S = 280  # a machine may be busy; what hangs hangs for ever


class Outcome(msgspec.Struct):
    """All that a user can see of a program that ran: nothing of it may change by being recorded."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    files: dict[str, bytes]


class Project:
    """A folder with programs and a ledger."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF_")
        } | {"PYTHONDONTWRITEBYTECODE": "1"}

    def write(self, name: str, text: str) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return name

    def run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
        defaults = {"cwd": self.root, "env": self.environment, "capture_output": True, "timeout": PATIENCE_S}
        return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, **(defaults | options))

    def start_recorded(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program under `lineproof run` and go on."""
        return self.start(*RECORDING, *command)

    def start(self, *command: str | Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def lineproof(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        return self.run(*CLI, *arguments, **options)

    def plainly(self, *command: str) -> Outcome:
        """Run a program as it is, note what it left, and clear that away."""
        return self._outcome([sys.executable, *command])

    def recorded(self, *command: str) -> Outcome:
        """Run it under `lineproof run`, likewise."""
        return self._outcome([*RECORDING, *command])

    def unharmed(self, *command: str) -> Outcome:
        """Run it both ways, insist that nobody can tell the difference, give what was seen.

        The exit code is what a shell gives: 128 + N for a program that signal N ended.
        """
        plain, recorded = self.plainly(*command), self.recorded(*command)
        assert recorded.stdout == plain.stdout
        assert recorded.stderr == plain.stderr
        assert recorded.exit_code == (plain.exit_code if plain.exit_code >= 0 else 128 - plain.exit_code)
        assert recorded.files == plain.files
        return recorded

    def _outcome(self, command: list[str]) -> Outcome:
        before = self._files()
        done = self.run(*command)
        made = {name: content for name, content in self._files().items() if before.get(name) != content}
        for name in made.keys() - before.keys():
            (self.root / name).unlink()
        return Outcome(done.returncode, done.stdout, done.stderr, made)

    def _files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and ".lineproof" not in path.parts and path.stat().st_size < 1 << 28
        }

    @property
    def ledger(self) -> Path:
        return self.root / ".lineproof"

    @property
    def spools(self) -> list[Path]:
        return sorted((self.ledger / "spool").glob("*"))

    def log(self) -> list[dict[str, Any]]:
        """The runs, newest first, as `lineproof log` gives them; child runs left out."""
        done = self.lineproof("log", "--json")
        assert done.returncode == 0, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def events(self) -> list[dict[str, Any]]:
        """All events of runs in the ledger, as they were recorded; an entry id occurs once."""
        from lineproof.store import Ledger

        entries = list(Ledger.open(self.ledger).entries())
        assert len({entry.id for entry in entries}) == len(entries)
        events = [json.loads(entry.payload) for entry in entries if entry.type == "lineage.event"]
        return [event for event in events if "run" in event]

    def last_run(self) -> Run:
        """The run that began last."""
        events = self.events()
        starts = [e for e in events if e["eventType"] == "START" and "parent" not in e["run"]["facets"]]
        return Run(max(starts, key=lambda event: event["eventTime"])["run"]["runId"], events)

    def verified(self) -> dict[str, Any]:
        """What `lineproof verify` says; the record must hold."""
        done = self.lineproof("verify", "--json")
        report = json.loads(done.stdout)
        assert report["ok"], report
        assert done.returncode == 0
        return report


class Run:
    """The events of one run and of the child runs in it."""

    def __init__(self, run: str, events: list[dict[str, Any]]) -> None:
        self.id = run
        self.events = [event for event in events if event["run"]["runId"] == run]
        self.all_events = events

    @property
    def last(self) -> dict[str, Any]:
        terminal = [e for e in self.events if e["eventType"] in ("COMPLETE", "FAIL", "ABORT")]
        assert len(terminal) == 1, terminal
        return terminal[0]

    @property
    def facets(self) -> dict[str, Any]:
        """The run's facets; what later events say of one adds to it."""
        found: dict[str, Any] = {}
        for event in self.events:
            for name, facet in event["run"].get("facets", {}).items():
                found[name] = found.get(name, {}) | facet
        return found

    @property
    def process(self) -> dict[str, Any]:
        return self.last["run"]["facets"]["lineproof_process"]

    @property
    def coverage(self) -> dict[str, Any]:
        return self.last["run"]["facets"]["lineproof_coverage"]

    @property
    def gaps(self) -> str:
        return "\n".join(self.coverage.get("gaps", []))

    @property
    def children(self) -> dict[str, str]:
        """Type of the last event of each child run, by its job's name and its id."""
        return {
            event["job"]["name"] + "/" + event["run"]["runId"]: event["eventType"]
            for event in self.all_events
            if "parent" in event["run"].get("facets", {})
        }

    def datasets(self, direction: str, namespace: str = "file") -> dict[str, str | None]:
        """Name to version of the inputs or outputs of the run and its child runs."""
        return {
            dataset["name"]: dataset.get("facets", {}).get("version", {}).get("datasetVersion")
            for event in self.all_events
            for dataset in event.get(direction, [])
            if dataset["namespace"] == namespace
        }


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger as `lineproof init` makes it, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    done = subprocess.run([*CLI, "init"], cwd=folder, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return folder / ".lineproof"


@pytest.fixture(scope="session")
def make_project(empty_ledger: Path) -> Callable[[Path], Project]:
    """Makes a folder into a project with an empty ledger."""

    def make(root: Path) -> Project:
        shutil.copytree(empty_ledger, root / ".lineproof")
        return Project(root)

    return make


@pytest.fixture
def project(tmp_path: Path, make_project: Callable[[Path], Project]) -> Project:
    """A project with an empty ledger, outside of any git checkout."""
    return make_project(tmp_path / "project")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts file systems of their own; needs root."""
    mounted: list[Path] = []

    def mount(name: str, options: str) -> Path:
        path = tmp_path / name
        path.mkdir(exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=False, capture_output=True
        )
        if done.returncode:
            pytest.skip("mounting a file system needs root: run the tests as root to include this one")
        mounted.append(path)
        return path

    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root: run the tests as root to include this one")
    yield mount
    for path in reversed(mounted):
        subprocess.run(["umount", "-l", path], check=True)


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], None]:
    """Waits for something to become true."""

    def wait(condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait
