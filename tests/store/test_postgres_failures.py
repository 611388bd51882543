"""Promises about several writers of one PostgreSQL ledger when one of them, or the server, dies."""

from __future__ import annotations

import threading
import time

import pytest
from store_case import event
from writers import Writer, assert_nothing_lost_and_nothing_twice

from lineproof.errors import StoreUnreachableError
from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry, together
from postgres import Server

_HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


@pytest.fixture(scope="module")
def server():
    """A server that may be broken."""
    one = Server()
    yield one
    one.stop()


@pytest.fixture
def shared(server, folder, monkeypatch):
    monkeypatch.setenv("LINEPROOF_STORE", server.new_database())
    return Ledger.create(folder)


@pytest.fixture
def writers(shared):
    both = [Writer(shared.folder) for _ in range(2)]
    for writer in both:
        assert writer.ready.wait(280)
    yield both
    for writer in both:
        writer.kill()


def test_a_writer_that_is_killed_loses_nothing_and_another_takes_over_in_seconds(shared, writers):
    one, other = writers
    one.wait_for(9)
    one.kill()
    assert other.wait_for(3) < 60  # a fraction of a second where nothing else runs
    assert_nothing_lost_and_nothing_twice(shared, writers)


def test_a_session_that_the_server_ends_is_taken_up_again(shared, server, writers):
    """The administrator ends whoever is the sequencer, again and again."""
    ended = 0
    while ended < 10:
        for (pid,) in server.ask(_HOLDERS):
            ended += server.ask(f"SELECT pg_terminate_backend({pid})") == [(True,)]
    for writer in writers:
        writer.wait_for(3)
    assert_nothing_lost_and_nothing_twice(shared, writers)


def test_a_server_that_is_killed_in_the_middle_of_commits_loses_nothing(shared, server, writers):
    for _ in range(2):
        for writer in writers:
            writer.wait_for(6)
        server.restart()
    for writer in writers:
        writer.wait_for(6)
    assert_nothing_lost_and_nothing_twice(shared, writers)


def test_a_commit_whose_answer_was_lost_is_not_made_twice(shared, server, monkeypatch):
    """The server commits and its machine stops before it can say so."""
    append_group = Ledger._append_group
    lost = []

    def lose_the_answer(self, cursor, *arguments):
        done = append_group(self, cursor, *arguments)
        if not lost:
            lost.append(done)
            cursor.execute("COMMIT")
            server.restart()
        return done

    monkeypatch.setattr(Ledger, "_append_group", lose_the_answer)
    appended = shared.append([NewEntry(EntryType.DOCUMENT, b"{}"), NewEntry(EntryType.DOCUMENT, b"{}")])
    assert lost
    assert (appended.entries, appended.added, shared.size()) == ((2, 3), 2, 4)
    assert shared.verify().ok


def test_a_server_that_does_not_come_back_is_named_in_time(shared, server, monkeypatch):
    monkeypatch.setattr(together, "_PATIENCE_S", 0.2)
    shared.append([event()])
    server.kill()
    try:
        with pytest.raises(StoreUnreachableError):
            shared.append([event()])
        with pytest.raises(StoreUnreachableError):
            shared.size()
    finally:
        server.start()
    assert shared.append([event()]).size == 4


def test_threads_that_append_at_once_share_commits(shared, server):
    gate = threading.Barrier(16)
    numbers: list[int] = []

    def append() -> None:
        gate.wait()
        numbers.extend(shared.append([event()]).entries)

    threads = [threading.Thread(target=append) for _ in range(16)]
    commits = []
    commit = shared._together._commit

    def counted(batches):
        commits.append(len(batches))
        time.sleep(0.02)
        commit(batches)

    shared._together._commit = counted
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(2, 18))
    assert sum(commits) == 16
    assert len(commits) < 16
    assert shared.verify().ok
