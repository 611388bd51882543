"""The disk fails, or the process dies, at each single system call of recording, taking in, storing and exporting.

Whatever happens: the program goes on as without us, what was acknowledged is there, nothing is there twice, the
ledger verifies, and the work can be done again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from faults import CALLS, FAULTS, Fault, Faults

from lineproof.store import Ledger

RECORDED = """
import lineproof
lineproof.autolog()
lineproof.metric("loss", 0.5)
print(open("in.csv").read().count("\\n"), flush=True)
"""
LEFT = RECORDED + "import os; os._exit(0)\n"
STORED = """
import sys
from pathlib import Path
from lineproof.store import Ledger
objects = Ledger.open(Path(sys.argv[1])).objects
for number in range(3):
    print(objects.put(b"object %d " % number * 1000), flush=True)
"""
TRIES = 5  # which call is the nth differs a little from run to run
MOST = 60  # positions of one kind of call that are struck, evenly over all of them
COMMAND = (sys.executable, "-m", "lineproof.cli")
EXPORT = (*COMMAND, "ledger", "export", "exported")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pristine")
    (folder / "in.csv").write_text("a\n1\n")
    (folder / "recorded.py").write_text(RECORDED)
    (folder / "left.py").write_text(LEFT)
    (folder / "stored.py").write_text(STORED)
    subprocess.run([*COMMAND, "init"], cwd=folder, check=True, capture_output=True)
    subprocess.run([sys.executable, "recorded.py"], cwd=folder, check=True, capture_output=True)
    return folder


class Round:
    """One copy of the project, with memory of its own: to one that remembers the last, it were rolled back."""

    def __init__(self, project: Path, place: Path, number: int) -> None:
        self.folder = place / str(number)
        shutil.copytree(project, self.folder)
        self.env = {"XDG_STATE_HOME": str(self.folder / "state")}
        self.options = {"cwd": self.folder, "env": self.env}

    def lineproof(self, *arguments: str) -> str:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def runs(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lineproof("log", "--json").splitlines()]

    def sound(self) -> bool:
        return bool(json.loads(self.lineproof("verify", "--json"))["ok"])


def swept(project, tmp_path, command, call, what, place=".lineproof/"):
    """Yield each fault with a round of its own, and what the program did."""
    faults = Faults(tmp_path, place)
    # Its modules are compiled first: that makes calls which later runs do not make.
    faults.calls(command, call, **Round(project, tmp_path, 10**9).options)
    rounds = [Round(project, tmp_path, -number).options for number in range(3)]
    numbers = faults.calls(command, call, *rounds[1:], **rounds[0])
    if not numbers:
        pytest.skip(f"makes no {call} call at {place}")
    for number in numbers[:: -(-len(numbers) // MOST)]:
        fault = Fault(call, number, what)
        for _ in range(TRIES):
            one = Round(project, tmp_path, number)
            done = faults.run(command, fault, **one.options)
            if done is not None:
                yield fault, one, done
            shutil.rmtree(one.folder)
            if done is not None:
                break
        else:
            pytest.fail(f"{fault} did not fire: {faults.tail()}")


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_program_runs_as_without_us_and_its_run_is_there_once_or_not_at_all(project, tmp_path, call, what):
    command = (sys.executable, "recorded.py")
    for fault, one, done in swept(project, tmp_path, command, call, what):
        if not fault.kills:
            assert (done.returncode, done.stdout) == (0, "2\n"), (fault, done.stderr)
        runs = one.runs()
        assert len(runs) in ((2,) if fault.passes else (1, 2)), (fault, done.stderr)
        assert len({run["run"] for run in runs}) == len(runs)
        assert one.sound(), fault
        one.lineproof("run", "--", sys.executable, "-c", "pass")
        assert len(one.runs()) == len(runs) + 1, fault


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_spool_that_was_left_is_taken_in_once_whatever_fails_meanwhile(project, tmp_path, call, what):
    left = Round(project, tmp_path, 10**6)
    subprocess.run([sys.executable, "left.py"], check=True, capture_output=True, cwd=left.folder)
    for fault, one, _ in swept(left.folder, tmp_path, (*COMMAND, "log", "--json"), call, what):
        runs = one.runs()
        assert len(runs) == 2, fault
        assert len({run["run"] for run in runs}) == 2
        assert one.sound(), fault


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_an_object_is_stored_whole_or_not_at_all(project, tmp_path, call, what):
    command = (sys.executable, "stored.py", ".lineproof")
    for fault, one, done in swept(project, tmp_path, command, call, what, "/objects/"):
        acknowledged = done.stdout.split()
        assert len(acknowledged) == 3 or not fault.passes, (fault, done.stderr)
        objects = Ledger.open(one.folder / ".lineproof").objects
        for digest in acknowledged:
            assert objects.get(digest).startswith(b"object"), fault
        for kept in objects.kept():
            objects.get(kept.digest)
        again = subprocess.run(command, cwd=one.folder, capture_output=True, text=True, check=True)
        assert again.stdout.split()[: len(acknowledged)] == acknowledged


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_an_export_is_whole_after_it_was_said_again(project, tmp_path, call, what):
    for fault, one, done in swept(project, tmp_path, EXPORT, call, what, "exported/"):
        assert done.returncode == 0 or not fault.passes, (fault, done.stderr)
        one.lineproof(*EXPORT[3:])
        one.lineproof("verify", "exported", "--key", str(one.folder / ".lineproof" / "keys" / "ledger.vkey"))
        assert one.sound(), fault
