"""Promises about parsers of what strangers write: whatever it is, they raise what they document, or read it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineproof.errors import NoteError, ProofError

HERE = Path(__file__).parent
for _name in ("fuzzing", "targets"):
    _spec = importlib.util.spec_from_file_location(_name, HERE / f"{_name}.py")
    sys.modules[_name] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_name])
fuzz = sys.modules["fuzzing"].fuzz
TARGETS = sys.modules["targets"].TARGETS
ROUNDS = 800


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_parser_raises_only_what_it_documents(target):
    reached = fuzz(target.call, target.allowed, target.corpus, module=target.module, rounds=ROUNDS)
    assert reached > 5, "the search sees the parser's lines"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_is_real_is_read(target):
    for data in target.corpus:
        target.call(data)


@settings(max_examples=200)
@given(at=st.integers(0, 5000), value=st.integers(1, 255))
def test_a_proof_mutated_in_any_byte_is_refused(at, value):
    target = next(one for one in TARGETS if one.name == "proof")
    key, leaf = sys.modules["targets"]._KEY, sys.modules["targets"]._LEAF
    data = bytearray(target.corpus[0])
    extra = data.index(b"extra "), data.index(b"\nindex")
    at %= len(data)
    if extra[0] <= at < extra[1]:
        return  # what the application adds is not proved by being there
    data[at] ^= value
    with pytest.raises((ProofError, NoteError)):
        target.call(bytes(data)).verify(leaf, [key.verifier])
