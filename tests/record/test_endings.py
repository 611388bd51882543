"""However a program ends, the user sees what they would have seen, and the record says how it ended."""

from __future__ import annotations

import signal
import sys

import pytest

READ_AND_WRITE = """
    import sys
    text = open("in.txt").read()
    open("out.txt", "w").write(text.upper())
    print("done", len(text))
    print("a warning", file=sys.stderr)
"""


def test_a_program_without_git_is_recorded_and_the_record_says_there_is_no_git(project):
    project.write("in.txt", "some text")
    project.write("copy.py", READ_AND_WRITE)
    outcome = project.unharmed("copy.py")
    assert outcome.exit_code == 0
    assert outcome.files == {"out.txt": b"SOME TEXT"}
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert run.process["exit_code"] == 0
    assert run.facets["lineproof_code"]["commit"] is None
    assert "git" in str(run.facets["lineproof_code"]["missing"])
    assert run.datasets("inputs").keys() == {"in.txt"}
    assert run.datasets("outputs").keys() == {"out.txt"}
    assert project.log()[0]["state"] == "COMPLETE"
    project.verified()


def test_an_exit_code_passes_through(project):
    project.write("seven.py", "import sys\nprint('bye')\nsys.exit(7)\n")
    assert project.unharmed("seven.py").exit_code == 7
    run = project.last_run()
    assert (run.last["eventType"], run.process["exit_code"]) == ("FAIL", 7)


def test_exit_with_zero_and_with_a_message(project):
    project.write("zero.py", "import sys\nsys.exit(0)\n")
    assert project.unharmed("zero.py").exit_code == 0
    assert project.last_run().last["eventType"] == "COMPLETE"
    project.write("message.py", "import sys\nsys.exit('wrong input')\n")
    assert project.unharmed("message.py").stderr == b"wrong input\n"
    assert project.last_run().last["eventType"] == "FAIL"


def test_a_crash_is_told_by_type_and_place_and_its_text_stays_out_of_the_record(project):
    project.write(
        "crash.py",
        """
        def clean(row):
            raise ValueError(f"bad row of patient {row}")

        print("before")
        clean("Jane Roe")
        """,
    )
    outcome = project.unharmed("crash.py")
    assert outcome.exit_code == 1
    assert b"ValueError: bad row of patient Jane Roe" in outcome.stderr
    run = project.last_run()
    assert run.last["eventType"] == "FAIL"
    message = run.facets["errorMessage"]
    assert "ValueError" in message["message"]
    assert "crash.py:3" in str(message)
    assert "Jane" not in str(run.events)


def test_a_crash_inside_a_library_call_shows_the_same_traceback(project):
    project.write(
        "crash.py",
        """
        import pandas as pd
        frame = pd.DataFrame({"a": [1, 2]})
        frame.merge(pd.DataFrame({"b": [1]}), on="missing")
        """,
    )
    assert project.unharmed("crash.py").exit_code == 1
    assert project.last_run().last["eventType"] == "FAIL"


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_a_program_killed_by_a_signal_is_incomplete(project, name):
    project.write(
        "killed.py",
        f"""
        import os, signal
        open("half.txt", "w").write("half")
        file = open("open.txt", "w")
        file.write("never flushed")
        print("so far", flush=True)
        os.kill(os.getpid(), signal.{name})
        """,
    )
    outcome = project.unharmed("killed.py")
    assert outcome.exit_code == 128 + getattr(signal, name)
    assert outcome.files == {"half.txt": b"half", "open.txt": b""}
    run = project.last_run()
    assert run.last["eventType"] == "ABORT"
    assert (run.process["complete"], run.process["signal"]) == (False, name)
    assert "without saying how" in run.gaps
    assert run.datasets("outputs").keys() == {"half.txt", "open.txt"}
    assert project.log()[0]["state"] == "INCOMPLETE"
    project.verified()


def test_os_exit_is_incomplete_with_its_exit_code(project):
    project.write("exit.py", "import os\nprint('x', flush=True)\nos._exit(5)\n")
    assert project.unharmed("exit.py").exit_code == 5
    run = project.last_run()
    assert (run.last["eventType"], run.process["exit_code"], run.process["complete"]) == ("ABORT", 5, False)


def test_ctrl_c_reaches_the_program(project, until):
    project.write(
        "slow.py",
        """
        import time
        try:
            open("started", "w").close()
            time.sleep(280)
        except KeyboardInterrupt:
            open("interrupted", "w").close()
            raise
        """,
    )
    process = project.start_recorded("slow.py")
    until((project.root / "started").exists)
    process.send_signal(signal.SIGINT)
    assert process.wait(280) == 128 + signal.SIGINT
    assert (project.root / "interrupted").exists()
    run = project.last_run()
    assert (run.last["eventType"], run.process["signal"]) == ("FAIL", "SIGINT")


def test_a_fit_that_was_going_on_when_the_program_was_killed_is_incomplete_too(project):
    project.write(
        "train.py",
        """
        import os, signal
        import numpy as np
        from sklearn.base import BaseEstimator
        from sklearn.linear_model import LinearRegression
        from sklearn.pipeline import make_pipeline

        class Killer(BaseEstimator):
            def fit(self, X, y=None):
                os.kill(os.getpid(), signal.SIGKILL)
            def transform(self, X):
                return X

        X = np.arange(10.0).reshape(-1, 1)
        make_pipeline(Killer(), LinearRegression()).fit(X, X.ravel())
        """,
    )
    assert project.unharmed("train.py").exit_code == 128 + signal.SIGKILL
    run = project.last_run()
    assert list(run.children.values()) == ["ABORT"]
    states = {line["state"] for line in project.log()}
    assert states == {"INCOMPLETE"}


def test_a_program_that_is_not_python_passes_through_and_the_record_says_nothing_was_seen(project):
    done = project.lineproof("run", "--quiet", "--", "sh", "-c", "echo hello; exit 4")
    assert (done.returncode, done.stdout, done.stderr) == (4, b"hello\n", b"")
    run = project.last_run()
    assert run.last["eventType"] == "FAIL"
    assert run.process["exit_code"] == 4
    assert "the program itself recorded nothing" in run.gaps


def test_the_summary_goes_to_stderr_after_the_program(project):
    project.write("in.txt", "some text")
    project.write("copy.py", READ_AND_WRITE)
    done = project.lineproof("run", "--", sys.executable, "copy.py")
    assert done.stdout == b"done 9\n"
    program, _, summary = done.stderr.partition(b"\n")
    assert program == b"a warning"
    assert summary.startswith(b"lineproof: ")
    assert b"COMPLETE" in summary
