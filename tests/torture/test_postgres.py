"""Several writers of one PostgreSQL ledger, for long: killed, stopped, cut off, and their server with them."""

from __future__ import annotations

import importlib.util
import random
import signal
from pathlib import Path

import pytest

from lineproof.store import Ledger
from postgres import Server

_spec = importlib.util.spec_from_file_location(
    "store_writers", Path(__file__).resolve().parents[1] / "store" / "writers.py"
)
writers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writers)

ROUNDS = 20


@pytest.fixture
def server():
    one = Server()
    yield one
    one.stop()


@pytest.fixture
def shared(server, tmp_path, monkeypatch):
    monkeypatch.setenv("LINEPROOF_STORE", server.new_database())
    return Ledger.create(tmp_path / ".lineproof")


def _started(ledger: Ledger, count: int):
    found = [writers.Writer(ledger.folder) for _ in range(count)]
    for writer in found:
        assert writer.ready.wait(60)
    return found


@pytest.mark.timeout(180)
def test_a_sequencer_that_is_stopped_is_followed_when_the_server_ends_its_session(shared, server):
    one, other = both = _started(shared, 2)
    other.wait_for(3)
    # Stopped until it holds the lock: whoever waits for it then is the other.
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(200):
        one.process.send_signal(signal.SIGSTOP)
        before = len(other.acknowledged)
        if server.ask(held) == [(1,)] and not _grows(other, before):
            break
        one.process.send_signal(signal.SIGCONT)
    else:
        pytest.fail("it never was stopped while it held the lock")
    assert other.wait_for(3, within_s=60) < 45
    one.process.send_signal(signal.SIGCONT)
    one.wait_for(3)
    writers.assert_nothing_lost_and_nothing_twice(shared, both)


def _grows(writer, before: int) -> bool:
    try:
        writer.wait_for(1, within_s=1)
    except AssertionError:
        return False
    return len(writer.acknowledged) > before


@pytest.mark.timeout(1800)
def test_writers_and_server_die_again_and_again(shared, server):
    chance = random.Random(4)
    everybody = alive = _started(shared, 3)
    everybody = list(everybody)
    for _ in range(ROUNDS):
        for writer in alive:
            writer.wait_for(3)
        if chance.random() < 0.5:
            server.restart()
        else:
            alive.remove(victim := chance.choice(alive))
            victim.kill()
            (fresh,) = _started(shared, 1)
            alive.append(fresh)
            everybody.append(fresh)
    writers.assert_nothing_lost_and_nothing_twice(shared, everybody)
