"""One stream of predictions and late labels, from Python and from the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from lineproof.cli.app import app
from lineproof.data.drift.stream import watch_stream
from lineproof.errors import CommandError

CHANGE = 2000


def scored(seed: int, *, change: bool, rows: int = 4000):
    chance = np.random.default_rng(seed)
    score = chance.random(rows)
    truth = (chance.random(rows) < score).astype(float)
    if change:
        truth[CHANGE:] = (chance.random(rows - CHANGE) < 1 - score[CHANGE:]).astype(float)
    return score, truth


def test_streams_without_change_are_quiet_and_a_change_is_told_soon():
    assert not any(watch_stream(*scored(seed, change=False)).drifted for seed in range(5))
    for seed in range(5):
        found = watch_stream(*scored(seed, change=True))
        assert found.kind == "probability"
        assert {one.stream for one in found.alarms} == {"error", "relation"}
        assert all(CHANGE < one.row < CHANGE + 500 for one in found.alarms[:2])


def test_labels_count_from_when_they_came():
    score, truth = scored(1, change=True)
    late = np.arange(4000.0)
    late[CHANGE : CHANGE + 1000] += 10_000  # the first of the changed ones come last
    first = watch_stream(score, truth, known=late).alarms[0]
    assert first.row >= CHANGE + 1000
    truth[3000:] = np.nan
    assert watch_stream(score, truth).waiting == 1000


@pytest.mark.parametrize("name", ["ADWIN", "DDM", "EDDM", "Page-Hinkley", "HDDM_A", "KSWIN"])
def test_each_detector_by_its_name_finds_classes_that_go_wrong(name):
    chance = np.random.default_rng(2)
    truth = chance.choice(["cat", "dog"], 4000)
    wrong = chance.random(4000) < np.where(np.arange(4000) < CHANGE, 0.1, 0.5)
    said = np.where(wrong, np.where(truth == "cat", "dog", "cat"), truth)
    found = watch_stream(said.tolist(), truth.tolist(), detector=name)
    assert found.kind == "class"
    assert any(CHANGE < one.row < CHANGE + 500 for one in found.alarms)


def test_an_unknown_detector_is_refused_with_the_known_ones():
    with pytest.raises(CommandError, match="no detector"):
        watch_stream([1.0], [1.0], detector="magic")


def call(*words: object):
    return CliRunner().invoke(app, [str(one) for one in words], prog_name="lineproof")


def test_the_command_joins_labels_that_came_later(tmp_path):
    score, truth = scored(3, change=True)
    rows = [f"L{at},{one:.4f}" for at, one in enumerate(score)]
    (tmp_path / "scored.csv").write_text("\n".join(["loan,score", *rows]) + "\n")
    came = [f"L{at},{int(one)}" for at, one in enumerate(truth[:3500])]
    (tmp_path / "came.csv").write_text("\n".join(["loan,paid", *came, "other,1"]) + "\n")
    words = ["drift", "stream", tmp_path / "scored.csv", "--prediction", "score", "--label", "paid"]
    done = call(*words, "--labels", tmp_path / "came.csv", "--id", "loan", "--json")
    assert done.exit_code == 3, done.stderr
    report = json.loads(done.stdout)
    assert (report["detector"], report["examples"], report["waiting"]) == ("adwin", 3500, 500)
    assert CHANGE < report["alarms"][0]["row"] < CHANGE + 500
    text = call(*words, "--labels", tmp_path / "came.csv", "--id", "loan")
    assert "error changed" in text.stdout
    assert call(*words, "--labels", tmp_path / "came.csv").exit_code == 2
    assert call(*words, "--labels", tmp_path / "came.csv", "--id", "nothing").exit_code == 1
    assert "--prediction" in call("drift", "stream", "--help").stdout
    assert "REFERENCE" in call("drift", "--help").stdout
