"""What is written to the spool is what the model of its lines says, whole and chained."""

from __future__ import annotations

import fcntl
import os

import msgspec
import pytest

from lineproof.capture.recorded import RecordedRun
from lineproof.capture.spool import SpoolWriter, encoded, plain
from lineproof.model.identity import uuid7
from lineproof.model.spool import FIRST, FileFact, ProcessEnd, ProcessStart, chain, decode_line, encode_line


@pytest.fixture
def run(tmp_path):
    return RecordedRun(folder=str(tmp_path / ".lineproof"), name='tra"in\n ü.py', launcher=1)


@pytest.fixture
def writer(tmp_path, run):
    writer = SpoolWriter(str(tmp_path / "spool"), run.process(owner=True))
    yield writer
    writer.close()


def lines_of(writer) -> list[bytes]:
    with open(writer.path, "rb") as file:
        return file.read().splitlines()


def test_each_line_is_exactly_what_the_model_writes(writer, run):
    writer.entry("lineage.event", b'{"a":1}', id_=uuid7())
    writer.file({"path": "/x", "action": "read", "time": "t", "digest": "sha256:0", "size_bytes": 3})
    writer.end(encoded(ProcessEnd(time="t", state="COMPLETE")))
    lines = lines_of(writer)
    assert [encode_line(decode_line(line)) for line in lines] == lines
    bodies = [decode_line(line).body for line in lines]
    start = msgspec.json.decode(bodies[0], type=ProcessStart)
    assert msgspec.json.encode(start) == bytes(bodies[0])
    assert (start.run, start.end_id, start.job_name) == (run.run, run.end_id, run.name)
    assert (start.owner, start.launched, start.pid) == (True, True, os.getpid())
    fact = msgspec.json.decode(bodies[2], type=FileFact)
    assert msgspec.json.encode(fact) == bytes(bodies[2])


def test_each_line_is_chained_to_the_one_before(writer):
    for number in range(5):
        writer.entry("lineage.event", plain({"number": number}), id_=uuid7())
    before = FIRST
    for number, line in enumerate(lines_of(writer)):
        record = decode_line(line)
        assert (record.seq, record.prev) == (number, before)
        before = chain(line)


def test_the_lock_tells_whether_the_writer_lives(writer):
    with open(writer.path, "rb") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        writer.close()
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_only_the_owner_of_the_ledger_may_read_it(writer):
    assert os.stat(writer.path).st_mode & 0o777 == 0o600


def test_a_closed_spool_takes_nothing(writer):
    writer.close()
    assert not writer.entry("lineage.event", b"{}", id_=uuid7())
    assert len(lines_of(writer)) == 1


def test_the_run_travels_to_other_processes_unchanged(run):
    there = RecordedRun.of_json(run.as_json())
    assert [getattr(there, name) for name in RecordedRun.__slots__] == [
        getattr(run, name) for name in RecordedRun.__slots__
    ]


def test_text_that_is_no_text_is_written_all_the_same():
    assert encoded(ProcessEnd(time="caf\udce9", state="FAIL")) == b'{"time":"caf\\\\udce9","state":"FAIL"}'
