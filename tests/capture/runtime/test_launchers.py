"""Programs that are started by others: one run tree, named after what runs, with the modules that it is made of."""

from __future__ import annotations

import sys

import pytest

from lineproof.capture.code import entry_of

SPAWNER = """
    import os, subprocess, sys
    ranks = [
        subprocess.Popen([sys.executable, *sys.argv[1:]], env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "2"})
        for rank in range(2)
    ]
    sys.exit(max(each.wait() for each in ranks))
"""

WORKER = """
    import os
    from beside import rows
    with open(f"out{os.environ['RANK']}.txt", "w") as file:
        file.write(str(rows()))
"""

BESIDE = """
    def rows():
        with open("in.csv") as file:
            return len(file.readlines())
"""


@pytest.mark.parametrize(
    ("command", "point"),
    [
        ("uv run --python 3.12 python train.py --x 1", "train.py"),
        ("uv run train.py", "train.py"),
        ("uv run --python python3 -m pkg", "pkg"),
        ("conda run -n lab python -m pkg.fit", "pkg.fit"),
        ("env RANK=0 python3.11 -u train.py", "train.py"),
        ("torchrun --nproc_per_node=2 train.py --epochs 3", "train.py"),
        ("python -m torch.distributed.run --nproc_per_node 2 train.py", "train.py"),
        ("mpirun -np 2 python train.py", "train.py"),
        ("uv sync", "uv"),
        ("python -m pytest tests", "pytest"),
    ],
)
def test_a_job_is_named_after_what_a_launcher_starts(command, point, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("", encoding="utf-8")
    assert entry_of(command.split(), str(tmp_path)).point == point


def test_the_file_of_a_module_is_the_script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__main__.py").write_text("", encoding="utf-8")
    found = entry_of(["python", "-m", "pkg"], str(tmp_path))
    assert (found.point, found.path) == ("pkg", str(tmp_path / "pkg" / "__main__.py"))


def test_workers_of_a_launcher_are_runs_of_one_tree_and_give_what_they_give_alone(project):
    project.script(SPAWNER, "launcher.py")
    project.script(BESIDE, "beside.py")
    name = project.script(WORKER, "worker.py")
    project.write("in.csv")
    recorded = project.recorded("launcher.py", name)
    assert recorded.code == 0, recorded.err
    assert [(project.root / f"out{rank}.txt").read_text() for rank in range(2)] == ["2", "2"]
    top = project.owner[0]["body"]["run"]
    starts = [event for event in project.events("START") if event["run"]["runId"] != top]
    assert [event["job"]["name"] for event in starts] == ["worker.py", "worker.py"]
    assert {event["run"]["facets"]["parent"]["run"]["runId"] for event in starts} == {top}
    assert {each["path"] for each in _modules(project)} == {"launcher.py"}
    inside = [event["run"]["facets"].get("lineproof_code") for event in project.events("COMPLETE")]
    assert [sorted(each["path"] for each in code["modules"]) for code in inside] == [
        ["beside.py", "worker.py"]
    ] * 2


def test_a_wrapper_that_becomes_python_is_recorded_with_what_python_ran(project):
    project.script(BESIDE, "beside.py")
    project.script(WORKER, "worker.py")
    project.write("in.csv")
    wrapper = project.write("wrapped", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    recorded = project.launched("./wrapped", "worker.py", RANK="7")
    assert recorded.code == 0, recorded.err
    assert (project.root / "out7.txt").read_text() == "2"
    assert [each["path"] for each in _modules(project)] == ["beside.py", "worker.py"]


def _modules(project) -> list[dict]:
    return project.end()["run_facets"]["lineproof_code"]["modules"]
