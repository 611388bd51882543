"""The disk fails, or the process dies, at each single system call of an append: nothing acknowledged is lost.

The calls are counted in a dry run first; a fault that did not fire fails the test, since it proved nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry

APPEND = """
import sys
from pathlib import Path
from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry

ledger = Ledger.open(Path(sys.argv[1]))
for number in range(3):
    done = ledger.append([NewEntry(EntryType.LINEAGE_EVENT, b'{"n":%d}' % number)])
    print(done.first, flush=True)
"""
CALLS = ("pwrite64", "fdatasync", "ftruncate")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")


@pytest.fixture(scope="module")
def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        message = "strace is not installed (Debian: apt-get install strace)"
        if os.environ.get("LINEPROOF_REQUIRE"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture
def pristine(tmp_path: Path) -> Path:
    ledger = Ledger.create(tmp_path / "pristine" / ".lineproof")
    ledger.append([NewEntry(EntryType.LINEAGE_EVENT, b"{}")] * 5)
    return ledger.folder


def append(strace: str, folder: Path, trace: Path, *options: str) -> subprocess.CompletedProcess[str]:
    database = [f"--trace-path={folder / name}" for name in ("ledger.db", "ledger.db-wal")]
    command = [strace, "-f", "-o", str(trace), *database, *options, sys.executable, "-c", APPEND, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def copied(pristine: Path, place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(pristine, place / ".lineproof")
    return place / ".lineproof"


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_at_any_call_loses_nothing_acknowledged(strace, pristine, tmp_path, monkeypatch, call, fault):
    trace = tmp_path / "trace"
    folder = copied(pristine, tmp_path / "dry")
    assert append(strace, folder, trace, f"--trace={call}").returncode == 0
    count = len(re.findall(rf"\b{call}\(", trace.read_text()))
    if count == 0:
        pytest.skip(f"an append makes no {call} call here")
    for number in range(1, count + 1):
        # Each round starts from the same copy: to whoever remembers the round before, a ledger rolled back.
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"state-{number}"))
        folder = copied(pristine, tmp_path / "faulty")
        done = append(strace, folder, trace, f"--trace={call}", f"--inject={call}:{fault}:when={number}")
        fired = "(INJECTED)" in trace.read_text() or "killed by SIGKILL" in trace.read_text()
        assert fired, f"{fault} did not fire at {call} number {number}"
        acknowledged = [int(line) for line in done.stdout.split()]
        ledger = Ledger.open(folder)
        for entry in acknowledged:
            assert ledger.entry(entry).payload is not None
        report = ledger.verify()
        assert report.ok, (call, fault, number, report.failures)
        ledger.append([NewEntry(EntryType.LINEAGE_EVENT, b"{}")])
        assert ledger.verify().ok
