"""Promises to a witness with a key of its own, and to who verifies with a policy of known witnesses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def witnesses(project, lineproof):
    """Keys of two witnesses, and the public one of the log, had by another way."""
    shutil.copy(".lineproof/keys/ledger.vkey", "log.vkey")
    return [lineproof("witness", "key", f"w{at}.example", f"w{at}.key").stdout.strip() for at in range(2)]


def test_exports_and_proofs_carry_cosignatures_and_are_verified_by_n_of_m(witnesses, lineproof):
    lineproof("ledger", "export", "published")
    for at in range(2):
        done = lineproof(
            "witness", "cosign", "published", "--key", f"w{at}.key", "--log", "log.vkey", "--json"
        )
        assert json.loads(done.stdout)["before"] is None
    assert lineproof("ledger", "export", "published").exit_code == 0  # keeps what witnesses wrote
    assert (
        lineproof("ledger", "proof", "entry:3", "--cosigned", "published", "-o", "entry.tlog-proof").exit_code
        == 0
    )
    both = ["--witness", witnesses[0], "--witness", witnesses[1]]
    for file in ("published", "entry.tlog-proof"):
        done = lineproof("verify", file, "--key", "log.vkey", *both)
        assert done.exit_code == 0, done.stdout
        assert "2 of 2 known witnesses: w0.example, w1.example" in done.stdout
    stranger = lineproof("witness", "key", "w2.example", "w2.key").stdout.strip()
    asked = ["verify", "published", "--key", "log.vkey", *both, "--witness", stranger]
    assert lineproof(*asked, "--quorum", 2).exit_code == 0
    done = lineproof(*asked, "--json")
    assert done.exit_code == 5
    assert json.loads(done.stdout)["failures"][-1]["kind"] == "witness"


def test_a_witness_cosigns_what_has_grown_and_nothing_that_was_rolled_back_or_forked(witnesses, lineproof):
    shutil.copytree(".lineproof", "backup")
    lineproof("ledger", "export", "published")
    lineproof("system", "set", "credit", "--owner", "Ada")
    lineproof("ledger", "rotate-key", "--reason", "yearly")
    lineproof("ledger", "export", "grown")
    cosign = ["--key", "w0.key"]
    assert lineproof("witness", "cosign", "published", *cosign).exit_code == 5  # the log is not known
    assert lineproof("witness", "cosign", "published", *cosign, "--log", "log.vkey").exit_code == 0
    assert "grown from" in lineproof("witness", "cosign", "grown", *cosign).stdout
    assert lineproof("verify", "grown", "--key", "log.vkey", "--witness", witnesses[0]).exit_code == 0
    before = Path("published/checkpoint").read_text()
    done = lineproof("witness", "cosign", "published", *cosign, "--json")
    assert (done.exit_code, json.loads(done.stderr)["error"]["code"]) == (5, "LP-LEDGER-06")
    assert Path("published/checkpoint").read_text() == before
    shutil.rmtree(".lineproof")
    shutil.copytree("backup", ".lineproof")
    for owner in ("Bob", "Cid", "Dan"):
        lineproof("system", "set", "credit", "--owner", owner)
    lineproof("ledger", "export", "forked")
    done = lineproof("witness", "cosign", "forked", *cosign, "--json")
    assert done.exit_code == 5
    assert json.loads(done.stderr)["error"]["code"] in ("LP-LEDGER-02", "LP-LEDGER-07")


def test_reports_and_proofs_of_a_rotated_log_are_verified_with_its_original_key(witnesses, lineproof):
    lineproof("ledger", "rotate-key", "--reason", "yearly")
    lineproof("ledger", "rotate-key", "--reason", "it leaked")
    assert lineproof("report", "model:credit", "-o", "dossier.html").exit_code == 0
    assert lineproof("ledger", "proof", "entry:3", "-o", "entry.tlog-proof").exit_code == 0
    for file in ("dossier.html", "entry.tlog-proof"):
        done = lineproof("verify", file, "--key", "log.vkey")
        assert done.exit_code == 0, done.stdout
    dossier = Path("dossier.html").read_text()
    place = dossier.index('"keys":[') + dossier[dossier.index('"keys":[') :].index("— lineproof.local/") + 80
    forged = "A" if dossier[place] != "A" else "B"
    Path("forged.html").write_text(dossier[:place] + forged + dossier[place + 1 :])
    for asked in (["--key", "log.vkey"], []):
        assert lineproof("verify", "forged.html", *asked).exit_code == 5
