"""Notebooks in a real kernel: cells are on record in the order they ran, with their source."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

LOAD = "%load_ext lineproof"
READ = "import pandas as pd\nframe = pd.read_csv('data.csv')"
ADD = "frame['c'] = frame['a'] + frame['b']"
FIT = """from sklearn.linear_model import LinearRegression
model = LinearRegression().fit(frame[['a', 'c']], frame['b'])
print(model.coef_.round(6).tolist())"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data.csv").write_text("a,b\n" + "".join(f"{n},{n * n % 7}\n" for n in range(20)))
    assert lineproof(tmp_path, "init").returncode == 0
    return tmp_path


def lineproof(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF")}
    command = [sys.executable, "-m", "lineproof.cli", *arguments]
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


def executed(project: Path, *cells: str, order: tuple[int, ...] | None = None):
    """Run cells in a fresh kernel, in this order; give the notebook with its outputs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(project)}})
    with client.setup_kernel():
        for at in order or range(len(cells)):
            client.execute_cell(notebook.cells[at], at)
    return notebook


def last_run(project: Path) -> dict:
    run = json.loads(lineproof(project, "log", "--json").stdout.splitlines()[0])["run"]
    return json.loads(lineproof(project, "show", run, "--json").stdout)


def texts(notebook) -> list[str]:
    return [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]


def test_cells_are_on_record_in_the_order_they_ran(project):
    executed(project, LOAD, READ, ADD, FIT, order=(0, 1, 2, 3, 2))
    run = last_run(project)
    cells = run["code"]["cells"]
    assert [cell["source"] for cell in cells] == [LOAD, READ, ADD, FIT, ADD]
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3, 4, 5]
    assert run["log"]["job"] == "job:default::notebook"
    assert run["log"]["state"] == "COMPLETE"
    assert run["log"]["inputs"] == ["dataset:file::data.csv@v1"]
    assert run["log"]["coverage"]["unattributed"] == []
    shown = lineproof(project, "show", run["ref"]).stdout
    assert "In[5]  frame['c']" in shown


def test_features_lead_to_their_columns_and_places_to_their_cells(project):
    executed(project, LOAD, READ, ADD, FIT)
    run = last_run(project)
    assert run["log"]["coverage"]["features"]["unknown"] == 0
    table = next(use["ref"] for use in run["outputs"] if use["ref"].endswith("/fit.X@v1"))
    assert table.startswith("dataset:memory::In[4]:2/fit.X")


def test_a_notebook_shows_what_it_showed_before(project):
    recorded = executed(project, LOAD, READ, ADD, FIT)
    plain = executed(project, "1", READ, ADD, FIT)
    assert texts(recorded)[-1] == texts(plain)[-1]
    assert not [text for text in texts(recorded) if "lineproof" in text]


def test_a_cell_that_fails_is_on_record_without_the_words_of_its_exception(project):
    with pytest.raises(CellExecutionError):
        executed(project, LOAD, "def f():\n    raise ValueError('Ann Example')\nf()")
    run = last_run(project)
    (failed,) = [cell for cell in run["code"]["cells"] if "error" in cell]
    assert failed["error"] == "ValueError at In[2]:2 in f"


def test_secrets_are_taken_out_of_cells(project):
    executed(project, LOAD, "api_token = 'abcdef123456'")
    assert "abcdef123456" not in json.dumps(last_run(project)["code"])


def test_below_lineproof_run_nothing_needs_to_be_said(project):
    cells = [nbformat.v4.new_code_cell(cell) for cell in (READ, FIT.replace("'a', 'c'", "'a'"))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), project / "train.ipynb")
    jupyter = str(Path(sys.executable).with_name("jupyter"))
    done = lineproof(project, "run", "--", jupyter, "execute", "train.ipynb")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in lineproof(project, "log", "--all", "--json").stdout.splitlines()]
    kernel = next(row for row in rows if row["job"] == "job:default::ipykernel_launcher")
    cells = json.loads(lineproof(project, "show", kernel["run"], "--json").stdout)["code"]["cells"]
    assert cells[0]["source"] == READ
