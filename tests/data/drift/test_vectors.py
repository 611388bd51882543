"""The public pairs: every planted shift is found, no unchanged column alarms."""

from __future__ import annotations

import pytest
import yaml

from lineproof.data.drift import compare_tables, load_summary, open_table


@pytest.fixture(scope="module")
def folder(vectors):
    return vectors / "drift"


def pairs_of(folder):
    return sorted(path.name.removesuffix(".truth.yaml") for path in folder.glob("*.truth.yaml"))


def test_the_verdict_on_every_column_is_the_truth(folder):
    wrong = []
    for pair in pairs_of(folder):
        truth = yaml.safe_load((folder / f"{pair}.truth.yaml").read_text())
        sides = [open_table(folder / f"{pair}.{side}.parquet") for side in ("reference", "current")]
        report = compare_tables(*sides).report
        wrong += [
            (pair, name)
            for name, feature in truth["features"].items()
            if report.columns[name].drifted != feature["drifted"]
        ]
    assert pairs_of(folder)
    assert wrong == []


@pytest.mark.parametrize("pair", ["mean_2", "newcat_1", "season_2", "zip_1"])
def test_a_kept_summary_gives_the_same_verdicts_as_the_rows(folder, tmp_path, pair):
    import msgspec

    current = open_table(folder / f"{pair}.current.parquet")
    direct = compare_tables(open_table(folder / f"{pair}.reference.parquet"), current)
    kept = tmp_path / "summary.json"
    kept.write_bytes(msgspec.json.encode(direct.reference))
    again = compare_tables(load_summary(kept), current).report
    assert msgspec.json.encode(again) == msgspec.json.encode(direct.report)
