"""A commitment binds a payload and tells nothing about it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import CommitmentError
from lineproof.ledger import commit, new_salt, verify_commitment

SALTS = st.binary(min_size=32, max_size=32)


def test_the_commitment_is_hmac_sha256_with_the_salt_as_key():
    salt, payload = bytes(range(32)), b'{"eventType":"START"}'
    assert commit(salt, payload) == hmac.new(salt, payload, hashlib.sha256).hexdigest()


@given(SALTS, st.binary())
def test_the_committed_payload_is_accepted(salt, payload):
    verify_commitment(commit(salt, payload), salt, payload)


@given(SALTS, st.binary(), st.binary(), SALTS)
def test_another_payload_or_salt_is_refused(salt, payload, other, other_salt):
    commitment = commit(salt, payload)
    for tried_salt, tried in [(salt, other), (other_salt, payload)]:
        if (tried_salt, tried) != (salt, payload):
            with pytest.raises(CommitmentError):
                verify_commitment(commitment, tried_salt, tried)


def test_salts_are_fresh_and_have_32_bytes():
    salts = {new_salt() for _ in range(100)}
    assert len(salts) == 100
    assert {len(salt) for salt in salts} == {32}


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33), "0" * 32, None])
def test_a_salt_of_another_length_is_refused(salt):
    with pytest.raises(CommitmentError):
        commit(salt, b"payload")


@pytest.mark.parametrize("commitment", ["", None, b"", "é" * 64, "0" * 63])
def test_what_is_no_commitment_is_refused(commitment):
    with pytest.raises(CommitmentError):
        verify_commitment(commitment, bytes(32), b"payload")


def test_an_upper_case_commitment_is_refused():
    with pytest.raises(CommitmentError):
        verify_commitment(commit(bytes(32), b"payload").upper(), bytes(32), b"payload")


@pytest.mark.parametrize("payload", [None, "payload", 7])
def test_a_payload_that_is_not_bytes_is_refused(payload):
    with pytest.raises(CommitmentError):
        verify_commitment(commit(bytes(32), b"payload"), bytes(32), payload)
