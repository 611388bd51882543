"""What was spooled reaches the ledger once, also when those who take it in are killed."""

from __future__ import annotations

import os
import random
import signal
import sys
import time

LOG = [sys.executable, "-P", "-m", "lineproof.cli", "log"]

WAITS = """
    import os, time
    open("first.txt", "w").write("first")
    open("pid", "w").write(str(os.getpid()))
    while not os.path.exists("go"):
        time.sleep(0.02)
    open("second.txt", "w").write("second")
"""


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def test_the_parent_is_killed_while_the_program_goes_on(project, until):
    project.write("waits.py", WAITS)
    parent = project.start_recorded("waits.py")
    until(lambda: (project.root / "pid").exists() and (project.root / "pid").read_text())
    child = int((project.root / "pid").read_text())
    parent.kill()
    parent.wait()
    assert project.log()[0]["state"] == "RUNNING"
    (project.root / "go").touch()
    until(lambda: not running(child))
    log = project.log()
    assert [run["state"] for run in log] == ["COMPLETE"]
    assert project.spools == []
    run = project.last_run()
    assert {"first.txt", "second.txt"} <= run.datasets("outputs").keys()
    project.verified()


def test_a_torn_tail_costs_the_torn_line_only(project, until):
    project.write("waits.py", WAITS)
    parent = project.start_recorded("waits.py")
    until(lambda: (project.root / "pid").exists() and (project.root / "pid").read_text())
    child = int((project.root / "pid").read_text())
    parent.kill()
    parent.wait()
    os.kill(child, signal.SIGKILL)
    until(lambda: not running(child))
    spool = next(path for path in project.spools if f"-{child}-" in path.name)
    with spool.open("ab") as file:
        file.write(b'{"seq":99,"prev":"torn')
    assert project.log()[0]["state"] == "INCOMPLETE"
    assert project.spools == []
    assert "first.txt" in project.last_run().datasets("outputs")
    project.verified()


def test_commands_killed_while_taking_in_lose_and_double_nothing(project, until):
    project.write(
        "many.py",
        """
        import lineproof
        lineproof.autolog()
        for number in range(3000):
            lineproof.metric("loss", 1.0 / (number + 1), step=number)
        for number in range(300):
            open(f"out/{number}.txt", "w").write("x")
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    (project.root / "out").mkdir()
    for _ in range(3):
        project.run(sys.executable, "many.py")
    assert len({path.name[:36] for path in project.spools}) == 3
    moments = random.Random(11)
    kills = 0
    while project.spools and kills < 12:
        process = project.start(*LOG)
        time.sleep(0.1 + kills * 0.05 + moments.random() * 0.3)  # a quick machine is done within the second
        process.kill()
        kills += process.wait() != 0
    assert kills >= 1
    log = project.log()
    assert [run["state"] for run in log] == ["INCOMPLETE"] * 3
    for line in log:
        events = [e for e in project.events() if e["run"]["runId"] == line["run"].removeprefix("run:")]
        assert [e["eventType"] for e in events].count("START") == 1
        assert [e["eventType"] for e in events].count("ABORT") == 1
        written = [d["name"] for e in events for d in e.get("outputs", []) if d["namespace"] == "file"]
        assert sorted(written) == sorted(f"out/{number}.txt" for number in range(300))
    assert project.spools == []
    project.verified()


def test_a_damaged_spool_is_told_of_and_kept(project, until):
    project.write("waits.py", WAITS)
    parent = project.start_recorded("waits.py")
    until(lambda: (project.root / "pid").exists() and (project.root / "pid").read_text())
    child = int((project.root / "pid").read_text())
    parent.kill()
    parent.wait()
    (project.root / "go").touch()
    until(lambda: not running(child))
    spool = next(path for path in project.spools if f"-{child}-" in path.name)
    lines = spool.read_bytes().splitlines(keepends=True)
    assert len(lines) > 3
    spool.write_bytes(b"".join([*lines[:-2], b"overwritten\n", lines[-1]]))
    done = project.lineproof("log", "--json")
    assert done.returncode == 0
    assert b"LP-INTAKE-01" in done.stderr
    assert project.log()[0]["state"] == "INCOMPLETE"
    assert [path.name for path in project.spools] == [spool.name + ".damaged"]
    project.verified()
