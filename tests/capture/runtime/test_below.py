"""`lineproof run --deep`: no file that the program opened is missing, however it was opened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from lineproof.capture.below import watch_for
from lineproof.errors import CommandError
from lineproof.store import Ledger

NATIVE = """
    from pyarrow import fs
    local = fs.LocalFileSystem()
    with local.open_input_stream("in.bin") as source, local.open_output_stream("out.bin") as target:
        size = target.write(source.read())
    print(open("plain.txt").read(), size)
"""


def tool(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        if os.environ.get("LINEPROOF_REQUIRE"):
            pytest.fail(f"{names[0]} is not there")
        pytest.skip(f"{names[0]} is not there: apt-get install {names[0]}")
    return found


@pytest.fixture(params=["cc", "strace"])
def way(request, tmp_path):
    """What the machine has to look below Python with: a compiler, or strace alone."""
    folder = tmp_path / "bin"
    folder.mkdir()
    names = ("cc", "gcc") if request.param == "cc" else ("strace",)
    place = tool(*names)
    (folder / names[0]).symlink_to(place)
    if request.param == "cc":
        for name in ("as", "ld"):
            (folder / name).symlink_to(tool(name))
    return {"PATH": str(folder), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def deep(project, *command, **variables):
    words = [sys.executable, "-m", "lineproof.cli", "run", "--deep", "--json", "--", *command]
    done = subprocess.run(
        words,
        cwd=project.root,
        env=project.environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def native(project):
    pytest.importorskip("pyarrow")
    Ledger.create(project.root / ".lineproof")
    project.write("in.bin", "ab")
    project.write("plain.txt", "hello")
    return project.script(NATIVE)


def test_what_native_readers_open_is_on_record_and_lowers_the_coverage(project, native, way):
    code, out, err = deep(project, sys.executable, native, **way)
    assert (code, out) == (0, "hello 2\n")
    row = json.loads(err.splitlines()[-1])
    coverage = row["coverage"]
    assert {"in.bin", "out.bin"} <= set(coverage["unattributed"])
    assert coverage["percent"] < 100
    assert "dataset:file::in.bin@v1" in row["inputs"]
    assert "dataset:file::out.bin@v1" in row["outputs"]
    assert all(not name.endswith((".py", ".so")) for name in coverage["unattributed"])
    assert not list(project.spool.glob("*.opens"))


@pytest.mark.parametrize("way", ["cc"], indirect=True)
def test_a_file_that_a_wrapper_explains_stays_explained(project, way):
    pytest.importorskip("pandas")
    Ledger.create(project.root / ".lineproof")
    project.write("in.csv")
    (project.root / "link.csv").symlink_to("in.csv")
    script = project.script("import pandas as pd; pd.read_csv('link.csv').to_csv('out.csv')")
    _, _, err = deep(project, sys.executable, script, **way)
    coverage = json.loads(err.splitlines()[-1])["coverage"]
    assert coverage["unattributed"] == []
    assert coverage["percent"] == 100
    assert coverage["deep"]


@pytest.mark.parametrize("way", ["cc"], indirect=True)
def test_a_program_that_is_not_python_has_inputs_and_outputs_too(project, way):
    Ledger.create(project.root / ".lineproof")
    project.write("in.txt", "b\na\n")
    _, _, err = deep(project, "/usr/bin/sort", "in.txt", "-o", "out.txt", **way)
    row = json.loads(err.splitlines()[-1])
    assert (row["inputs"], row["outputs"]) == (
        ["dataset:file::in.txt@v1"],
        ["dataset:file::out.txt@v1"],
    )


def test_with_nothing_to_look_with_it_says_what_is_needed_and_runs_nothing(project, tmp_path):
    Ledger.create(project.root / ".lineproof")
    script = project.script("open('ran', 'w')")
    code, _, err = deep(project, sys.executable, script, PATH="", XDG_CACHE_HOME=str(tmp_path))
    assert code == 2
    error = json.loads(err)["error"]
    assert "needs a C compiler or strace" in error["message"]
    assert "apt-get install" in error["remedy"]
    assert not (project.root / "ran").exists()


def test_elsewhere_than_on_linux_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(CommandError, match="on Linux only"):
        watch_for(tmp_path / "notes")
