"""MLflow's autologging and lineproof's recording in one process: both see the fit, neither breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import pandas as pd
import mlflow
from sklearn.linear_model import LogisticRegression

mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.sklearn.autolog({options})
frame = pd.read_csv("data.csv")
with mlflow.start_run():
    model = LogisticRegression(C=0.5).fit(frame[["a", "b"]], frame["y"])
print(model.coef_.tolist(), model.score(frame[["a", "b"]], frame["y"]))
runs = mlflow.search_runs()
print(len(runs), runs["params.C"].tolist())
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    rows = "".join(f"{i},{i * 7 % 11},{int(i * 7 % 11 > 5)}\n" for i in range(60))
    (tmp_path / "data.csv").write_text("a,b,y\n" + rows)
    return tmp_path


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("LINEPROOF", "MLFLOW"))
    }
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


def lineproof(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(project, sys.executable, "-m", "lineproof.cli", *arguments)


@pytest.mark.parametrize("options", ["log_models=False", ""])
def test_both_record_the_same_fit(project, options):
    (project / "train.py").write_text(SCRIPT.format(options=options))
    plain = run(project, sys.executable, "train.py")
    assert plain.returncode == 0, plain.stderr
    (project / "mlflow.db").unlink()

    assert lineproof(project, "init").returncode == 0
    recorded = lineproof(project, "run", "--", sys.executable, "train.py")

    assert recorded.returncode == 0, recorded.stderr
    assert recorded.stdout == plain.stdout
    (logged,) = [json.loads(line) for line in lineproof(project, "log", "--json").stdout.splitlines()]
    assert logged["state"] == "COMPLETE"
    assert any("data.csv" in json.dumps(item) for item in logged["inputs"])
    events = [json.loads(line) for line in lineproof(project, "events", "--json").stdout.splitlines()]
    assert any("LogisticRegression" in (event["job"] or "") for event in events)
    assert lineproof(project, "verify").returncode == 0
