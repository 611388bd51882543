"""A column that is found to name people makes a set of them for each version of the file, without a declaration."""

from __future__ import annotations

import sys

MRN = """
import lineproof
import pandas as pd
people = pd.read_csv("visits.csv")
people[people.cost > 2].to_csv("dear.csv", index=False)
"""


def _found(project, *words: str) -> dict[str, str]:
    told = project.json("subject", "find", *words)
    return {one["ref"]: one["precision"] for one in told["datasets"]}


def test_people_are_found_by_a_column_that_the_classifier_knows(told):
    found = _found(told, "user3@example.org", "--space", "email")
    assert found["dataset:file::people.csv@v1"] == "exact"
    assert found["dataset:file::out.csv@v1"] == "exact"
    assert found["dataset:file::means.csv@v1"] == "superset", "nobody is named there any more"
    assert not _found(told, "nobody@example.org", "--space", "EMAIL")


def test_no_identifier_stands_in_any_file_of_the_ledger(told):
    kept = [path for path in (told.folder / ".lineproof").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"user3@example" in path.read_bytes()]


def test_who_has_no_row_is_in_no_version_and_a_word_of_a_person_counts_at_the_next_run(project):
    rows = "".join(f"p{number:03d},{number % 5}\n" for number in range(60))
    (project.folder / "visits.csv").write_text(f"who,cost\n{rows}", encoding="utf-8")
    (project.folder / "mrn.py").write_text(MRN, encoding="utf-8")
    project("run", "--", sys.executable, "mrn.py")
    project("subject", "find", "p003", "--space", "MRN", ok=(2,))
    for name in ("visits.csv", "dear.csv"):
        project("tag", "add", f"column:{name}#who", "PII", "MRN", "--reason", "names patients")
    project("run", "--", sys.executable, "mrn.py")
    found = _found(project, "p003", "--space", "MRN")
    assert found["dataset:file::visits.csv@v1"] == found["dataset:file::dear.csv@v1"] == "exact"
    assert "dataset:file::dear.csv@v1" not in _found(project, "p001", "--space", "MRN")
