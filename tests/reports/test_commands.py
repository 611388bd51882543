"""lineproof report, and lineproof verify FILE."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lineproof.cli.app import app


@pytest.fixture
def lineproof(monkeypatch, ledger):
    """Call a command in the ledger's folder: gives exit_code, stdout, stderr."""
    monkeypatch.chdir(ledger.folder.parent)
    monkeypatch.delenv("LINEPROOF_HOME", raising=False)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(one) for one in arguments], prog_name="lineproof")


@pytest.fixture
def elsewhere(lineproof, tmp_path, monkeypatch, ledger):
    """A folder without a ledger that holds a report and the public key."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    assert lineproof("report", "model:credit@1", "-o", folder / "dossier.html").exit_code == 0
    (folder / "ledger.vkey").write_text((ledger.folder / "keys" / "ledger.vkey").read_text())
    ledger.folder.rename(tmp_path / "gone")
    monkeypatch.chdir(folder)
    return folder


def test_report_tells_what_it_wrote_and_what_is_missing(lineproof):
    result = lineproof("report", "model:credit@1", "-o", "dossier.html")
    assert result.exit_code == 0
    assert "dossier.html: model:credit@1 as of entry:" in result.stdout
    assert "DRAFT: nobody has stated" in result.stdout
    assert "lineproof verify dossier.html" in result.stdout
    made = json.loads(
        lineproof("report", "model:credit@1", "-o", "d.json", "--format", "json", "--json").stdout
    )
    assert made["content_sha256"] in result.stdout
    assert made["format"] == "json"


def test_a_report_is_verified_where_there_is_no_ledger(elsewhere, lineproof):
    result = lineproof("verify", "dossier.html", "--key", "ledger.vkey")
    assert result.exit_code == 0
    assert result.stdout.startswith("verified: ")
    assert "warning" not in result.stdout
    text = (elsewhere / "ledger.vkey").read_text().strip()
    assert lineproof("verify", "dossier.html", "--key", text).exit_code == 0
    alone = lineproof("verify", "dossier.html")
    assert alone.exit_code == 0
    assert "taken from the file itself (sha256:" in alone.stdout


def test_a_changed_report_exits_with_5_and_names_what_changed(elsewhere, lineproof):
    file = elsewhere / "dossier.html"
    file.write_bytes(file.read_bytes().replace(b"<bdi>radius</bdi>", b"<bdi>rodius</bdi>", 1))
    result = lineproof("verify", "dossier.html", "--key", "ledger.vkey")
    assert result.exit_code == 5
    assert "NOT VERIFIED: 2 failures" in result.stdout
    assert "section  features" in result.stdout
    found = json.loads(lineproof("verify", "dossier.html", "--json").stdout)
    assert found["ok"] is False
    assert {one["kind"] for one in found["failures"]} == {"section", "body"}
    assert set(found) >= {"ok", "scope", "checked", "total", "failures", "checkpoint", "warnings"}


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("verify", "nowhere.html"), "LP-CLI-01", 2),
        (("verify", "."), "LP-LEDGER-05", 5),
        (("verify", "ledger.vkey"), "LP-REPORT-01", 5),
        (("verify", "dossier.html", "--key", "no key"), "LP-CLI-01", 2),
        (("verify", "dossier.html", "--key", "dossier.html"), "LP-CLI-01", 2),
        (("verify", "dossier.html", "--tables"), "LP-CLI-01", 2),
        (("verify", "--key", "ledger.vkey"), "LP-CLI-01", 2),
    ],
)
def test_what_cannot_be_verified_says_what_to_do(elsewhere, lineproof, arguments, code, exit_code):
    result = lineproof(*arguments, "--json")
    assert result.exit_code == exit_code
    error = json.loads(result.stderr)["error"]
    assert error["code"] == code
    assert error["remedy"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("model:nope@1", "-o", "x.html"), "LP-REF-02"),
        (("dataset:data/patients.csv", "-o", "x.html"), "LP-CLI-01"),
        (("model:credit@1", "-o", "x.pdf", "--format", "pdf"), "LP-CLI-01"),
        (("model:credit@1", "-o", "missing/x.html"), "LP-REPORT-02"),
        (("model:credit@1", "-o", "x.html", "--as-of", "99999"), "LP-REF-02"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(lineproof, ledger, arguments, code):
    size = ledger.stored.size()
    result = lineproof("report", *arguments, "--json")
    assert result.exit_code in {1, 2}
    assert json.loads(result.stderr)["error"]["code"] == code
    assert ledger.stored.size() == size


def test_a_file_beyond_the_size_of_reports_is_not_read_to_its_end(elsewhere, lineproof):
    with (elsewhere / "huge.html").open("wb") as file:
        file.truncate(10 << 30)
    result = lineproof("verify", "huge.html")
    assert result.exit_code == 5
    assert "LP-REPORT-01" in result.stderr
    assert "64 MiB" in result.stderr
