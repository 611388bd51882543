"""Promises about handing out the log: commands, their output and their exit codes."""

from __future__ import annotations

import json
import shutil

KEY = ".lineproof/keys/ledger.vkey"


def test_what_is_exported_is_verified_elsewhere_with_the_key_alone(project, lineproof, tmp_path_factory):
    exported = lineproof("ledger", "export", "published", "--with-payloads", "--json")
    assert exported.exit_code == 0
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(project / KEY, elsewhere)
    packed = shutil.make_archive(str(elsewhere / "bundle"), "zip", project / "published")
    shutil.rmtree(project / ".lineproof")
    for what in (project / "published", packed):
        checked = lineproof("verify", what, "--key", elsewhere / "ledger.vkey", "--json")
        report = json.loads(checked.stdout)
        assert checked.exit_code == 0
        assert report["checked"] == report["total"] == json.loads(exported.stdout)["size"]
        assert report["scope"]["payloads"]


def test_an_altered_export_exits_with_5_and_names_the_entry(project, lineproof):
    lineproof("ledger", "export", "published")
    (bundle,) = (project / "published/tile/entries/000.p").iterdir()
    bundle.write_bytes(bundle.read_bytes().replace(b'"type":"decision"', b'"type":"incident"', 1))
    checked = lineproof("verify", "published", "--key", KEY)
    assert checked.exit_code == 5
    assert "leaf  entry:" in checked.stdout


def test_the_proof_of_an_entry_is_verified_with_the_key(project, lineproof):
    assert lineproof("ledger", "proof", "entry:1", "-o", "one.tlog-proof", "--with-payload").exit_code == 0
    checked = lineproof("verify", "one.tlog-proof", "--key", KEY)
    assert checked.exit_code == 0
    assert "1 entry (leaf and payload)" in checked.stdout
    assert lineproof("verify", "one.tlog-proof").exit_code == 2
    assert lineproof("ledger", "proof", "entry:1").stdout.startswith("c2sp.org/tlog-proof@v1\n")


def test_what_is_no_entry_has_no_proof(project, lineproof):
    assert lineproof("ledger", "proof", "entry:999999").exit_code == 2
    assert lineproof("ledger", "proof", "dataset:raw.csv").exit_code == 2


def test_verify_goes_on_from_the_checkpoint_of_an_export(project, lineproof):
    lineproof("ledger", "export", "published")
    size = int((project / "published/checkpoint").read_text().split("\n")[1])
    lineproof("system", "set", "credit", "--owner", "Ada")
    for since in ("published/checkpoint", size, f"entry:{size}"):
        checked = lineproof("verify", "--since", since, "--json")
        report = json.loads(checked.stdout)
        assert checked.exit_code == 0
        assert report["scope"] == {"log": True, "payloads": True, "tables": False, "since": f"entry:{size}"}
        assert report["checked"] == report["total"] - size
    for wrong in (("nowhere",), ("99999",), ("1", "--tables"), ("1", "--record")):
        assert lineproof("verify", "--since", *wrong).exit_code == 2


def test_a_new_key_is_told_by_its_fingerprint(project, lineproof):
    (project / "old.vkey").write_text((project / KEY).read_text())
    rotated = lineproof("ledger", "rotate-key", "--reason", "yearly", "--json")
    assert rotated.exit_code == 0
    assert json.loads(rotated.stdout)["verifier_key"] == (project / KEY).read_text().strip()
    assert lineproof("verify").exit_code == 0
    lineproof("ledger", "export", "published")
    assert lineproof("verify", "published", "--key", "old.vkey").exit_code == 0
