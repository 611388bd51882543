"""Detectors on streams that change and that do not, and labels that come late."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import yaml

from lineproof.data.drift import Roles, compare_tables, open_table, seconds_of
from lineproof.data.drift.concept import Examples, watch
from lineproof.data.drift.streams import DETECTORS, Adwin, detector
from lineproof.errors import CommandError, DriftInputError

NULL_ALARMS = {
    "adwin": 0,
    "ddm": 4,
    "eddm": 9,
    "hddm_a": 2,
    "kswin": 1,
    "page_hinkley": 6,
}  # of ten streams of 6,000; the reason ADWIN is the default


def stream(seed, rate, count):
    return (np.random.default_rng(seed).random(count) < rate).astype(float).tolist()


@pytest.mark.parametrize("name", DETECTORS)
def test_a_rise_of_the_error_rate_is_found_soon(name):
    missed = 0
    for seed in range(10):
        watching = detector(name)
        for value in stream(seed, 0.2, 2000):
            watching.add(value)
        missed += not any(watching.add(value) for value in stream(seed + 50, 0.4, 1500))
    assert missed <= 1


@pytest.mark.parametrize("name", DETECTORS)
def test_a_stream_that_does_not_change_stays_quiet(name):
    alarms = 0
    for seed in range(10):
        watching = detector(name)
        alarms += any(watching.add(value) for value in stream(seed + 100, 0.25, 6000))
    assert alarms <= NULL_ALARMS[name]


def test_adwin_forgets_what_was_before_and_needs_little_memory():
    watching = Adwin()
    for value in stream(1, 0.2, 20_000):
        watching.add(value)
    assert watching.width > 15_000
    assert watching.buckets() < 100
    for value in stream(2, 0.6, 3000):
        watching.add(value)
    assert watching.width <= 3200
    assert watching.mean == pytest.approx(0.6, abs=0.05)


def test_adwin_keeps_the_variance_of_its_window():
    watching = Adwin()
    values = np.random.default_rng(3).random(5000)
    for value in values.tolist():
        watching.add(value)
    assert watching.width == 5000
    assert watching._square / watching.width == pytest.approx(values.var(), rel=1e-6)


def test_a_detector_of_another_name_is_refused():
    with pytest.raises(CommandError):
        detector("magic")


def examples(seed, count, *, start=0.0, slope=1.0, lift=0.0, delay=500.0):
    """Scores that are the chance of the label, unless the relation is bent."""
    rng = np.random.default_rng(seed)
    scores = rng.random(count)
    logit = np.log(scores / (1 - scores)) * slope + lift
    labels = (rng.random(count) < 1 / (1 + np.exp(-logit))).astype(float)
    return Examples(scores, labels, start + np.arange(count) + rng.exponential(delay, count))


def test_a_relation_that_turns_is_concept_drift_and_a_higher_rate_is_label_drift():
    reference = examples(1, 4000)
    same = watch(reference, examples(2, 4000, start=4000))
    turned = watch(reference, examples(3, 4000, start=4000, slope=-1))
    higher = watch(reference, examples(4, 4000, start=4000, lift=1.2))
    assert [one.drifted for one in (same, same.label, same.error)] == [False] * 3
    assert turned.drifted
    assert not turned.label.drifted
    assert higher.label.drifted
    assert not higher.drifted


def test_labels_are_used_only_from_the_time_they_came():
    reference, current = examples(1, 4000), examples(3, 4000, start=4000, slope=-1, delay=3000)
    early = watch(reference, current, until=4100.0)
    late = watch(reference, current, until=1e9)
    assert not early.drifted
    assert early.waiting > 3900
    assert late.drifted
    assert (late.labels, late.waiting) == (4000, 0)
    blind = Examples(
        current.scores, np.where(current.known > 4100, 1 - current.labels, current.labels), current.known
    )
    assert watch(reference, blind, until=4100.0) == early


def test_numbers_as_labels_are_watched_too():
    rng = np.random.default_rng(8)
    scores = rng.normal(size=(2, 4000))
    near = Examples(scores[0], scores[0] + rng.normal(size=4000), np.arange(4000.0))
    far = Examples(scores[1], -scores[1] + rng.normal(size=4000), np.arange(4000.0, 8000.0))
    found = watch(near, far)
    assert found.drifted
    assert not found.label.drifted


@pytest.mark.parametrize("pair", ["concept_1", "label_1", "delay_1"])
def test_the_public_pairs_are_told_apart(vectors, pair):
    folder = vectors / "drift"
    truth = yaml.safe_load((folder / f"{pair}.truth.yaml").read_text())
    sides = [open_table(folder / f"{pair}.{side}.parquet") for side in ("reference", "current")]
    found = compare_tables(*sides).report.concept
    assert found.drifted == truth["concept_drift"]
    assert found.label.drifted == truth["label_drift"]
    if found.drifted:
        rows = sides[1].column("at").to_numpy()
        began = rows[truth["drift_starts_at_row"]]
        assert np.datetime64(found.relation.at[:-1]) > began


def test_a_label_column_is_compared_by_the_labels_that_had_come(compared):
    rng = np.random.default_rng(4)
    start = np.datetime64("2026-01-01T00:00:00")
    sides = []
    for side in range(2):
        at = start + (np.arange(4000) + 4000 * side).astype("timedelta64[m]")
        label = (rng.random(4000) < (0.3 if side == 0 else 0.6)).astype(int)
        came = at + np.timedelta64(1, "D")
        sides.append(pa.table({"at": at, "label": label, "label_time": came, "score": rng.random(4000)}))
    assert compared(*sides).columns["label"].kind == "label"
    before = compared(*sides, until=seconds_of("2026-01-03T19:00:00"))
    assert not before.columns["label"].drifted
    assert before.columns["label"].current["rows"] == 0


def test_columns_that_are_named_must_be_there(compared):
    table = pa.table({"x": [1.0, 2.0]})
    with pytest.raises(DriftInputError):
        compared(table, table, roles=Roles(label="truth"))
    with pytest.raises(DriftInputError):
        seconds_of("yesterday")


def test_columns_that_only_go_together_differently_are_found_when_asked(compared):
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 4000))
    near = pa.table({"x": x, "y": x * 0.9 + 0.4 * y, "c": rng.choice(list("abc"), 4000)})
    far = pa.table({"x": y, "y": -y * 0.9 + 0.4 * x, "c": rng.choice(list("abc"), 4000)})
    assert not compared(near, far).drifted
    assert compared(near, far, multivariate=True).multivariate.drifted
    assert not compared(near, near.take(rng.permutation(4000)), multivariate=True).multivariate.drifted
