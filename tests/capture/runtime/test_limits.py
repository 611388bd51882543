"""Where there is no room or no right to record, the program runs as if nobody had tried."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import pytest


@pytest.fixture
def small_disk(project):
    """`.lineproof` on a file system of its own, 64 KiB large; gives a function that mounts it again."""

    def mount(*options: str) -> None:
        done = subprocess.run(["mount", *options, "tmpfs", folder], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("a tmpfs can only be mounted by root: run the tests as root to include this one")

    folder = str(project.root / ".lineproof")
    mount("-t", "tmpfs", "-o", "size=64k")
    try:
        yield mount
    finally:
        subprocess.run(["umount", folder], check=False)


WORK = """
    for number in range(2000):
        with open(f"out/{number}.txt", "w") as file:
            file.write(str(number))
    print(len(__import__("os").listdir("out")))
"""


def test_a_full_disk_stops_the_recording_and_not_the_program(project, small_disk):
    (project.root / "out").mkdir()
    name = project.script(WORK)
    done = project.recorded(name)
    assert (done.code, done.out, done.err) == (0, b"2000\n", b"")
    lines = project.owner
    assert [line["seq"] for line in lines] == list(range(len(lines)))  # what is there is whole
    assert project.end() is None  # and does not claim to be all


def test_room_made_in_time_lets_the_record_say_what_happened(project, small_disk):
    (project.root / "out").mkdir()
    name = project.script(WORK + "    __import__('os').remove('.lineproof/ballast')")
    (project.root / ".lineproof" / "ballast").write_bytes(bytes(20_000))
    assert project.recorded(name).out == b"2000\n"
    (gap,) = [gap for gap in project.gaps() if "recording stops" in gap]
    assert "No space left" in gap


def test_a_full_disk_from_the_start(project, small_disk):
    (project.root / ".lineproof" / "ballast").write_bytes(bytes(60_000))
    with (project.root / ".lineproof" / "more").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    done = project.recorded(project.script("print('runs')"))
    assert (done.code, done.out, done.err) == (0, b"runs\n", b"")


def test_a_read_only_folder(project, small_disk):
    small_disk("-o", "remount,ro")
    name = project.script("print('runs')")
    done = project.recorded(name)
    assert (done.code, done.out, done.err) == (0, b"runs\n", b"")
    assert project.report["run"] is None
    assert "cannot be written to" in project.report["problem"]


def test_autolog_in_a_read_only_folder_warns_and_does_nothing(project, small_disk):
    small_disk("-o", "remount,ro")
    name = project.script("import lineproof\nlineproof.autolog()\nprint('runs')")
    done = project.plain(name)
    assert (done.code, done.out) == (0, b"runs\n")
    assert b"train.py:2: UserWarning: lineproof does not record this program" in done.err


def test_a_spool_folder_that_is_a_file(project):
    project.spool.write_text("in the way")
    done = project.recorded(project.script("print('runs')"))
    assert (done.code, done.out, done.err) == (0, b"runs\n", b"")
    assert project.report["problem"]


def test_a_limit_on_open_files(project):
    name = project.script(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
        kept = []
        try:
            while True:
                kept.append(open(f"{len(kept)}.txt", "w"))
        except OSError as error:
            print(error.strerror)
        """
    )
    done = project.recorded(name)
    assert (done.code, done.out, done.err) == (0, b"Too many open files\n", b"")
    assert project.end()["state"] == "COMPLETE"
    assert "could not be written" in project.gaps()[0]


def test_deep_recursion_of_the_program(project):
    name = project.script(
        """
        def down(depth):
            try:
                open(f"in{depth % 3}.csv").close()
            except OSError:
                pass
            return down(depth + 1)
        try:
            down(0)
        except RecursionError:
            print("too deep")
        """
    )
    for number in range(3):
        project.write(f"in{number}.csv")
    assert project.recorded(name) == project.plain(name)


def test_many_runs_at_once_in_one_folder(project):
    project.write("in.csv")
    name = project.script("open('in.csv').read(); print('runs')")
    command = project.parent(sys.executable, name)
    running = []
    for number in range(5):
        command[3] = f"{project.said}{number}"
        running.append(
            subprocess.Popen(
                list(command), cwd=project.root, env=project.environment(), stdout=subprocess.PIPE
            )
        )
    assert [process.communicate()[0] for process in running] == [b"runs\n"] * 5
    assert len({lines[0]["body"]["run"] for lines in project.spools()}) == 5
    assert sum(os.path.basename(path) == "in.csv" for path in project.files()) == 1


def test_a_sparse_file_of_a_hundred_gigabytes_is_on_record_and_said_not_to_be_hashed(project):
    with (project.root / "sparse.bin").open("wb") as file:
        file.truncate(100 << 30)
    name = project.script(
        """
        import numpy as np
        with open("sparse.bin", "rb") as file:
            print(file.read(10))
        print(np.memmap("sparse.bin", dtype="f8", mode="r")[-1])
        """
    )
    assert project.recorded(name).out == b"\x00" * 0 + b"b'" + b"\\x00" * 10 + b"'\n0.0\n"
    (fact, *_) = project.files()["sparse.bin"]
    assert "digest" not in fact
    assert "not hashed: 107374182400 bytes" in fact["problem"]


def test_a_table_that_is_mapped_from_a_huge_file_is_not_read_through(project):
    with (project.root / "rows.bin").open("wb") as file:
        file.truncate(24 << 30)
    name = project.script(
        """
        import numpy as np
        from sklearn.base import BaseEstimator
        class Peek(BaseEstimator):
            def fit(self, X, y=None):
                self.first_ = float(X[0, 0])
                return self
        rows = np.memmap("rows.bin", dtype="f8", mode="r").reshape(-1, 4)
        print(Peek().fit(rows).first_)
        """
    )
    assert project.recorded(name, LINEPROOF_HASH_LIMIT="1000").out == b"0.0\n"
    assert any("not fingerprinted" in gap for gap in project.gaps())


@pytest.mark.parametrize("pieces", [[(0, 5), (9_000_000, 3)], [(5_000_000, 7)], []])
def test_holes_are_hashed_as_what_they_read_as(tmp_path, pieces):
    import hashlib

    from lineproof.capture.digests import Digests

    path = tmp_path / "holes.bin"
    with path.open("wb") as file:
        for at, size in pieces:
            file.seek(at)
            file.write(b"x" * size)
        file.truncate(12_345_678)
    plain = hashlib.sha256(path.read_bytes()).hexdigest()
    assert Digests().of(str(path), path.stat()) == f"sha256:{plain}"
