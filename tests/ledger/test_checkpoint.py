"""A checkpoint says origin, size and root in one form, under the log's own key."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import NoteError
from lineproof.ledger import (
    EMPTY_ROOT,
    Checkpoint,
    SigningKey,
    VerifierKey,
    open_checkpoint,
    origin_of,
    sign_checkpoint,
    sign_note,
)

ORIGIN = origin_of("3f2b8a52-0c1d-4e5f-8a9b-0123456789ab")
KEY = SigningKey(ORIGIN, bytes(range(32)))
ROOT = sha256(b"root").digest()


def test_the_origin_of_a_ledger_names_it():
    assert ORIGIN == "lineproof.local/3f2b8a52-0c1d-4e5f-8a9b-0123456789ab"


def test_the_checkpoints_of_another_tool_open(vectors):
    folder = vectors / "merkle"
    notes = json.loads((folder / "signed_note_vectors.json").read_text())["vectors"]
    (key,) = [VerifierKey.parse(case["vkey"]) for case in notes if "note_files" in case]
    log = folder / "transparency-dev_tessera" / "testdata" / "log"
    for size in range(16):
        checkpoint = open_checkpoint((log / f"checkpoint.{size}").read_text(), [key])
        assert (checkpoint.origin, checkpoint.size) == (key.name, size)
    assert open_checkpoint((log / "checkpoint").read_text(), [key]).size == 15


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_reads_back(size, root):
    checkpoint = Checkpoint(ORIGIN, size, root)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint
    assert open_checkpoint(sign_checkpoint(checkpoint, KEY), [KEY.verifier]) == checkpoint


def test_the_empty_log_has_a_checkpoint():
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(empty, KEY), [KEY.verifier]) == empty


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint(ORIGIN, -1, ROOT),
        Checkpoint(ORIGIN, 2**63, ROOT),
        Checkpoint(ORIGIN, 7, ROOT[:31]),
        Checkpoint(ORIGIN, 0, ROOT),
        Checkpoint("", 7, ROOT),
        Checkpoint("two\nlines", 7, ROOT),
    ],
)
def test_what_cannot_be_a_checkpoint_is_not_written(checkpoint):
    with pytest.raises(NoteError):
        checkpoint.text()


ENCODED = Checkpoint(ORIGIN, 7, ROOT).text().split("\n")[2]


@pytest.mark.parametrize(
    "body",
    [
        "",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n7\n{ENCODED}",
        f"{ORIGIN}\n7\n{ENCODED}\nextension\n",
        f"{ORIGIN}\n07\n{ENCODED}\n",
        f"{ORIGIN}\n+7\n{ENCODED}\n",
        f"{ORIGIN}\n-7\n{ENCODED}\n",
        f"{ORIGIN}\n7 \n{ENCODED}\n",
        f"{ORIGIN}\n\u0667\n{ENCODED}\n",  # an Arabic digit is a digit to Python
        f"{ORIGIN}\n{2**63}\n{ENCODED}\n",
        f"{ORIGIN}\n{10**30}\n{ENCODED}\n",
        f"{ORIGIN}\n0\n{ENCODED}\n",
        f"{ORIGIN}\n7\n{ENCODED[:-1]}\n",
        f"{ORIGIN}\n7\n{ENCODED[:-5]}=\n",
        f"{ORIGIN}\n7\n{ENCODED[:-2]}{chr(ord(ENCODED[-2]) + 1)}=\n",
        f"{ORIGIN}\n7\n{ENCODED}{ENCODED}\n",
        f"\n7\n{ENCODED}\n",
    ],
)
def test_another_form_is_refused_even_when_signed(body):
    with pytest.raises(NoteError):
        Checkpoint.parse(body)
    if body.endswith("\n"):
        with pytest.raises(NoteError):
            open_checkpoint(sign_note(body, [KEY]), [KEY.verifier])


def test_a_key_signs_for_its_own_log_only():
    stranger = SigningKey("elsewhere.example", bytes(range(32)))
    with pytest.raises(NoteError):
        sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), stranger)
    with pytest.raises(NoteError, match="no trusted key of the log"):
        open_checkpoint(sign_note(Checkpoint(ORIGIN, 7, ROOT).text(), [stranger]), [stranger.verifier])


def test_a_checkpoint_with_a_cosignature_opens():
    witness = SigningKey("witness.example", bytes(range(1, 33)))
    checkpoint = Checkpoint(ORIGIN, 7, ROOT)
    note = sign_note(checkpoint.text(), [KEY, witness])
    assert open_checkpoint(note, [KEY.verifier]) == checkpoint
    assert open_checkpoint(note, [witness.verifier, KEY.verifier]) == checkpoint
