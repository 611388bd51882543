"""What is kept of the data of recorded runs, and what it is good for."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import msgspec
import pyarrow.csv
import pytest

from lineproof.data.drift import kept
from lineproof.data.kernel import TableState, Workspace, codec, from_bytes
from lineproof.errors import StateError
from lineproof.states import Budget, record_runs
from lineproof.store import Ledger


def facets(project, reference):
    return project.json("show", reference)["facets"]


def test_a_run_leaves_profile_classes_and_fingerprint_with_what_it_read_and_wrote(told):
    scanned = told.json("scan", "people.csv")
    for name in ("people.csv", "out.csv"):
        found = facets(told, f"dataset:{name}")
        assert found["lineproof_profile"]["rows"] == 900
        assert found["lineproof_classification"]["columns"]["email"]["class"] == "EMAIL"
    assert (
        facets(told, "dataset:people.csv")["lineproof_fingerprint"]["fingerprint"] == scanned["fingerprint"]
    )
    assert json.loads(told("verify", "--json"))["ok"]


def test_no_value_of_a_person_is_kept_anywhere_in_the_ledger(told):
    for path in (told.folder / ".lineproof").rglob("*"):
        assert not path.is_file() or b"@example.org" not in path.read_bytes()
        assert not path.is_file() or b"@EXAMPLE.ORG" not in path.read_bytes()


def test_the_kept_state_is_the_state_of_the_file(told):
    profile = facets(told, "dataset:people.csv")["lineproof_profile"]
    objects = told.folder / ".lineproof/objects/sha256"
    digest = profile["state"].removeprefix("sha256:")
    state = from_bytes((objects / digest[:2] / digest).read_bytes())
    assert state.content.rows == 900
    assert state.columns["email"].low is None
    assert state.columns["email"].distinct.values is None
    assert state.columns["amount"].low == profile["columns"]["amount"]["min"]


def test_drift_is_measured_without_the_data(project):
    project.people("june.csv", seed=2, shift=8)
    project("scan", "june.csv", "--record")
    by_files = project.json("drift", "people.csv", "june.csv", ok=(3,))
    (project.folder / "people.csv").unlink()
    by_reference = project.json("drift", "dataset:people.csv@v1", "june.csv", ok=(3,))
    (project.folder / "june.csv").unlink()
    by_both = project.json("drift", "dataset:people.csv@v1", "dataset:june.csv@v1", ok=(3,))
    for name in ("amount", "grade", "lot"):
        verdicts = [one["columns"][name] for one in (by_files, by_reference, by_both)]
        assert len({one["drifted"] for one in verdicts}) == 1
        assert verdicts[2]["score"] == pytest.approx(verdicts[0]["score"], abs=0.01)
    assert by_both["columns"]["amount"]["kind"] == "mean"
    assert "@example.org" not in json.dumps(by_both)


def test_a_drift_check_of_a_recorded_version_is_an_entry(project):
    project.people("june.csv", seed=2, shift=8)
    project("drift", "dataset:people.csv", "june.csv", ok=(3,))
    last = json.loads(project("events", "--json").splitlines()[-1])
    assert last["type"] == "drift.check"
    assert "people.csv" in last["summary"]
    project("rebuild")
    assert project.json("verify")["ok"]
    checks = project.json("show", "dataset:people.csv@v1")["drift_checks"]
    assert [one["drifted"] for one in checks] == [True]
    project("drift", "people.csv", "june.csv", ok=(3,))
    assert json.loads(project("events", "--json").splitlines()[-1])["entry"] == last["entry"]


def test_a_file_that_changed_since_is_not_taken_for_what_the_run_saw(project):
    project.people("more.csv", seed=3)
    (project.folder / "more.py").write_text("open('more.csv').read()\n")
    project("run", "--", sys.executable, "more.py", LINEPROOF_STATES_BYTES="0")
    run = json.loads(project("log", "--json").splitlines()[0])["run"].removeprefix("run:")
    seen = (project.folder / "more.csv").read_bytes()
    project.people("more.csv", seed=4)
    ledger = Ledger.open(project.folder / ".lineproof")
    record_runs(ledger, [run], Budget())
    assert "lineproof_profile" not in facets(project, "dataset:more.csv@v1")
    (project.folder / "more.csv").write_bytes(seen)
    record_runs(ledger, [run], Budget())
    assert facets(project, "dataset:more.csv@v1")["lineproof_profile"]["rows"] == 900


def test_an_exhausted_budget_is_on_record(project):
    project.people("more.csv", seed=3)
    (project.folder / "more.py").write_text("open('more.csv').read()\n")
    project("run", "--", sys.executable, "more.py", LINEPROOF_STATES_BYTES="100")
    assert "more.csv" in project.stderr
    assert "LINEPROOF_STATES_BYTES" in facets(project, "dataset:more.csv")["lineproof_profile"]["missing"]
    project("scan", "more.csv", "--record")
    assert facets(project, "dataset:more.csv")["lineproof_profile"]["missing"] is None


def test_no_value_of_a_person_is_in_a_report_or_picture_of_drift(project, tmp_path):
    project.people("june.csv", seed=2, shift=8)
    text = (project.folder / "june.csv").read_text().replace("@example.org", "@example.net")
    (project.folder / "june.csv").write_text(text)
    for reference in ("people.csv", "dataset:people.csv@v1"):
        told = project("drift", reference, "june.csv", "--json", "--plots", tmp_path / "plots", ok=(3,))
        assert "@example" not in told
    pictures = {path.name: path.read_text() for path in (tmp_path / "plots").iterdir()}
    assert any("amount" in name for name in pictures)
    assert all("<title" in one and "<desc" in one and "@example" not in one for one in pictures.values())


def test_states_that_went_through_storage_merge_in_any_order(told):
    table = pyarrow.csv.read_csv(told.folder / "people.csv")
    parts = []
    for start in (0, 200, 500):
        state = TableState()
        for batch in table.slice(start, {0: 200, 200: 300, 500: 400}[start]).to_batches():
            state.update(batch, Workspace())
        parts.append(codec.to_bytes(state))
    merged = []
    for order in ((0, 1, 2), (2, 0, 1)):
        whole = TableState()
        for at in order:
            whole.merge(from_bytes(parts[at]))
        merged.append(whole)
    assert merged[0].content.content() == merged[1].content.content()
    for name, one in merged[0].columns.items():
        other = merged[1].columns[name]
        assert (one.low, one.high, one.numbers.counts) == (other.low, other.high, other.numbers.counts)
        assert one.distinct.hashes.tolist() == other.distinct.hashes.tolist()
        assert one.moments.mean == pytest.approx(other.moments.mean, rel=1e-9)


@pytest.mark.parametrize("read", [from_bytes, kept.from_bytes])
def test_a_state_of_another_version_says_so(read):
    old = msgspec.msgpack.encode(["lineproof-state-0", {"anything": 1}])
    with pytest.raises(StateError, match="lineproof-state-0"):
        read(old)
    with pytest.raises(StateError):
        read(b"\x00")
    assert from_bytes(codec.to_bytes(TableState())).columns == {}


def test_a_program_that_records_itself_leaves_a_whole_ledger_with_states(told, tmp_path):
    alone = type(told)(tmp_path)
    alone("init")
    alone.people("people.csv")
    (tmp_path / "t.py").write_text("import lineproof\nlineproof.autolog()\nopen('people.csv').read()\n")
    settings = {name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF_")}
    subprocess.run([sys.executable, "t.py"], cwd=tmp_path, env=settings, check=True, timeout=280)
    assert facets(alone, "dataset:people.csv")["lineproof_profile"]["rows"] == 900
    assert alone.json("verify")["ok"]
