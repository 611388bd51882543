"""`lineproof scan`: profile, identity and personal data of a table, without a value of a person."""

import csv
import json

import pytest
from typer.testing import CliRunner

from lineproof.cli.app import app

PEOPLE = [
    {"id": n, "email": f"person{n}@example.org", "grade": "abc"[n % 3], "score": n / 7} for n in range(60)
]


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(PEOPLE[0]))
        writer.writeheader()
        writer.writerows(PEOPLE)
    return str(path)


def test_the_answer_is_the_one_of_the_contracts(people):
    done = CliRunner().invoke(app, ["scan", people, "--json"])
    found = json.loads(done.stdout)
    identity = json.loads(CliRunner().invoke(app, ["fingerprint", people, "--json"]).stdout)
    assert {name: found[name] for name in ("rows", "digest", "fingerprint")} == {
        name: identity[name] for name in ("rows", "digest", "fingerprint")
    }
    email = found["columns"]["email"]
    assert (email["class"], email["hipaa"], email["gdpr"]) == ("EMAIL", "F", "personal")
    assert 0 <= email["confidence"] <= 1
    assert email["evidence"]
    assert (
        found["columns"]["grade"]["top"] == [["a", 20], ["b", 20], ["c", 20]]
        or found["columns"]["grade"]["distinct"] == 3
    )
    assert found["columns"]["score"]["max"] == pytest.approx(59 / 7)


def test_nothing_of_a_person_is_printed(people):
    for options in ([], ["--json"]):
        printed = CliRunner().invoke(app, ["scan", people, *options]).stdout
        assert "EMAIL" in printed
        assert "@example.org" not in printed


@pytest.mark.parametrize("table", ["patients_us", "kunden_de", "users_ja", "clientes_br"])
def test_no_value_of_a_personal_column_of_the_shared_tables_is_printed(vectors, table):
    path = vectors / "pii" / f"{table}.csv"
    done = CliRunner().invoke(app, ["scan", str(path), "--json"])
    columns = json.loads(done.stdout)["columns"]
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name, column in columns.items():
        if column["gdpr"] != "none":
            assert not {"min", "max", "top", "patterns"} & column.keys()
            column.pop("quantiles", None)  # first days of years, which some values are
            shown = json.dumps(column, ensure_ascii=False)
            leaked = [row[name] for row in rows if len(row[name]) > 5 and row[name] in shown]
            assert not leaked


def test_a_table_without_rows_has_columns(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("a,b\n")
    done = CliRunner().invoke(app, ["scan", str(path), "--json"])
    assert json.loads(done.stdout)["rows"] == 0
    assert CliRunner().invoke(app, ["scan", str(path)]).exit_code == 0
