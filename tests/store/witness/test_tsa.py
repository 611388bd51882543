"""Promises about time-stamping authorities: their tokens are checked without them, and find what witnesses find."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
from store_case import many

from lineproof.errors import ForkError, WitnessError
from lineproof.store import Ledger
from lineproof.store.witness.hand import add_witness, hand_over
from lineproof.store.witness.tsa import Token, check_token


@pytest.fixture
def stamped(ledger, authority, tmp_path):
    """A ledger with a backup of each size that an authority stamped."""
    add_witness(
        ledger,
        "tsa",
        authority.url,
        certificate=authority.root.read_text(),
        tokens=str(tmp_path / "tokens.jsonl"),
    )
    shutil.copytree(ledger.folder, tmp_path / "backup")
    ledger.append(many(10))
    hand_over(ledger)
    ledger.append(many(3))
    return ledger


def restored(ledger, backup, items=()):
    shutil.rmtree(ledger.folder)
    shutil.copytree(backup, ledger.folder)
    twin = Ledger.open(ledger.folder)
    twin.append(list(items))
    return twin


@pytest.fixture
def another_reader(monkeypatch, tmp_path):
    """Somebody who sees the ledger for the first time."""
    return lambda: monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another reader"))


def test_tokens_are_checked_without_the_authority(stamped, authority, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("nobody is asked"))
    report = stamped.verify()
    assert report.ok
    assert report.warnings == []


def test_what_a_token_says_is_in_the_log_too(stamped, authority):
    entry = json.loads(list(stamped.entries())[-4].payload)
    time, token = entry["receipt"].split(" ")
    assert check_token(Token(entry["checkpoint"], token), authority.root.read_text()) == time


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("items", "kind"),
    [((), "rollback"), (many(30), "fork")],
    ids=["rolled-back", "rewritten-with-the-right-key"],
)
def test_a_log_that_lost_or_rewrote_what_was_stamped_is_found(stamped, tmp_path, another_reader, items, kind):
    twin = restored(stamped, tmp_path / "backup", items)
    another_reader()
    failures = twin.verify().failures
    assert failures[0].kind == kind
    assert "\n14\n" in failures[0].expected
    if kind == "fork":
        with pytest.raises(ForkError):
            hand_over(twin)


@pytest.mark.parametrize("part", ["checkpoint", "token"])
def test_an_altered_line_of_the_tokens_is_damage_and_no_testimony(stamped, tmp_path, part):
    path = tmp_path / "tokens.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    altered = lines[1][part]
    lines[1][part] = (
        altered.replace("\n14\n", "\n13\n") if part == "checkpoint" else altered[:-30] + altered[-29:] + "A"
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = [(one.kind, one.found) for one in stamped.verify().failures]
    assert ("witness", "the witness does not keep it any more") in found
    assert any("does not hold" in text for _, text in found)


def test_another_authority_is_not_believed(stamped, authority, tmp_path):
    (tmp_path / "other").mkdir()
    authority.certificates(tmp_path / "other")
    line = json.loads((tmp_path / "tokens.jsonl").read_text().splitlines()[0])
    with pytest.raises(WitnessError, match="no time stamp"):
        check_token(Token(**line), (tmp_path / "other" / "root.pem").read_text())


def test_without_its_certificate_it_is_not_added(ledger, authority):
    with pytest.raises(WitnessError, match="certificate"):
        add_witness(ledger, "tsa", authority.url)


def test_an_authority_that_does_not_answer_records_nothing(ledger, authority, tmp_path):
    before = ledger.size()
    with pytest.raises(WitnessError, match="does not answer"):
        add_witness(
            ledger,
            "tsa",
            "http://127.0.0.1:9/",
            certificate=authority.root.read_text(),
            tokens=str(tmp_path / "tokens.jsonl"),
        )
    assert ledger.size() == before


def test_where_nothing_can_check_tokens_they_are_not_said_to_be_damaged(stamped, monkeypatch):
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    report = stamped.verify()
    assert report.ok
    assert any("rfc3161-client" in warning for warning in report.warnings)
