"""Promises about the proof of one entry."""

from __future__ import annotations

import contextlib

import pytest
from store_case import everything, many

from lineproof.errors import ProofError, UsageError
from lineproof.ledger import SigningKey, VerifierKey
from lineproof.store import verify_entry_proof


@pytest.fixture
def key(ledger):
    return VerifierKey.parse((ledger.folder / "keys" / "ledger.vkey").read_text().strip())


@pytest.mark.parametrize("entry", [0, 1, 255, 256, 301])
def test_the_proof_of_any_entry_holds_without_the_ledger(ledger, key, entry):
    ledger.append(many(300))
    report = verify_entry_proof(ledger.prove(entry, payload=True), [key])
    assert report.ok, report.failures
    assert report.scope.payloads


def test_without_the_payload_the_outcome_says_so(ledger, key):
    report = verify_entry_proof(ledger.prove(1), [key])
    assert report.ok
    assert not report.scope.payloads
    assert "payload is not in the file" in report.warnings[0]


def test_any_byte_changed_is_noticed(ledger, key):
    ledger.append(everything())
    text = ledger.prove(4, payload=True)
    for at in range(0, len(text), 3):
        altered = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        with contextlib.suppress(ProofError):
            assert not verify_entry_proof(altered, [key]).ok


def test_the_proof_of_a_stranger_is_not_taken(ledger, key):
    report = verify_entry_proof(ledger.prove(0), [SigningKey.generate(key.name).verifier])
    assert not report.ok
    assert report.failures[0].kind == "checkpoint"


def test_a_destroyed_payload_is_in_no_proof(ledger, key):
    ledger.append(everything())
    ledger.destroy_payload(3, "asked for")
    with pytest.raises(UsageError, match="destroyed"):
        ledger.prove(3, payload=True)
    assert verify_entry_proof(ledger.prove(3), [key]).ok


def test_an_entry_that_is_not_there_has_no_proof(ledger):
    for number in (2, 99, -1):
        with pytest.raises(UsageError, match="no entry"):
            ledger.prove(number)
