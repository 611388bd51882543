"""A recorded program prints, returns and fails as it does alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

NOISY = """
    import json, sys, warnings
    print("out", sys.argv, sys.path[0], __name__, __file__)
    print(sorted(name for name in sys.path if "lineproof" in name and "_site" in name))
    print("sitecustomize" in sys.modules)
    print("err", file=sys.stderr)
    warnings.warn("a warning of the program")
    with open("out.txt", "w") as file:
        file.write("x")
    sys.exit({code})
"""
CRASH = """
    def inner(values):
        return values[3]

    def outer():
        try:
            inner([1])
        except IndexError as error:
            raise ValueError("secret of Ann Example") from error

    outer()
"""
CRASH_IN_PANDAS = """
    import pandas as pd
    frame = pd.DataFrame({"a": [1]})
    frame.merge(frame, on="missing")
"""
THREAD_CRASH = """
    import threading
    def work():
        raise RuntimeError("in a thread")
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    print("done")
"""
GROUP = """
    try:
        open("not there")
    except OSError as error:
        raise ExceptionGroup("several", [error, ValueError("b")])
"""
SYNTAX = "x = (\n"


ENDINGS = {
    "ends": NOISY.format(code=0),
    "exits 7": NOISY.format(code=7),
    "exits with a message": NOISY.format(code="'a message'"),
    "crashes": CRASH,
    "crashes in pandas": CRASH_IN_PANDAS,
    "crashes in a thread": THREAD_CRASH,
    "crashes with a group": GROUP,
    "does not compile": SYNTAX,
}


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS.keys())
def test_output_and_exit_code_are_the_same(project, text):
    name = project.script(text)
    alone = project.plain(name, "an argument", "ü")
    recorded = project.recorded(name, "an argument", "ü")
    assert recorded == alone
    assert project.owner[0]["kind"] == "start"


def test_the_ways_to_start_a_program_are_the_same(project):
    project.script("import sys; print(sys.argv, __name__)", "package/__main__.py")
    project.script("", "package/__init__.py")
    code = "import sys; print(sys.argv, __name__); raise KeyError(1)"
    for command, job in ((["-m", "package", "x"], "package"), (["-c", code, "x"], "-c")):
        assert project.recorded(*command) == project.plain(*command)
        assert job in {lines[0]["body"]["job_name"] for lines in project.spools()}


def test_standard_input_reaches_the_program(project):
    name = project.script("import sys; print(sys.stdin.read().upper())")
    command = project.parent(sys.executable, name)
    done = subprocess.run(
        command, cwd=project.root, env=project.environment(), input=b"hello", capture_output=True, check=True
    )
    assert done.stdout == b"HELLO\n"


def test_the_sitecustomize_that_was_there_still_runs(project):
    project.script("import sys\nVALUE = sys.path[:]\n", "site/sitecustomize.py")
    name = project.script("import sitecustomize; print(sitecustomize.VALUE, sitecustomize.__file__)")
    there = {"PYTHONPATH": str(project.root / "site")}
    assert project.recorded(name, **there) == project.plain(name, **there)


def test_a_sitecustomize_that_fails_fails_in_the_same_words(project):
    project.script(
        "import sys\nif 'train.py' in sys.orig_argv[1]: raise ValueError('broken')", "site/sitecustomize.py"
    )
    name = project.script("print(1)")
    there = {"PYTHONPATH": str(project.root / "site")}
    assert b"Error in sitecustomize" in project.plain(name, **there).err
    assert project.recorded(name, **there) == project.plain(name, **there)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_to_the_parent_reaches_the_program(project, number, wait):
    name = project.script(
        f"""
        import signal, sys, time
        signal.signal({int(number)}, lambda *_: sys.exit(5))
        open("ready", "w").close()
        time.sleep(280)
        """
    )
    parent = subprocess.Popen(
        project.parent(sys.executable, name), cwd=project.root, env=project.environment()
    )
    wait((project.root / "ready").exists)
    parent.send_signal(number)
    assert parent.wait(280) == 5


def test_a_program_that_a_signal_ends_gives_the_exit_code_of_a_shell(project):
    name = project.script("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert project.recorded(name).code == 128 + signal.SIGKILL
    assert project.report["report"]["signal"] == "SIGKILL"
    assert project.report["report"]["exit_code"] is None
    assert project.end() is None


def test_an_excepthook_of_the_program_is_called(project):
    name = project.script(
        """
        import sys
        def mine(kind, error, traceback):
            print("mine", kind.__name__, file=sys.stderr)
        sys.excepthook = mine
        raise LookupError("x")
        """
    )
    assert project.recorded(name) == project.plain(name)
    assert project.end()["state"] == "FAIL"


def test_switched_off_nothing_is_recorded(project):
    name = project.script(NOISY.format(code=3))
    assert project.recorded(name, LINEPROOF_DISABLE="1") == project.plain(name)
    assert not project.spool.exists()


def test_a_program_that_is_not_there_is_an_error_of_ours(project):
    done = project.launched("no-such-program")
    assert b"CommandError" in done.err
    assert not list(project.spool.glob("*.spool")) if project.spool.exists() else True


def test_the_program_sees_no_child_that_it_did_not_make(project):
    name = project.script(
        """
        import os, lineproof
        lineproof.autolog()
        try:
            print(os.waitpid(-1, os.WNOHANG))
        except ChildProcessError:
            print("no children")
        """
    )
    assert project.plain(name).out == b"no children\n"
    assert os.listdir(project.spool)


def test_a_library_that_complains_of_what_is_left_at_the_end_finds_nothing(project):
    pytest.importorskip("duckdb")
    name = project.script(
        """
        import duckdb
        frame = duckdb.connect().execute("select * from range(10) t(a)").df()
        print(frame["a"].sum())
        """
    )
    assert project.recorded(name) == project.plain(name)
