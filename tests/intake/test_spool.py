"""A spool is believed as far as it is whole, and no further."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineproof.errors import NewerSpoolError, SpoolError
from lineproof.intake.spool import Position, clear_away, is_alive, lines, start_of


@pytest.fixture
def text(new_spool, tmp_path):
    text = new_spool()
    text.event("START")
    text.entry('{"name": "Zoë ✓",  "spaces":\t1e5, "z":1.50}'.encode(), "decision")
    text.file(tmp_path / "a b.csv", "read", digest="sha256:00")
    text.end()
    return text


def read(path: Path, position: Position | None = None) -> list[bytes]:
    """The bodies that are believed, whether or not damage follows."""
    bodies: list[bytes] = []
    with contextlib.suppress(SpoolError):
        bodies.extend(bytes(line.record.body) for line in lines(path, position))
    return bodies


def test_payload_bytes_come_out_as_they_went_in(text, tmp_path):
    path = text.save(tmp_path)
    assert read(path)[2] == '{"name": "Zoë ✓",  "spaces":\t1e5, "z":1.50}'.encode()


def test_cut_anywhere_the_whole_lines_before_the_cut_are_believed(text, tmp_path):
    whole = text.bytes()
    path = text.save(tmp_path)
    bodies = read(path)
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert [bytes(line.record.body) for line in lines(path)] == bodies[: whole[:cut].count(b"\n")]


def test_reading_goes_on_where_it_stopped(text, tmp_path):
    path = text.save(tmp_path)
    positions = [line.position for line in lines(path)]
    assert read(path, positions[1]) == read(path)[2:]
    assert read(path, positions[-1]) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_byte_before_the_last_line_is_found_and_nothing_from_it_on_is_believed(
    text, tmp_path, data
):
    whole = bytearray(text.bytes())
    last_line = len(whole) - len(text.lines[-1]) - 1
    place = data.draw(st.integers(0, last_line - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    path = text.save(tmp_path)
    bodies = read(path)
    path.write_bytes(whole)
    damaged_line = text.bytes()[:place].count(b"\n")
    with pytest.raises(SpoolError):
        list(lines(path))
    believed = read(path)
    assert believed == bodies[: len(believed)]
    assert len(believed) <= damaged_line


def test_a_lost_line_is_found(text, tmp_path):
    path = text.save(tmp_path)
    del text.lines[2]
    path.write_bytes(text.bytes())
    with pytest.raises(SpoolError, match="does not follow"):
        list(lines(path))


def test_nonsense_in_place_of_lines_is_damage_not_a_crash(text, tmp_path):
    path = text.save(tmp_path)
    for nonsense in (b"\0" * 4096, b"[" * 100_000, b"\xff\xfe", b"", b"{}"):
        path.write_bytes(text.bytes() + nonsense + b"\n")
        with pytest.raises(SpoolError):
            list(lines(path))
        assert len(read(path)) == len(text.lines)


def test_a_spool_of_a_newer_version_is_named_as_such(new_spool, tmp_path):
    path = new_spool(format=2).save(tmp_path)
    with pytest.raises(NewerSpoolError, match="format 2"):
        start_of(path)


def test_a_process_that_never_wrote_its_first_line_says_nothing(text, tmp_path):
    path = text.save(tmp_path)
    path.write_bytes(text.lines[0])
    assert start_of(path) is None
    path.write_bytes(b"")
    assert start_of(path) is None


def test_a_damaged_first_line_is_damage(text, tmp_path):
    path = text.save(tmp_path)
    path.write_bytes(b"x" + text.bytes())
    with pytest.raises(SpoolError):
        start_of(path)


def test_a_process_is_alive_until_it_is_killed(text, tmp_path):
    path = text.save(tmp_path)
    assert not is_alive(path)
    program = (
        "import fcntl, os, sys, time\n"
        "fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)\n"
        "fcntl.flock(fd, fcntl.LOCK_EX)\nprint(flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert is_alive(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not is_alive(path)


def test_asking_whether_it_is_alive_leaves_no_lock_behind(text, tmp_path):
    path = text.save(tmp_path)
    is_alive(path)
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)


def test_a_spool_taken_to_its_end_is_removed_and_one_with_more_lines_is_kept(text, tmp_path):
    path = text.save(tmp_path)
    whole = text.bytes()
    path.write_bytes(whole + b'{"seq":5,"pr')
    assert clear_away(path, len(whole)) is None
    assert not path.exists()
    path.write_bytes(whole + b"nonsense\n")
    aside = clear_away(path, len(whole))
    assert aside is not None
    assert aside.read_bytes() == whole + b"nonsense\n"
    assert not path.exists()
