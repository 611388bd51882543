"""`lineproof fingerprint`: one JSON document, or a table; needs no ledger."""

import json

from typer.testing import CliRunner

from lineproof.cli.app import app


def test_the_answer_is_the_one_of_the_contracts(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text("id,name\n1,Ada\n2,\n")
    done = CliRunner().invoke(app, ["fingerprint", str(path), "--json"])
    found = json.loads(done.stdout)
    assert list(found) == ["digest", "fingerprint", "rows", "columns"]
    assert found["rows"] == 2
    assert list(found["columns"]) == ["id", "name"]
    assert found["digest"].startswith("sha256:")
    assert found["fingerprint"] in CliRunner().invoke(app, ["fingerprint", str(path)]).stdout


def test_a_file_that_cannot_be_read_is_an_error_with_a_code(tmp_path):
    done = CliRunner().invoke(app, ["fingerprint", str(tmp_path / "none.csv"), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stderr)["error"]["code"] == "LP-DATA-09"
