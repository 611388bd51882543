"""`lineproof drift` as a user calls it."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest


@pytest.fixture
def windows(empty):
    rng = np.random.default_rng(3)
    for name, move in (("january", 0), ("june", 0.5), ("february", 0)):
        rows = [
            f"{value:.3f},{tier}" for value, tier in zip(rng.normal(move, 1, 900), "ab" * 450, strict=True)
        ]
        (empty / f"{name}.csv").write_text("\n".join(["load,tier", *rows]) + "\n")
    return empty


def test_drift_is_exit_three_and_its_json_has_the_contracted_keys(windows, lineproof):
    result = lineproof("drift", "january.csv", "june.csv", "--json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    load = document["columns"]["load"]
    assert (load["drifted"], load["kind"]) == (True, "mean")
    assert {"score", "threshold", "statistic", "effect", "noise_floor", "p_value"} <= load.keys()
    assert load["score"] > load["threshold"]
    assert document["schema"] == {"added": [], "removed": [], "changed": {}}


def test_no_drift_is_exit_zero(windows, lineproof):
    result = lineproof("drift", "january.csv", "february.csv")
    assert result.exit_code == 0
    assert "0 columns of 2 drifted" in result.stdout


def test_a_kept_summary_stands_for_the_reference(windows, lineproof):
    assert lineproof("drift", "january.csv", "february.csv", "--keep", "kept/january.json").exit_code == 0
    assert "0.123" not in (windows / "kept/january.json").read_text()[:40]
    assert lineproof("drift", "kept/january.json", "june.csv").exit_code == 3


def test_each_drifted_column_is_drawn(windows, lineproof):
    lineproof("drift", "january.csv", "june.csv", "--svg", "pictures")
    assert [path.name for path in (windows / "pictures").iterdir()] == ["000-load.svg"]


def test_an_error_says_what_to_do_as_json_too(windows, lineproof):
    result = lineproof("drift", "january.csv", "july.csv", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stderr)["error"]["code"] == "LP-DATA-09"


def test_a_recorded_dataset_is_compared_only_while_its_file_is_unchanged(windows, process):
    assert process("init").returncode == 0
    (windows / "train.py").write_text("import pandas as pd\npd.read_csv('january.csv').to_csv('out.csv')\n")
    assert process("run", "--", sys.executable, "train.py").returncode == 0
    assert process("drift", "dataset:january.csv@v1", "june.csv").returncode == 3
    (windows / "january.csv").write_text("load,tier\n1,a\n")
    changed = process("drift", "dataset:january.csv@v1", "june.csv")
    assert changed.returncode == 1
    assert "no longer" in changed.stderr
