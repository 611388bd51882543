"""Which versions hold a person, and what learned from them: as a user asks it."""

from __future__ import annotations

import json

PROGRAM = """
import joblib
import lineproof
import pandas as pd
from sklearn.linear_model import LogisticRegression

patients = pd.read_csv("patients.csv")
lineproof.declare(patients, subject="nhs", subject_space="patients")
adults = patients[patients["age"] >= 18]
adults.to_csv("adults.csv", index=False)
model = LogisticRegression().fit(adults[["age", "dose"]], adults["ill"])
joblib.dump(model, "risk.joblib")
patients.groupby("ward")["dose"].mean().reset_index().to_csv("wards.csv", index=False)
"""
PEOPLE = [(f"NHS-{9000 + at}", at, at % 7, at % 3, int(at % 5 > 2)) for at in range(10, 40)]


def found(project, identifier, *words):
    asked = project.lineproof("subject", "find", identifier, "--json", *words)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def refs(answer, kind):
    return {place["ref"]: place["precision"] for place in answer[kind]}


def test_subject_find_says_what_holds_a_person_and_what_learned_from_them(project):
    lines = [",".join(map(str, row)) for row in PEOPLE]
    project.write("patients.csv", "nhs,age,dose,ward,ill\n" + "\n".join(lines) + "\n")
    project.write("train.py", PROGRAM)
    assert project.unharmed("train.py").exit_code == 0
    adult, child, stranger = (found(project, one) for one in ("NHS-9030", "NHS-9012", "NHS-1"))

    assert refs(adult, "datasets")["dataset:file::patients.csv@v1"] == "exact"
    assert refs(adult, "datasets")["dataset:file::adults.csv@v1"] == "exact"
    assert refs(adult, "datasets")["dataset:file::wards.csv@v1"] == "superset"
    assert refs(adult, "models")["model:risk@1"] == "exact"
    assert "column:model::risk#dose@v1" in refs(adult, "features")
    assert adult["runs"]
    assert adult["precision"] == "superset"

    assert "dataset:file::adults.csv@v1" not in refs(child, "datasets")
    assert refs(child, "models") == {}
    assert stranger["datasets"] == []
    assert stranger["precision"] == "exact"

    # Identifiers stand in no file but the program's own, and that somebody looked stands without for whom.
    for path in (project.root / ".lineproof").rglob("*"):
        if path.is_file():
            assert b"NHS-9030" not in path.read_bytes(), path
    assert not list((project.root / ".lineproof" / "spool").glob("*.people"))
    events = project.lineproof("events", "--json").stdout.decode()
    assert "find person subject:patients" in events
    assert json.loads(project.lineproof("verify", "--json").stdout)["ok"]


def test_a_person_is_found_by_either_form_when_reading_dropped_the_leading_zeros(project):
    project.write("patients.csv", "nhs,age\n007,30\n008,40\n")
    project.write(
        "read.py",
        """
        import lineproof, pandas as pd
        patients = lineproof.declare(pd.read_csv("patients.csv"), subject="nhs", subject_space="patients")
        patients[patients["age"] < 35].to_csv("young.csv", index=False)
        """,
    )
    project.recorded("read.py")
    for written in ("007", "7"):
        names = refs(found(project, written), "datasets")
        assert names["dataset:file::patients.csv@v1"] == "exact"
        assert names["dataset:file::young.csv@v1"] == "exact"
    assert "dataset:file::young.csv@v1" not in refs(found(project, "008"), "datasets")


def test_a_person_who_was_destroyed_is_found_nowhere(project):
    project.write("patients.csv", "nhs,age\nNHS-77,30\nNHS-88,40\n")
    project.write(
        "read.py",
        """
        import lineproof, pandas as pd
        lineproof.declare(pd.read_csv("patients.csv"), subject="nhs", subject_space="patients")
        """,
    )
    project.recorded("read.py")
    assert found(project, "NHS-77")["datasets"]
    for name in ("anna", "ben"):
        words = ("shred", "subject:patients/NHS-77", "--reason", "request 12", "--as", name)
        assert project.lineproof(*words).returncode == 0
    assert found(project, "NHS-77")["datasets"] == []
    assert found(project, "NHS-88")["datasets"]
    assert json.loads(project.lineproof("verify", "--json").stdout)["ok"]


def test_what_is_not_known_is_named(project):
    project.write("patients.csv", "nhs,age\nA1,30\nB2,40\n")
    project.write(
        "read.py",
        """
        import lineproof, pandas as pd
        lineproof.declare(pd.read_csv("patients.csv"), subject="nhs", subject_space="patients")
        open("patients.csv", "a").write("C3,50\\n")
        """,
    )
    project.recorded("read.py")
    answer = found(project, "A1")
    assert answer["precision"] == "unknown"
    assert "dataset:file::patients.csv@v1" in answer["unknown"][0]
    refused = project.lineproof("subject", "find", "A1", "--space", "staff")
    assert refused.returncode == 2
