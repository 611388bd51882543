"""Promises where a process is stopped, not killed, and where the clock jumps."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, tzinfo

import pytest
from store_case import event

from lineproof.errors import LedgerInUseError
from lineproof.intake import take_in
from lineproof.model import identity
from lineproof.store import Ledger
from lineproof.store.database import lock

LEADER = """
import sys
from pathlib import Path
from lineproof.store import Ledger
from lineproof.store.database.lock import exclusive, intake_turn
turn = {"sequencer": exclusive, "intake": intake_turn}[sys.argv[2]]
with turn(Path(sys.argv[1])):
    print("leads", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.sqlite_only
@pytest.mark.parametrize("turn", ["sequencer", "intake"])
def test_while_the_leader_is_stopped_others_are_told_and_go_on_when_it_does(ledger, monkeypatch, turn):
    (ledger.spool_folder / "left.spool").write_bytes(b"")
    leader = subprocess.Popen(
        [sys.executable, "-c", LEADER, str(ledger.folder), turn],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert leader.stdout.readline() == "leads\n"
    leader.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(lock, "LOCK_TIMEOUT_S", 0.2)
    start = time.monotonic()
    with pytest.raises(LedgerInUseError, match="kept"):
        ledger.append([event()]) if turn == "sequencer" else take_in(ledger)
    assert time.monotonic() - start < 10
    assert Ledger.open(ledger.folder).size() == 2, "reading goes on"
    leader.send_signal(signal.SIGCONT)
    leader.communicate("\n", timeout=280)
    monkeypatch.setattr(lock, "LOCK_TIMEOUT_S", 60)
    take_in(ledger)
    assert ledger.append([event()]).first == 2
    assert ledger.verify().ok


@pytest.mark.parametrize("days", [-400, 3650], ids=["back", "forth"])
def test_order_comes_from_entry_numbers_whatever_the_clock_says(ledger, monkeypatch, days):
    class Jumped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(days=days)

    said = [ledger.append([event()]).first]
    monkeypatch.setattr(identity, "datetime", Jumped)
    said.append(ledger.append([event()]).first)
    monkeypatch.undo()
    said.append(ledger.append([event()]).first)
    assert said == [2, 3, 4]
    times = [entry.recorded for entry in ledger.entries()]
    assert (times[3] < times[2], times[3] > times[4]) == (days < 0, days > 0), "the clock has jumped"
    assert [entry.seq for entry in ledger.entries()] == [0, 1, 2, 3, 4]
    assert ledger.verify().ok
