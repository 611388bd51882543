"""Recording by one line in the program, without `lineproof run`."""

from __future__ import annotations

import sys

SCRIPT = """
    import lineproof
    lineproof.autolog()
    import pandas as pd
    pd.DataFrame({"a": [1, 2]}).to_csv("out.csv", index=False)
    print("done")
"""


def test_autolog_records_the_run_by_itself_soon_after_its_end(project, until):
    project.write("auto.py", SCRIPT)
    outcome = project.plainly("auto.py")
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, b"done\n", b"")
    until(lambda: project.spools == [])
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert "out.csv" in run.datasets("outputs")


def test_a_crash_after_autolog_is_recorded(project):
    project.write("auto.py", SCRIPT + "    raise KeyError('x')\n")
    outcome = project.plainly("auto.py")
    assert outcome.exit_code == 1
    assert b"KeyError: 'x'" in outcome.stderr
    assert b"lineproof" not in outcome.stderr
    assert project.log()[0]["state"] == "FAIL"


def test_a_killed_program_is_taken_in_by_the_next_command(project):
    project.write("auto.py", SCRIPT + "    import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n")
    project.plainly("auto.py")
    assert project.spools != []
    assert project.log()[0]["state"] == "INCOMPLETE"
    assert project.spools == []


def test_autolog_under_lineproof_run_is_one_run(project):
    project.write("auto.py", SCRIPT)
    recorded = project.recorded("auto.py")
    assert (recorded.exit_code, recorded.stdout, recorded.stderr) == (0, b"done\n", b"")
    assert len(project.log()) == 1


def test_without_a_ledger_the_program_runs_as_ever(tmp_path, project):
    project.write("auto.py", SCRIPT)
    done = project.run(sys.executable, project.root / "auto.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"done\n")


def test_switched_off_nothing_is_recorded(project):
    project.write("auto.py", SCRIPT)
    project.environment["LINEPROOF_DISABLE"] = "1"
    outcome = project.recorded("auto.py")
    assert (outcome.exit_code, outcome.stdout) == (0, b"done\n")
    assert project.log() == []


def test_modules_of_the_program_named_as_in_the_standard_library_do_not_get_in_the_way(project, until):
    for name in ("copy", "queue", "secrets"):
        project.write(f"{name}.py", "raise RuntimeError('not the one you think')\n")
    project.write("sub/auto.py", SCRIPT)
    outcome = project.plainly("sub/auto.py")
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, b"done\n", b"")
    until(lambda: project.spools == [])
    assert project.last_run().facets["lineproof_environment"]
