"""A project with programs in it that are run, recorded and not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

# What `lineproof run` does before intake: its exit code is the program's.
PARENT = (
    "import sys, msgspec; from pathlib import Path; from lineproof.capture.launch import launch; "
    "done = launch(sys.argv[2:], folder=Path('.lineproof')); "
    "Path(sys.argv[1]).write_bytes(msgspec.json.encode(done)); sys.exit(done.exit_code)"
)


@dataclass
class Outcome:
    code: int
    out: bytes
    err: bytes


class Project:
    """A folder with a `.lineproof` folder and programs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = root / ".lineproof" / "spool"
        self.said = root.with_name(f"{root.name}.said")
        (root / ".lineproof").mkdir()

    def script(self, text: str, name: str = "train.py") -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return name

    def write(self, name: str, content: str = "a,b\n1,2\n") -> Path:
        path = self.root / name
        path.write_text(content, encoding="utf-8")
        return path

    def plain(self, *command: str, **variables: str) -> Outcome:
        """Run a Python program without us."""
        return self._outcome([sys.executable, *command], variables)

    def recorded(self, *command: str, **variables: str) -> Outcome:
        """Run a Python program below the parent of `lineproof run`."""
        return self.launched(sys.executable, *command, **variables)

    def launched(self, *command: str, **variables: str) -> Outcome:
        """Run any program below the parent of `lineproof run`."""
        return self._outcome(self.parent(*command), variables)

    def parent(self, *command: str) -> list[str]:
        return [sys.executable, "-c", PARENT, str(self.said), *command]

    def environment(self, **variables: str) -> dict[str, str]:
        ours = ("LINEPROOF_LAUNCH", "LINEPROOF_HOME", "LINEPROOF_DISABLE")
        # What the CI that runs us says of itself is not what a test expects.
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ours and name != "CI" and not name.startswith(("CI_", "GITHUB_"))
        }
        return {**kept, **variables}

    def _outcome(self, command: list[str], variables: dict[str, str]) -> Outcome:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**variables),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=280,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    @property
    def report(self) -> dict:
        """What the parent knows of the last program it ran."""
        return json.loads(self.said.read_text())

    def spools(self) -> list[list[dict]]:
        """The lines of each spool, the owner's first."""
        paths = sorted(self.spool.glob("*.spool"))
        spools = [[json.loads(line) for line in path.read_bytes().splitlines()] for path in paths]
        return sorted(spools, key=lambda lines: not lines[0]["body"]["owner"])

    @property
    def owner(self) -> list[dict]:
        """What the program's own process wrote."""
        lines = self.spools()[0]
        assert lines[0]["body"]["owner"]
        return lines

    def files(self) -> dict[str, list[dict]]:
        """What all processes saw of files, by name."""
        found: dict[str, list[dict]] = {}
        for lines in self.spools():
            for line in lines:
                if line["kind"] == "file":
                    path = line["body"]["path"].removeprefix(f"{self.root}/")
                    found.setdefault(path, []).append(line["body"])
        return found

    def actions(self) -> dict[str, list[str]]:
        return {path: [fact["action"] for fact in facts] for path, facts in self.files().items()}

    def end(self) -> dict | None:
        """How the program's own process says it ended."""
        last = self.owner[-1]
        return last["body"] if last["kind"] == "end" else None

    def events(self, type_: str | None = None) -> list[dict]:
        found = [
            line["body"] for lines in self.spools() for line in lines if line.get("type") == "lineage.event"
        ]
        return [event for event in found if type_ is None or event["eventType"] == type_]

    def facet(self, name: str) -> dict:
        """A facet of the script's run, the fields of later events over those of earlier ones."""
        run = self.owner[0]["body"]["run"]
        fields: dict = {}
        for event in self.events():
            if event["run"]["runId"] == run:
                fields |= event["run"].get("facets", {}).get(name, {})
        return fields | (self.end() or {}).get("run_facets", {}).get(name, {})

    def gaps(self) -> list[str]:
        return [
            gap
            for lines in self.spools()
            if lines[-1]["kind"] == "end"
            for gap in lines[-1]["body"].get("run_facets", {}).get("lineproof_coverage", {}).get("gaps", [])
        ]


def wait_until(true, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def wait():
    return wait_until


@pytest.fixture
def project(tmp_path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    return Project(root)
