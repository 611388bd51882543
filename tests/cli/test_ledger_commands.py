"""init, verify, rebuild, --version, --help."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import stat
import subprocess
import sys

import pytest


def tamper(project, statement):
    with contextlib.closing(sqlite3.connect(project / ".lineproof" / "ledger.db")) as database:
        assert database.execute(statement).rowcount > 0
        database.commit()


def test_init_makes_a_ledger_and_twice_is_harmless(empty, lineproof):
    first = lineproof("init", "--json")
    assert first.exit_code == 0
    assert json.loads(first.stdout)["created"] is True
    again = json.loads(lineproof("init", "--json").stdout)
    assert again == {**json.loads(first.stdout), "created": False}
    assert "is there already" in lineproof("init").stdout
    key = empty / ".lineproof" / "keys" / "ledger.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_init_makes_it_where_it_is_told_to(empty, lineproof, monkeypatch):
    lineproof("init", "here")
    assert (empty / "here" / ".lineproof" / "ledger.db").is_file()
    monkeypatch.setenv("LINEPROOF_HOME", str(empty / "elsewhere"))
    lineproof("init")
    assert (empty / "elsewhere" / "ledger.db").is_file()
    assert lineproof("log").exit_code == 0


def test_verify_says_how_many_of_how_many_and_that_nobody_witnessed(project, lineproof):
    result = lineproof("verify")
    assert result.exit_code == 0
    report = json.loads(lineproof("verify", "--json").stdout)
    assert report["ok"] is True
    assert report["checked"] == report["total"] > 10
    assert f"{report['checked']} of {report['total']} entries" in result.stdout
    assert "nobody outside has witnessed" in result.stdout
    assert report["warnings"]


def test_verify_names_an_altered_row_and_exits_with_5(project, lineproof):
    tamper(project, "UPDATE metric SET value = 0.99 WHERE name = 'auc'")
    result = lineproof("verify")
    assert result.exit_code == 5
    assert "NOT VERIFIED: 1 failure" in result.stdout
    assert re.search(r"row  entry:\d+  table metric  field value", result.stdout)
    assert re.search(r"expected +0.97", result.stdout)
    assert re.search(r"found +0.99", result.stdout)
    report = json.loads(lineproof("verify", "--json").stdout)
    assert report["ok"] is False
    assert report["failures"][0]["table"] == "metric"


def test_verify_names_an_altered_payload_and_exits_with_5(project, lineproof):
    tamper(
        project,
        "UPDATE payload SET body = CAST(replace(body, '0.97', '0.99') AS BLOB) WHERE instr(body, '0.97')",
    )
    result = lineproof("verify", "--log-only")
    assert result.exit_code == 5
    assert re.search(r"payload  entry:\d+ .*field body", result.stdout)


def test_verify_of_one_half_never_claims_the_other(project, lineproof):
    tamper(project, "UPDATE metric SET value = 0.99 WHERE name = 'auc'")
    log = lineproof("verify", "--log-only")
    assert log.exit_code == 0
    assert "the tables were not checked" in log.stdout
    assert "rows" not in log.stdout.splitlines()[0]
    assert lineproof("verify", "--tables").exit_code == 5
    assert lineproof("verify", "--tables", "--log-only").exit_code == 2


def test_rebuild_puts_altered_tables_right(project, lineproof):
    tamper(project, "UPDATE metric SET value = 0.99 WHERE name = 'auc'")
    tamper(project, "DELETE FROM edge")
    assert "tables rebuilt from" in lineproof("rebuild").stdout
    assert lineproof("verify").exit_code == 0
    assert json.loads(lineproof("rebuild", "--json").stdout)["entries"] > 10


def test_the_version_is_told(lineproof):
    assert re.fullmatch(r"lineproof \d+\.\d+\.\d+\S*\n", lineproof("--version").stdout)


@pytest.mark.parametrize("command", ["init", "run", "log", "events", "show", "trace", "verify", "rebuild"])
def test_every_command_helps_with_examples_and_takes_json(lineproof, command):
    out = lineproof(command, "--help").stdout
    assert "Examples:" in out
    assert f"lineproof {command}" in out
    assert "--json" in out


def test_help_loads_nothing_that_a_command_needs():
    program = (
        "import sys; sys.argv = ['lineproof', '--help']\n"
        "from lineproof.cli import main\n"
        "try: main()\nfinally:\n"
        "  print([m for m in ('sqlalchemy', 'alembic', 'cryptography', 'msgspec') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True).stdout
    assert out.endswith("[]\n")
