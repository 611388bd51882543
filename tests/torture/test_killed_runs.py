"""Several `lineproof run` at once, some of them killed at any moment: who finished is recorded, once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROUNDS = 40
AT_ONCE = 3
LONGEST_S = 2.5
COMMAND = (sys.executable, "-m", "lineproof.cli")
SCRIPT = """
import sys, lineproof
rows = open("in.csv").read().count("\\n")
open(f"out-{sys.argv[1]}.csv", "w").write("a\\n" * rows)
lineproof.metric("number", float(sys.argv[1]))
"""


def started(folder: Path, number: int) -> subprocess.Popen[bytes]:
    command = [*COMMAND, "run", "--", sys.executable, "script.py", str(number)]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


@pytest.mark.timeout(1800)
def test_whoever_finished_is_recorded_once_and_the_ledger_holds(tmp_path):
    chance = random.Random(4711)
    (tmp_path / "in.csv").write_text("a\n1\n2\n")
    (tmp_path / "script.py").write_text(SCRIPT)
    subprocess.run([*COMMAND, "init"], cwd=tmp_path, check=True, capture_output=True)
    finished: list[float] = []
    killed = 0
    for round_ in range(ROUNDS):
        numbers = [round_ * AT_ONCE + one for one in range(AT_ONCE)]
        running = {number: started(tmp_path, number) for number in numbers}
        time.sleep(chance.uniform(0, LONGEST_S))
        victim = running[chance.choice(numbers)]
        if victim.poll() is None:
            os.killpg(victim.pid, signal.SIGKILL)  # program and recorder both
            killed += 1
        finished += [number for number, one in running.items() if one.wait(timeout=120) == 0]
    assert killed > ROUNDS // 4, "runs are over before they are killed: nothing was shown"
    told = subprocess.run(
        [*COMMAND, "log", "--json", "--limit", str(ROUNDS * AT_ONCE)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    runs = [json.loads(line) for line in told.splitlines()]
    recorded = [run["metrics"]["number"] for run in runs if run["metrics"]]
    assert len(set(recorded)) == len(recorded), "recorded twice"
    assert set(finished) <= set(recorded), "finished, and not recorded"
    assert len({run["run"] for run in runs}) == len(runs)
    for run in runs:
        if run["metrics"] and run["metrics"]["number"] in finished:
            assert run["state"] == "COMPLETE"
    verified = subprocess.run(
        [*COMMAND, "verify", "--json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert json.loads(verified.stdout)["ok"], verified.stdout
    assert not list((tmp_path / ".lineproof" / "spool").glob("*.spool"))
