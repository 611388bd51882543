"""Promises about cosignatures: what a witness vouched for, and nothing else, is accepted."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineproof.errors import NoteError
from lineproof.ledger import (
    EMPTY_ROOT,
    Checkpoint,
    CosigningKey,
    SigningKey,
    WitnessKey,
    add_cosignature,
    demand_cosignatures,
    open_checkpoint,
    open_cosignatures,
    sign_checkpoint,
    split_note,
)

LOG = SigningKey.generate("log.example")
WITNESSES = [CosigningKey.generate(f"witness{number}.example") for number in range(3)]
KEYS = [one.verifier for one in WITNESSES]
PLAIN = sign_checkpoint(Checkpoint("log.example", 0, EMPTY_ROOT), LOG)
TEXT = split_note(PLAIN)[0]


def cosigned(*witnesses: CosigningKey, time: int = 1_700_000_000) -> str:
    note = PLAIN
    for one in witnesses:
        note = add_cosignature(note, one.cosign(TEXT, time))
    return note


def test_the_form_is_that_of_the_specification():
    line = WITNESSES[0].cosign(TEXT, 1_700_000_000)
    name, data = line.removeprefix("— ").split(" ")
    raw = base64.b64decode(data)
    public = KEYS[0].public
    assert name == "witness0.example"
    assert raw[:4] == hashlib.sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    assert int.from_bytes(raw[4:12], "big") == 1_700_000_000
    WITNESSES[0]._private.public_key().verify(raw[12:], f"cosignature/v1\ntime 1700000000\n{TEXT}".encode())


def test_n_of_m_known_witnesses_are_demanded():
    note = cosigned(*WITNESSES[:2])
    assert {one.witness for one in demand_cosignatures(note, KEYS, 2)} == set(KEYS[:2])
    with pytest.raises(NoteError, match="2 of 3 known witnesses"):
        demand_cosignatures(note, KEYS, 3)
    with pytest.raises(NoteError, match="0 of 1"):
        demand_cosignatures(note, KEYS[2:], 1)
    assert open_checkpoint(note, [LOG.verifier]).size == 0


def test_one_witness_counts_once_and_its_newest_time():
    note = add_cosignature(cosigned(WITNESSES[0]), WITNESSES[0].cosign(TEXT, 1_800_000_000))
    assert note.count("witness0.example") == 1
    (found,) = open_cosignatures(note, KEYS)
    assert found.time == 1_800_000_000


def test_a_log_cannot_be_its_own_witness():
    """Its signature is of another type, and says nothing about time."""
    with pytest.raises(NoteError):
        WitnessKey.parse(str(LOG.verifier))
    with pytest.raises(NoteError):
        SigningKey.parse(WITNESSES[0].export())


@given(at=st.integers(0, 10_000), value=st.integers(1, 255))
def test_a_note_changed_in_any_byte_is_not_cosigned(at, value):
    data = bytearray(cosigned(WITNESSES[0]).encode())
    cosignature = data.index("— witness0".encode())
    log_line = data.index("— log.example".encode())
    at %= len(data)
    if log_line <= at < cosignature:
        return  # the log's own signature is checked by `open_checkpoint`
    data[at] ^= value
    with pytest.raises(NoteError):
        demand_cosignatures(bytes(data), KEYS, 1)


@given(at=st.integers(0, 1000), value=st.integers(1, 0x7F))
def test_a_key_changed_in_any_byte_is_refused(at, value):
    for text, parse in ((str(KEYS[0]), WitnessKey.parse), (WITNESSES[0].export(), CosigningKey.parse)):
        place = at % len(text)
        with pytest.raises(NoteError):
            parse(text[:place] + chr(ord(text[place]) ^ value) + text[place + 1 :])


def test_private_keys_do_not_show_and_come_back():
    assert WITNESSES[0].export() not in repr(WITNESSES[0])
    assert CosigningKey.parse(WITNESSES[0].export() + "\n").verifier == KEYS[0]
