"""`lineproof backup`, `restore` and `objects` as they are typed."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def project(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINEPROOF_")}

    def lineproof(*words, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "lineproof.cli", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    lineproof("init")
    return lineproof


def test_backup_and_restore(project, tmp_path):
    made = json.loads(project("backup", "copies", "--with-keys", "--json"))
    done = json.loads(project("restore", "copies", "--into", "again/.lineproof", "--json"))
    assert done["ledger"] == made["ledger"]
    assert done["verified"]["ok"]
    refused = project("restore", "copies", "--json", code=1)
    assert json.loads(refused)["error"]["code"] == "LP-STORE-42"


def test_objects(project, tmp_path):
    from lineproof.store import Ledger

    digest = Ledger.open(tmp_path / ".lineproof").objects.put(b"nothing names it")
    assert json.loads(project("objects", "list", "--json"))["digest"] == digest
    assert json.loads(project("objects", "verify", "--json"))["ok"]
    assert json.loads(project("objects", "gc", "--json"))["young"] == [digest]
    assert json.loads(project("objects", "gc", "--grace-hours", "0", "--json"))["removed"] == [digest]
    again = Ledger.open(tmp_path / ".lineproof").objects
    again.path(again.put(b"x")).write_bytes(b"y")
    project("objects", "verify", "--json", code=5)
