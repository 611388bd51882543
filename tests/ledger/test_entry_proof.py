"""Promises about tlog-proof files: they prove what they say, and no byte of them can be another."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import NoteError, ProofError
from lineproof.ledger import (
    Checkpoint,
    EntryProof,
    Frontier,
    SigningKey,
    inclusion_proof,
    leaf_hash,
    leaf_source,
    sign_checkpoint,
)

KEY = SigningKey("example.com/log", bytes(32))
ENTRIES = [b"entry %d" % number for number in range(7)]


def proof(index: int, extra: bytes = b"") -> EntryProof:
    hashes = [leaf_hash(entry) for entry in ENTRIES]
    tree = Frontier()
    tree.extend(hashes)
    note = sign_checkpoint(Checkpoint(KEY.name, tree.size, tree.root()), KEY)
    return EntryProof(index, tuple(inclusion_proof(index, tree.size, leaf_source(hashes))), note, extra)


@pytest.mark.parametrize("index", range(7))
def test_a_proof_shows_its_entry_and_no_other(index):
    read = EntryProof.parse(proof(index, b"more").text())
    assert read == proof(index, b"more")
    assert read.verify(ENTRIES[index], [KEY.verifier]).size == 7
    for other in set(range(7)) - {index}:
        with pytest.raises(ProofError):
            read.verify(ENTRIES[other], [KEY.verifier])


def test_the_text_is_that_of_the_specification():
    lines = proof(2, b"more").text().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 2"]
    assert lines[6:8] == ["", "example.com/log"]


def test_a_proof_with_any_byte_changed_is_refused():
    text = proof(2).text().encode()
    for at in range(len(text)):
        for change in (1, 0x20):
            altered = text[:at] + bytes([text[at] ^ change]) + text[at + 1 :]
            with pytest.raises((ProofError, NoteError)):
                EntryProof.parse(altered.decode(errors="replace")).verify(ENTRIES[2], [KEY.verifier])


def test_a_proof_of_a_log_that_nobody_trusts_is_refused():
    stranger = SigningKey("example.com/log", bytes([1] * 32))
    with pytest.raises(NoteError):
        proof(0).verify(ENTRIES[0], [stranger.verifier])


@given(st.text(max_size=300))
def test_any_text_is_refused_or_a_proof_in_its_one_spelling(text):
    for candidate in (text, f"c2sp.org/tlog-proof@v1\nindex 0\n\n{text}"):
        with contextlib.suppress(ProofError):
            assert EntryProof.parse(candidate).text() == candidate
