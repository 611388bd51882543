"""`lineproof run`: the program is untouched, whatever becomes of its record."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest


@pytest.fixture
def here(empty, lineproof):
    """A project with an empty ledger, and the working directory."""
    assert lineproof("init").exit_code == 0
    return empty


def log(lineproof):
    return [json.loads(line) for line in lineproof("log", "--json").stdout.splitlines()]


def test_output_input_and_exit_code_pass_through(here, process):
    program = "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data[::-1]); sys.exit(3)"
    result = process("run", "--", sys.executable, "-c", program, input=b"a\x00\xff", text=False)
    assert result.returncode == 3
    assert result.stdout == b"\xff\x00a"


def test_the_summary_is_one_line_on_stderr_and_can_be_silenced(here, process):
    (here / "ok.py").write_text("print('mine')")
    result = process("run", "--", sys.executable, "ok.py")
    assert result.stdout == "mine\n"
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("lineproof: run:")
    assert "COMPLETE: 0 inputs, 0 outputs" in result.stderr
    assert process("run", "--quiet", "--", sys.executable, "ok.py").stderr == ""


def test_the_run_is_in_the_log_when_the_command_returns(here, process, lineproof):
    (here / "ok.py").write_text("")
    process("run", "--name", "nightly", "--namespace", "team", sys.executable, "ok.py")
    (row,) = log(lineproof)
    assert row["job"] == "job:team::nightly"
    assert row["state"] == "COMPLETE"
    assert lineproof("verify").exit_code == 0


def test_a_purpose_is_recorded(here, process, lineproof):
    process("run", "--purpose", "research", "--", sys.executable, "-c", "")
    (row,) = log(lineproof)
    assert json.loads(lineproof("show", row["run"], "--json").stdout)["process"]["purpose"] == "research"


def test_options_after_the_program_are_the_programs_own(here, process):
    result = process("run", sys.executable, "-c", "import sys; print(sys.argv[1:])", "--json", "--quiet")
    assert result.stdout == "['--json', '--quiet']\n"
    assert result.stderr.startswith("lineproof: run:")


def test_with_json_the_summary_is_json_on_stderr(here, process):
    result = process("run", "--json", "--", sys.executable, "-c", "")
    assert result.stdout == ""
    assert json.loads(result.stderr)["state"] == "COMPLETE"


def test_a_crash_keeps_its_traceback_and_exit_code(here, process, lineproof):
    (here / "crash.py").write_text("def f():\n    raise ValueError('secret')\nf()\n")
    plain = process_of(here, sys.executable, "crash.py")
    result = process("run", "--quiet", "--", sys.executable, "crash.py")
    assert result.returncode == 1
    assert result.stderr == plain
    (row,) = log(lineproof)
    assert row["state"] == "FAIL"
    assert "secret" not in lineproof("show", row["run"], "--json").stdout


def process_of(folder, *command):
    import subprocess

    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True).stderr


def test_a_killed_run_says_incomplete_and_exits_as_a_shell_would(here, process, lineproof):
    program = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    result = process("run", "--", sys.executable, "-c", program)
    assert result.returncode == 128 + signal.SIGKILL
    assert "INCOMPLETE" in result.stderr
    (row,) = log(lineproof)
    assert row["state"] == "INCOMPLETE"


def test_without_a_ledger_nothing_is_run(empty, process):
    result = process("run", "--", sys.executable, "-c", "open('ran', 'w')")
    assert result.returncode == 1
    assert "LP-STORE-01" in result.stderr
    assert not (empty / "ran").exists()


def test_a_program_that_is_not_there_is_named(here, process):
    result = process("run", "--", "no-such-program-here")
    assert result.returncode == 2
    assert "no-such-program-here" in result.stderr


def test_without_a_program_the_usage_is_shown(here, lineproof):
    assert lineproof("run").exit_code == 2


def test_a_program_that_is_not_python_runs_and_its_record_says_what_is_missing(here, process, lineproof):
    result = process("run", "--", "/bin/echo", "hello")
    assert (result.returncode, result.stdout) == (0, "hello\n")
    (row,) = log(lineproof)
    assert row["coverage"]["gaps"]


def test_a_record_that_fails_does_not_change_how_the_program_ended(here, process):
    program = "import os, sys; os.remove('.lineproof/keys/ledger.key'); print('done'); sys.exit(7)"
    result = process("run", "--", sys.executable, "-c", program)
    assert (result.returncode, result.stdout) == (7, "done\n")
    assert "LP-" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_a_program_left_in_the_spool_is_taken_in_by_the_next_question(here, lineproof):
    from lineproof.capture.launch import launch

    launch([sys.executable, "-c", ""], folder=here / ".lineproof")
    assert list((here / ".lineproof" / "spool").glob("*.spool"))
    assert len(log(lineproof)) == 1


def test_an_interrupt_reaches_the_program_and_its_answer_counts(here):
    import subprocess
    import time

    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(9))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "lineproof.cli", "run", "--", sys.executable, "-c", program],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stdout.readline() == "ready\n"
    time.sleep(0.2)
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 9
    assert "Traceback" not in err
