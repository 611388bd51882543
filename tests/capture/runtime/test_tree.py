"""Whatever a program starts, it is one tree of runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from lineproof.store import Ledger

READS = "import sys; text = open('in.csv').read(); sys.stdout.write(text)"
WRITES = "import sys; open('out.csv', 'w').write(sys.stdin.read())"


@pytest.fixture
def recorded(project):
    """Run a command by `lineproof run`; give its exit code and the rows of the log, runs inside included."""
    Ledger.create(project.root / ".lineproof")

    def call(*command):
        environment = project.environment(PATH=f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}")
        options = {
            "cwd": project.root,
            "env": environment,
            "stdin": subprocess.DEVNULL,
            "capture_output": True,
            "timeout": 120,
        }
        lineproof = [sys.executable, "-m", "lineproof.cli"]
        done = subprocess.run([*lineproof, "run", "-q", "--", *command], check=False, **options)
        told = subprocess.run([*lineproof, "log", "--all", "--json"], check=True, **options)
        return done, [json.loads(line) for line in told.stdout.splitlines()]

    return call


def jobs(rows):
    return {row["job"].removeprefix("job:default::"): row for row in rows}


def test_a_shell_pipeline_is_one_run_with_a_run_for_each_program(project, recorded):
    project.write("in.csv")
    project.script(READS, "a.py")
    project.script(WRITES, "b.py")
    done, rows = recorded("bash", "-c", "python a.py | python b.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    found = jobs(rows)
    assert set(found) == {"bash", "a.py", "b.py"}
    assert {row["state"] for row in rows} == {"COMPLETE"}
    assert found["bash"]["inputs"] == ["dataset:file::in.csv@v1"]
    assert found["bash"]["outputs"] == ["dataset:file::out.csv@v1"]


def test_programs_that_programs_start_are_runs_inside_theirs(project, recorded):
    project.write("in.csv")
    project.script(READS, "inner.py")
    outer = "import subprocess, sys; open('in.csv'); subprocess.run([sys.executable, 'inner.py'])"
    project.script(outer, "outer.py")
    project.script("import subprocess, sys; subprocess.run([sys.executable, 'outer.py'])", "first.py")
    _, rows = recorded(sys.executable, "first.py")
    found = jobs(rows)
    assert set(found) == {"first.py", "outer.py", "inner.py"}
    details = {}
    for name, row in found.items():
        words = [sys.executable, "-m", "lineproof.cli", "show", row["run"], "--json"]
        shown = subprocess.run(
            words, cwd=project.root, env=project.environment(), capture_output=True, check=True
        )
        details[name] = json.loads(shown.stdout)
    assert details["inner.py"]["parent"] == found["outer.py"]["run"]
    assert details["outer.py"]["parent"] == found["first.py"]["run"]
    assert details["first.py"]["parent"] is None


def test_a_program_inside_reads_as_its_own_exit_code_says(project, recorded):
    project.write("in.csv")
    project.script("import sys; open('in.csv').read(); sys.exit(3)", "failing.py")
    project.script("open('in.csv').read(); raise KeyError('x')", "crashing.py")
    done, rows = recorded("bash", "-c", "python failing.py; python crashing.py; true")
    assert done.returncode == 0
    states = {name: row["state"] for name, row in jobs(rows).items()}
    assert states == {"bash": "COMPLETE", "failing.py": "FAIL", "crashing.py": "FAIL"}


def test_programs_that_do_nothing_of_interest_leave_no_run(project, recorded):
    project.script("import subprocess, sys; subprocess.run([sys.executable, '-c', 'pass'])", "first.py")
    _, rows = recorded(sys.executable, "first.py")
    assert set(jobs(rows)) == {"first.py"}


def test_workers_of_a_fork_server_are_no_programs_of_their_own(project, recorded):
    project.write("in.csv")
    project.script(
        """
        import multiprocessing
        def work(number):
            return len(open("in.csv").read())
        if __name__ == "__main__":
            with multiprocessing.get_context("forkserver").Pool(2) as pool:
                print(pool.map(work, range(4)))
                pool.close()
                pool.join()
        """,
        "first.py",
    )
    done, rows = recorded(sys.executable, "first.py")
    assert done.stdout == b"[8, 8, 8, 8]\n"
    assert set(jobs(rows)) == {"first.py"}
    assert jobs(rows)["first.py"]["inputs"] == ["dataset:file::in.csv@v1"]
