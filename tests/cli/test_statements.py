"""The commands by which people state facts."""

from __future__ import annotations

import json


def test_each_statement_tells_its_entry_and_shows_in_the_events(project, lineproof):
    said = (
        ("system", "set", "lending", "--model", "credit", "--owner", "Head of lending", "--sox-scope"),
        ("purpose", "add", "scoring", "--job", "train.py", "--significant-decisions"),
        ("basis", "add", "scoring", "--article", "6(1)(b)", "--reason", "loan contract"),
        ("tag", "add", "column:patients#birth_date", "PII", "BIRTH_DATE"),
        ("dataset", "source", "set", "dataset:patients", "--origin", "ward", "--region", "EU"),
        ("document", "add", "dpia", "--covers", "purpose:scoring", "--title", "Impact", "--field", "a=b"),
        ("retention", "set", "log", "--covers", "ledger", "--min-days", "2200"),
        ("approve", "model:credit@1", "--reason", "better", "--as", "second"),
        ("deploy", "model:credit@1", "--env", "prod", "--ci"),
        ("waive", "SOX-CM-2", "system:lending", "--expires", "2999-01-01", "--reason", "first"),
        ("retire", "model:credit@1", "--env", "prod"),
    )
    for words in said:
        result = lineproof(*words, "--json")
        assert result.exit_code == 0, result.stderr
        entry = json.loads(result.stdout)["entry"]
        (line,) = lineproof("events", "--since", entry - 1, "-n", 1, "--json").stdout.splitlines()
        assert json.loads(line)["entry"] == entry
    assert lineproof("verify").exit_code == 0


def test_approving_ones_own_model_exits_with_4(project, lineproof):
    result = lineproof("approve", "model:credit@1", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stderr)["error"]["code"] == "LP-ACCESS-01"


def test_what_is_not_a_choice_is_refused_with_the_choices(project, lineproof):
    for words in (
        ("system", "set", "lending", "--gdpr-role", "boss"),
        ("document", "add", "dpia", "--field", "nonsense"),
        ("retention", "set", "log", "--covers", "ledger"),
        ("retention", "set", "log", "--covers", "ledger", "--min-days", "9", "--max-days", "3"),
        ("deploy", "model:credit@1", "--env", " "),
    ):
        assert lineproof(*words).exit_code == 2


def test_names_with_markup_are_shown_as_they_are(project, lineproof):
    name = "<script>alert(1)</script>[bold]\x1b[31m"
    assert lineproof("system", "set", name).exit_code == 0
    shown = lineproof("events", "-n", 1).stdout
    assert "<script>alert(1)</script>[bold]" in shown
    assert "\x1b" not in shown


def test_a_recorded_verification_is_an_entry(project, lineproof):
    assert lineproof("verify", "--record").exit_code == 0
    (line,) = lineproof("events", "-n", 1, "--json").stdout.splitlines()
    assert json.loads(line)["type"] == "report"
    assert lineproof("verify").exit_code == 0
