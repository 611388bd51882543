"""Where nothing can be recorded, the program runs as ever and the user is told."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import pytest

from lineproof.store import schema

SCRIPT = """
    import sys
    data = open(sys.argv[1]).read()
    open(sys.argv[2], "w").write(data * 2)
    print("wrote", len(data) * 2)
"""


def record(project, *command, **options):
    return project.lineproof("run", "--quiet", "--", sys.executable, *command, **options)


@pytest.fixture
def outside(tmp_path):
    """A folder that stays writable."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "in.txt").write_text("abc")
    return folder


def test_on_a_read_only_file_system_the_program_runs_as_ever(make_project, small_disk, outside):
    project = make_project(small_disk("readonly", "size=20m"))
    project.write("copy.py", SCRIPT)
    subprocess.run(["mount", "-o", "remount,ro", project.root], check=True)
    done = record(project, "copy.py", outside / "in.txt", outside / "out.txt")
    assert (done.returncode, done.stdout) == (0, b"wrote 6\n")
    assert (outside / "out.txt").read_text() == "abcabc"
    assert b"Traceback" not in done.stderr
    assert b"not all was recorded" in done.stderr


def test_with_a_ledger_folder_that_may_not_be_written_the_program_runs_as_ever(project, outside):
    project.write("copy.py", SCRIPT)
    command = ("copy.py", outside / "in.txt", outside / "out.txt")
    if os.geteuid() != 0:
        project.ledger.chmod(0o500)
        (project.ledger / "spool").chmod(0o500)
        done = record(project, *command)
        project.ledger.chmod(0o700)
    else:
        # Root may write anywhere: only a mount says no.
        mount = ["mount", "--bind", "-o", "ro", project.ledger, project.ledger]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("mounting needs more rights: run the tests as root of a whole machine")
        subprocess.run(["mount", "-o", "remount,ro,bind", project.ledger], check=True)
        try:
            done = record(project, *command)
        finally:
            subprocess.run(["umount", project.ledger], check=True)
    assert (done.returncode, done.stdout) == (0, b"wrote 6\n")
    assert (outside / "out.txt").read_text() == "abcabc"
    assert b"Traceback" not in done.stderr
    assert b"not all was recorded" in done.stderr
    assert project.log() == []


def fill(folder):
    """Leave not a byte of room."""
    with open(folder / "filler", "wb", buffering=0) as file:
        block = b"x" * 65536
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[: len(block) // 2]


def test_on_a_full_disk_the_program_runs_as_ever_and_the_user_is_told(make_project, small_disk, outside):
    project = make_project(small_disk("full", "size=4m"))
    project.write("copy.py", SCRIPT)
    fill(project.root)
    done = record(project, "copy.py", outside / "in.txt", outside / "out.txt")
    assert (done.returncode, done.stdout) == (0, b"wrote 6\n")
    assert (outside / "out.txt").read_text() == "abcabc"
    assert b"Traceback" not in done.stderr
    assert b"not all was recorded" in done.stderr
    (project.root / "filler").unlink()
    project.verified()


def test_a_disk_that_fills_up_during_the_run_costs_the_rest_of_the_record_only(
    make_project, small_disk, outside
):
    project = make_project(small_disk("filling", "size=6m"))
    project.write(
        "fill.py",
        """
        import sys, os
        sys.path.insert(0, sys.argv[1])
        open("first.txt", "w").write("first")
        with open("filler", "wb", buffering=0) as file:
            block = b"x" * 65536
            while block:
                try:
                    file.write(block)
                except OSError:
                    block = block[: len(block) // 2]
        for number in range(50):
            open(f"{sys.argv[1]}/{number}.txt", "w").write("later")
        print("went on")
        """,
    )
    done = record(project, "fill.py", outside)
    assert (done.returncode, done.stdout) == (0, b"went on\n")
    assert b"Traceback" not in done.stderr
    (project.root / "filler").unlink()
    project.log()
    run = project.last_run()
    assert "first.txt" in run.datasets("outputs")
    assert run.last["eventType"] == "ABORT" or "No space left" in run.gaps
    assert project.spools == []
    project.verified()


def test_a_ledger_of_a_newer_version_is_left_alone_and_the_program_runs_as_ever(project, outside):
    project.write("copy.py", SCRIPT)
    with sqlite3.connect(project.ledger / "ledger.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    done = record(project, "copy.py", outside / "in.txt", outside / "out.txt")
    assert (done.returncode, done.stdout) == (0, b"wrote 6\n")
    assert b"LP-STORE-04" in done.stderr
    assert b"Traceback" not in done.stderr
    assert project.lineproof("log").returncode == 1
    with sqlite3.connect(project.ledger / "ledger.db") as database:
        database.execute(f"UPDATE alembic_version SET version_num = '{schema.REVISION}'")
    database.close()
    assert project.log()[0]["state"] == "COMPLETE"


def test_without_a_ledger_the_user_is_told_how_to_make_one(project, tmp_path):
    (tmp_path / "script.py").write_text("print('hello')")
    done = project.lineproof("run", "--", sys.executable, "script.py", cwd=tmp_path)
    assert b"lineproof init" in done.stderr


def test_a_program_that_does_not_exist_is_a_wrong_command(project):
    done = project.lineproof("run", "--", "no-such-program")
    assert done.returncode == 2
    assert b"no-such-program" in done.stderr
    assert project.log() == []


def test_a_working_directory_that_is_removed_meanwhile(project):
    project.write(
        "leave.py",
        """
        import os
        os.mkdir("inner")
        os.chdir("inner")
        os.rmdir("../inner")
        try:
            open("file.txt", "w")
        except FileNotFoundError:
            print("as expected")
        """,
    )
    assert project.unharmed("leave.py").stdout == b"as expected\n"
    assert project.last_run().last["eventType"] == "COMPLETE"
