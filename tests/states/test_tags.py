"""Tags of personal data: found after a run, in people's hands from then on, ended by approved masking only."""

from __future__ import annotations

import json
import sys

import pytest


def tags(project, reference):
    columns = project.json("show", reference)["tags"]
    return {name: {one["tag"]: one["state"] for one in found} for name, found in columns.items()}


def runs(project):
    return [json.loads(line) for line in project("log", "--json").splitlines()]


def test_what_the_classifier_finds_becomes_tags_that_travel(told):
    assert tags(told, "dataset:people.csv")["email"] == {"PII": "found", "EMAIL": "found"}
    assert "amount" not in tags(told, "dataset:people.csv")
    assert tags(told, "dataset:out.csv")["who"]["EMAIL"] in {"found", "carried"}
    column = "column:out.csv#who"
    nodes = told.json("trace", column)["nodes"]
    assert {one["ref"].rpartition("@")[0] for one in nodes if "PII" in one.get("tags", ())} >= {
        "column:file::people.csv#email"
    }


def test_a_rejection_wins_and_survives_a_new_version(project):
    project("tag", "reject", "column:people.csv#email", "--reason", "made up", "--as", "dpo")
    assert "email" not in tags(project, "dataset:people.csv")
    project.people("people.csv", seed=5)
    project("scan", "people.csv", "--record")
    assert len(project.json("show", "dataset:people.csv")["versions"]) == 2
    assert "email" not in tags(project, "dataset:people.csv@v2")
    column = project.json("scan", "people.csv")["columns"]["email"]
    assert (column["class"], column["gdpr"]) == ("NONE", "none")
    assert "rejected by dpo" in column["evidence"][0]


def test_a_confirmation_and_a_correction_are_shown_by_scan_as_evidence(project):
    project("tag", "confirm", "dataset:people.csv", "--as", "dpo")
    assert tags(project, "dataset:people.csv")["email"] == {"PII": "confirmed", "EMAIL": "confirmed"}
    project("tag", "add", "column:people.csv#amount", "ACCOUNT", "--as", "dpo")
    assert tags(project, "dataset:people.csv")["amount"] == {"PII": "confirmed", "ACCOUNT": "confirmed"}
    columns = project.json("scan", "people.csv")["columns"]
    assert columns["email"]["evidence"] == columns["email"]["evidence"][:1]
    assert columns["email"]["evidence"][0].startswith("confirmed by dpo")
    assert (columns["amount"]["class"], columns["amount"]["hipaa"], columns["amount"]["confidence"]) == (
        "ACCOUNT",
        "J",
        1.0,
    )
    assert "min" not in columns["amount"]
    shown = project.json("show", "dataset:people.csv")["facets"]["lineproof_profile"]["columns"]["amount"]
    assert shown["min"].startswith("withheld")


@pytest.fixture
def masked(project):
    (project.folder / "mask.py").write_text(
        "import hashlib, pandas as pd\n"
        "people = pd.read_csv('people.csv')\n"
        "people['key'] = people.email.str.slice(4, 7)\n"
        "people[['key', 'amount']].to_csv('masked.csv', index=False)\n"
        "people.groupby('email', as_index=False).amount.mean()[['email']].to_csv('means.csv', index=False)\n"
    )
    project("run", "--", sys.executable, "mask.py", LINEPROOF_STATES_BYTES="0")
    return project


def test_only_an_approved_de_identification_ends_a_tag(masked):
    assert tags(masked, "dataset:masked.csv")["key"]["PII"] == "carried"
    assert tags(masked, "dataset:means.csv")["email"]["PII"] == "carried"
    run = runs(masked)[0]["run"]
    masked("deidentify", "approve", run, "--method", "pseudonyms", ok=(4,))  # who ran it
    assert tags(masked, "dataset:masked.csv")["key"]["PII"] == "carried"
    masked("deidentify", "approve", run, "--method", "pseudonyms", "--as", "dpo")
    assert tags(masked, "dataset:masked.csv") == {}
    assert tags(masked, "dataset:people.csv")["email"]["PII"] == "found"
    word = masked.json("show", run)["deidentification"][-1]
    assert (word["by"], word["outcome"], word["method"]) == ("dpo", "approved", "pseudonyms")
    masked("rebuild")
    assert masked.json("verify")["ok"]
    masked("deidentify", "reject", run, "--reason", "k is 3", "--as", "dpo")
    assert tags(masked, "dataset:masked.csv")["key"]["PII"] == "carried"
