"""Whatever was spooled is in the ledger once: not lost, not twice, in order."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from lineproof.errors import NewerSpoolError, SpoolError
from lineproof.intake import take_in
from lineproof.model.spool import LaunchReport


@pytest.fixture
def ledger(tmp_path, store):
    return store(tmp_path / ".lineproof")


@pytest.fixture
def spools(ledger):
    return ledger.folder / "spool"


def recorded(ledger):
    """Id to payload of everything but the ledger's own first entries."""
    entries = [entry for entry in ledger.entries() if entry.type not in ("key", "grant")]
    assert len({entry.id for entry in entries}) == len(entries)
    return {entry.id: entry.payload for entry in entries}


def last_event(ledger, text):
    return json.loads(recorded(ledger)[text.start.end_id])


class Holder:
    """A process that keeps a spool's lock, as its writer would."""

    PROGRAM = (
        "import fcntl, os, sys, time\n"
        "fcntl.flock(os.open(sys.argv[1], os.O_WRONLY), fcntl.LOCK_EX)\nprint(flush=True)\ntime.sleep(120)"
    )

    def __init__(self, path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM, path], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def test_entries_keep_their_bytes_their_ids_and_their_order(new_spool, ledger, spools):
    text = new_spool()
    payloads = ['{"a": 1,  "é":\t2.50}'.encode(), b'{"b":[1e3]}']
    ids = [text.entry(payload, "decision") for payload in payloads]
    text.end()
    text.save(spools)
    outcome = take_in(ledger)
    taken = recorded(ledger)
    assert list(taken)[:2] == ids
    assert [taken[each] for each in ids] == payloads
    assert (outcome.spools, outcome.entries, outcome.runs) == (1, 3, [text.start.run])
    assert outcome.problems == []
    assert list(spools.iterdir()) == []


def test_nothing_to_take_changes_nothing(ledger):
    before = recorded(ledger)
    assert take_in(ledger).entries == 0
    assert recorded(ledger) == before


def test_a_file_that_comes_back_is_not_recorded_again(new_spool, ledger, spools):
    text = new_spool()
    text.event("START")
    text.end()
    path = text.save(spools)
    content = path.read_bytes()
    take_in(ledger)
    before = recorded(ledger)
    path.write_bytes(content)
    assert take_in(ledger).entries == 0
    assert recorded(ledger) == before
    assert list(spools.iterdir()) == []


def test_a_living_process_is_taken_in_part_and_ends_later(new_spool, ledger, spools):
    text = new_spool()
    first = text.event("START")
    path = text.save(spools)
    with Holder(path):
        outcome = take_in(ledger)
        assert (outcome.alive, outcome.runs) == (1, [])
        assert list(recorded(ledger)) == [first]
        second = text.event("RUNNING")
        path.write_bytes(text.bytes() + b'{"seq":3,"pre')
        take_in(ledger)
        assert list(recorded(ledger)) == [first, second]
    text.end()
    path.write_bytes(text.bytes())
    take_in(ledger)
    assert list(recorded(ledger)) == [first, second, text.start.end_id]
    assert last_event(ledger, text)["eventType"] == "COMPLETE"


def test_a_killed_process_ends_incomplete_at_its_last_whole_line(new_spool, ledger, spools):
    text = new_spool()
    first = text.event("START")
    path = text.save(spools)
    path.write_bytes(text.bytes() + b'{"seq":2,"prev":"00')
    take_in(ledger)
    assert list(recorded(ledger)) == [first, text.start.end_id]
    assert last_event(ledger, text)["run"]["facets"]["lineproof_process"]["complete"] is False
    assert list(spools.iterdir()) == []


def test_a_damaged_spool_is_told_of_kept_aside_and_does_not_stop_the_others(new_spool, ledger, spools):
    damaged = new_spool(started="2026-01-01T00:00:00Z")
    good = damaged.event("START")
    lost = damaged.event("RUNNING")
    damaged.end()
    path = damaged.save(spools)
    content = path.read_bytes().replace(lost.encode(), lost[::-1].encode())
    path.write_bytes(content)
    other = new_spool(started="2026-01-02T00:00:00Z")
    other.end()
    other.save(spools)
    outcome = take_in(ledger)
    assert [type(problem) for problem in outcome.problems] == [SpoolError]
    taken = recorded(ledger)
    assert good in taken
    assert lost not in taken
    facets = last_event(ledger, damaged)["run"]["facets"]
    assert facets["lineproof_process"]["complete"] is False
    assert "damaged" in facets["lineproof_coverage"]["gaps"][0]
    assert other.start.end_id in taken
    assert [each.name for each in spools.iterdir()] == [path.name + ".damaged"]
    assert (spools / (path.name + ".damaged")).read_bytes() == content
    assert take_in(ledger).problems == []


def test_a_spool_of_a_newer_version_is_left_alone(new_spool, ledger, spools):
    path = new_spool(format=9).save(spools)
    outcome = take_in(ledger)
    assert [type(problem) for problem in outcome.problems] == [NewerSpoolError]
    assert "pip install -U" in outcome.problems[0].remedy
    assert path.exists()
    assert recorded(ledger) == {}


def test_an_entry_of_unknown_type_costs_that_entry_only(new_spool, ledger, spools):
    text = new_spool()
    text.entry(b"{}", "from.the.future")
    good = text.entry(b'{"no": "openlineage event"}')
    text.end()
    text.save(spools)
    outcome = take_in(ledger)
    assert len(outcome.problems) == 1
    assert list(recorded(ledger)) == [good, text.start.end_id]


def test_workers_are_part_of_the_run(new_spool, ledger, spools, tmp_path):
    owner = new_spool(started="2026-01-01T00:00:00Z")
    worker = new_spool(
        run=owner.start.run, end_id=owner.start.end_id, owner=False, pid=2, started="2026-01-01T00:00:01Z"
    )
    owner.file(tmp_path / "in", "read", digest="sha256:aa")
    worker.file(tmp_path / "out", "written", digest="sha256:bb")
    owner.end()
    worker.end()
    owner.save(spools)
    worker.save(spools)
    take_in(ledger)
    assert len(recorded(ledger)) == 3
    coverage = last_event(ledger, owner)["run"]["facets"]["lineproof_coverage"]
    assert sorted(coverage["unattributed"]) == ["in", "out"]
    assert list(spools.iterdir()) == []


def test_a_worker_that_outlives_its_run_is_taken_when_it_ends(new_spool, ledger, spools, tmp_path):
    owner = new_spool()
    owner.end()
    worker = new_spool(run=owner.start.run, end_id=owner.start.end_id, owner=False, pid=2)
    worker.file(tmp_path / "late", "written", digest="sha256:bb")
    owner.save(spools)
    with Holder(worker.save(spools)):
        outcome = take_in(ledger)
        assert (outcome.runs, outcome.alive) == ([owner.start.run], 1)
        before = len(recorded(ledger))
    outcome = take_in(ledger)
    assert outcome.runs == []
    late = [json.loads(payload) for payload in list(recorded(ledger).values())[before:]]
    assert [event["outputs"][0]["name"] for event in late] == ["late"]
    assert list(spools.iterdir()) == []


def test_a_launched_program_may_take_a_while_to_begin(new_spool, ledger, spools):
    parent = new_spool(owner=False, launched=True)
    first = parent.event("START")
    path = parent.save(spools)
    take_in(ledger)
    assert list(recorded(ledger)) == [first]
    long_ago = time.time() - 3600
    os.utime(path, (long_ago, long_ago))
    take_in(ledger)
    assert last_event(ledger, parent)["eventType"] == "ABORT"


def test_the_parents_report_ends_the_run_even_if_a_stray_process_holds_the_lock(new_spool, ledger, spools):
    text = new_spool(launched=True)
    text.end()
    report = LaunchReport(
        run=text.start.run, ended="2026-01-01T00:00:00.000000Z", exit_code=0, objects=[b"diff"]
    )
    with Holder(text.save(spools)):
        outcome = take_in(ledger, [report])
    assert outcome.runs == [text.start.run]
    assert last_event(ledger, text)["run"]["facets"]["lineproof_process"]["exit_code"] == 0
    objects = [path for path in (ledger.folder / "objects").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in objects] == [b"diff"]


def test_a_run_of_which_nothing_was_spooled_is_told_of(ledger):
    report = LaunchReport(run="00000000-0000-7000-8000-000000000001", ended="2026-01-01T00:00:00Z")
    outcome = take_in(ledger, [report])
    assert "nothing of it is recorded" in outcome.problems[0].message


def test_progress_reaches_what_there_was(new_spool, ledger, spools):
    for _ in range(3):
        text = new_spool()
        text.event("START")
        text.save(spools)
    told = []
    take_in(ledger, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert told == sorted(told)


INTAKE = """
import sys
from pathlib import Path
from lineproof.intake import take_in
from lineproof.store import Ledger
sys.exit(bool(take_in(Ledger.open(Path(sys.argv[1]))).problems))
"""


def intake(ledger, before=""):
    return subprocess.Popen([sys.executable, "-c", before + INTAKE, ledger.folder], stdin=subprocess.DEVNULL)


# Where the taking in kills itself: right before the named step is done.
KILL = """
import os, signal
from lineproof.intake import recorder, sweep
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
"""
STEPS = {
    "before the first commit": "recorder.Recorder._append = die\n",
    "before the end of the run is recorded": "recorder.Recorder.finish = die\n",
    "between the commit and the removal of the file": "sweep.clear_away = die\n",
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_any_two_steps_the_next_taking_in_completes_it(
    step, new_spool, ledger, spools, tmp_path
):
    owner = new_spool()
    ids = [owner.event() for _ in range(20)]
    owner.file(tmp_path / "out", "written", digest="sha256:bb")
    owner.end()
    worker = new_spool(run=owner.start.run, end_id=owner.start.end_id, owner=False, pid=2)
    worker.file(tmp_path / "out2", "written", digest="sha256:cc")
    for text in (owner, worker):
        text.save(spools)
    killed = intake(ledger, KILL + STEPS[step])
    assert killed.wait() == -signal.SIGKILL
    assert len(list(spools.iterdir())) == 2
    take_in(ledger)
    taken = recorded(ledger)
    assert [each for each in taken if each in ids] == ids
    assert len(taken) == 20 + 2 + 1
    assert list(spools.iterdir()) == []


def test_killed_at_random_moments_nothing_is_lost_and_nothing_doubled(new_spool, ledger, spools):
    ids = []
    for number in range(4):
        text = new_spool(pid=number)
        ids += [text.event() for _ in range(1500)]
        text.end()
        text.save(spools)
    moments = random.Random(7)
    kills = 0
    while any(spools.iterdir()):
        process = intake(ledger)
        time.sleep(0.1 + kills * 0.05 + moments.random() * 0.3)  # a quick machine is done within the second
        process.kill()
        kills += process.wait() != 0
        if kills > 8:
            take_in(ledger)
    assert kills >= 1
    taken = recorded(ledger)
    assert sorted(set(ids) - set(taken)) == []
    assert len(taken) == len(ids) + 4


def test_what_a_process_left_that_was_killed_while_making_its_spool_is_cleared_away(
    new_spool, ledger, spools
):
    old, young = spools / "a.new", spools / "b.new"
    for path in (old, young):
        path.write_bytes(b'{"seq":0')
    os.utime(old, (1e9, 1e9))
    new_spool().save(spools)
    take_in(ledger)
    assert list(spools.iterdir()) == [young]


def test_several_may_take_in_at_once(new_spool, ledger, spools):
    ids = []
    for number in range(12):
        text = new_spool(pid=number)
        ids += [text.event() for _ in range(100)]
        text.end()
        text.save(spools)
    processes = [intake(ledger) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    taken = recorded(ledger)
    assert len(taken) == len(ids) + 12
    assert set(ids) <= set(taken)


def test_taking_in_waits_for_its_turn(new_spool, ledger, spools):
    new_spool().save(spools)
    descriptor = os.open(ledger.folder / "intake.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    process = intake(ledger)
    time.sleep(1.0)
    assert process.poll() is None
    assert len(list(spools.iterdir())) == 1
    os.close(descriptor)
    assert process.wait() == 0
    assert list(spools.iterdir()) == []
