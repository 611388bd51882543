"""The parsers that read what strangers write, each with what it may raise and real input."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lineproof.errors import LeafError, NoteError, ProofError, TileError
from lineproof.ledger import (
    EMPTY_ROOT,
    Checkpoint,
    CosigningKey,
    EntryProof,
    SigningKey,
    VerifierKey,
    WitnessKey,
    add_cosignature,
    decode_bundle,
    decode_leaf,
    demand_cosignatures,
    encode_bundle,
    leaf_hash,
    open_checkpoint,
    sign_checkpoint,
    split_note,
)

__all__ = ["TARGETS", "Target"]

_KEY = SigningKey("log.example", bytes(range(32)))
_WITNESS = CosigningKey("witness.example", bytes(range(1, 33)))
_PLAIN = sign_checkpoint(Checkpoint("log.example", 0, EMPTY_ROOT), _KEY)
_NOTE = add_cosignature(_PLAIN, _WITNESS.cosign(split_note(_PLAIN)[0], 1_700_000_000))
_LEAF = (
    b'{"commitment":"' + b"0" * 64 + b'","id":"01990000-0000-7000-8000-000000000000",'
    b'"ledger":"01990000-0000-4000-8000-000000000000",'
    b'"principal":"principal:01990000-0000-4000-8000-000000000000",'
    b'"recorded":"2026-01-01T00:00:00.000000Z","size":3,"type":"decision","v":1}'
)
_PROOF = EntryProof(
    0, (), sign_checkpoint(Checkpoint("log.example", 1, leaf_hash(_LEAF)), _KEY), b"extra"
).text()


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


class Target(NamedTuple):
    """A parser: what it is called, may raise, is guided by, and starts from."""

    name: str
    call: Callable[[bytes], object]
    allowed: type[Exception]
    module: str
    corpus: tuple[bytes, ...]


TARGETS = [
    Target(
        "note", lambda data: open_checkpoint(data, [_KEY.verifier]), NoteError, "note.py", (_NOTE.encode(),)
    ),
    Target(
        "cosignatures",
        lambda data: demand_cosignatures(data, [_WITNESS.verifier], 1),
        NoteError,
        "cosignature.py",
        (_NOTE.encode(),),
    ),
    Target("key", _text(VerifierKey.parse), NoteError, "keyform.py", (str(_KEY.verifier).encode(),)),
    Target(
        "witness-key",
        _text(WitnessKey.parse),
        NoteError,
        "keyform.py",
        (str(_WITNESS.verifier).encode(),),
    ),
    Target("signing-key", _text(SigningKey.parse), NoteError, "keyform.py", (_KEY.export().encode(),)),
    Target("bundle", decode_bundle, TileError, "layout.py", (encode_bundle([_LEAF, b"", _LEAF]),)),
    Target("leaf", decode_leaf, LeafError, "leaf.py", (_LEAF,)),
    Target("proof", _text(EntryProof.parse), ProofError, "entry_proof.py", (_PROOF.encode(),)),
]
