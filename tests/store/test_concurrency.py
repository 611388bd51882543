"""Promises about many writers and sudden ends: every acknowledged entry is there, in one chain."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from store_case import event, many

from lineproof.errors import LedgerInUseError
from lineproof.store import Ledger
from lineproof.store.database import lock

WRITER = """
import json, sys
from pathlib import Path
from lineproof.model.entries import EntryType
from lineproof.model.identity import uuid7
from lineproof.store import Ledger, NewEntry
ledger = Ledger.open(Path(sys.argv[1]))
print("ready", flush=True)
for turn in range(int(sys.argv[2])):
    body = {"run": {"runId": uuid7()}, "job": {"namespace": "n", "name": sys.argv[3]}, "eventType": "START"}
    items = [NewEntry(EntryType.LINEAGE_EVENT, json.dumps(body).encode(), uuid7()) for _ in range(3)]
    ledger.append(items)
    print(*[item.id for item in items], flush=True)
"""


def writer(ledger: Ledger, turns: int, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(ledger.folder), str(turns), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def acknowledged(text: str) -> list[str]:
    return [word for line in text.splitlines()[1:] if line.count(" ") == 2 for word in line.split()]


def test_ten_processes_append_at_once_and_make_one_chain(ledger):
    writers = [writer(ledger, 5, f"job{number}") for number in range(10)]
    said = [acknowledged(process.communicate(timeout=280)[0]) for process in writers]
    assert all(process.returncode == 0 for process in writers)
    ids = [entry.id for entry in ledger.entries()]
    assert len(ids) == len(set(ids)) == 2 + 10 * 5 * 3
    for own in said:
        assert [identifier for identifier in ids if identifier in set(own)] == own, (
            "in the order of the process"
        )
    assert ledger.verify().ok


def test_threads_of_one_process_take_turns(ledger):
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: ledger.append([*many(1), event()]), range(24)))
    assert sorted(number for one in done for number in one.entries) == list(range(2, 50))
    assert ledger.verify().ok


@pytest.mark.parametrize("after_s", [0.0, 0.03, 0.1, 0.25])
def test_a_killed_writer_loses_nothing_that_was_acknowledged(ledger, after_s):
    process = writer(ledger, 100_000, "killed.py")
    assert process.stdout.readline() == "ready\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    said = acknowledged("ready\n" + process.communicate(timeout=280)[0])
    ids = [entry.id for entry in ledger.entries()]
    assert set(said) <= set(ids)
    assert len(ids) - 2 - len(said) in {0, 3}, "at most the group that was under way"
    assert ledger.verify().ok
    ledger.append([event()])
    assert ledger.verify().ok


def test_several_processes_make_a_ledger_at_once_and_get_the_same_one(folder):
    program = "import sys; from pathlib import Path; from lineproof.store import Ledger; print(Ledger.create(Path(sys.argv[1])).id)"
    makers = [
        subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ids = {process.communicate(timeout=280)[0] for process in makers}
    assert len(ids) == 1
    assert Ledger.open(folder).verify().ok
    assert not list((folder / "keys").glob("*.orphan"))


@pytest.mark.sqlite_only
def test_who_waits_too_long_is_told_so_and_nothing_is_lost(ledger, monkeypatch):
    monkeypatch.setattr(lock, "LOCK_TIMEOUT_S", 0.05)
    with lock.exclusive(ledger.folder), pytest.raises(LedgerInUseError):
        ledger.append([event()])
    assert ledger.append([event()]).first == 2


@pytest.mark.sqlite_only
def test_who_waits_is_served_before_who_comes_back(ledger):
    """A process that appends without pause does not starve another."""
    stop = threading.Event()

    def greedy() -> None:
        while not stop.is_set():
            with lock.exclusive(ledger.folder):
                time.sleep(0.002)

    workers = [threading.Thread(target=greedy) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        waits = []
        for _ in range(10):
            start = time.monotonic()
            with lock.exclusive(ledger.folder):
                waits.append(time.monotonic() - start)
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert max(waits) < 5


def test_verifying_while_another_appends_raises_no_false_alarm(ledger):
    process = writer(ledger, 60, "busy.py")
    process.stdout.readline()
    while process.poll() is None:
        report = ledger.verify()
        assert report.ok, report.failures
        process.stdout.readline()
    process.communicate()
