"""The proof of one entry as a file of its own, C2SP tlog-proof, with what it takes to hash the entry."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from lineproof.errors import CommitmentError, LeafError, NoteError, ProofError, UsageError
from lineproof.ledger import (
    EntryProof,
    Leaf,
    VerifierKey,
    check_extends,
    decode_leaf,
    inclusion_proof,
    open_checkpoint,
    origin_of,
    verify_commitment,
)
from lineproof.store.database import Session
from lineproof.store.hashes import read_head
from lineproof.store.keyring import StatedKey, chain_of, stated_keys
from lineproof.store.verify.report import Failure, Findings, ScopeCovered, VerifyReport

__all__ = ["ProvedEntry", "prove_entry", "verify_entry_proof"]

_LEAF_ONLY = "the payload is not in the file: what the entry says was not checked"


class ProvedEntry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The extra data of our proofs, as JSON.

    Attributes:
        leaf: The bytes that are hashed, which are ASCII.
        salt: Of the commitment, in base64, and
        payload: what it commits to; both None when the payload is left out or destroyed.
        keys: Of a log whose key was rotated: its keys in order, each with the endorsement by the one before, so
            that whoever has an old one can follow them.
    """

    leaf: str
    salt: bytes | None = None
    payload: bytes | None = None
    keys: tuple[StatedKey, ...] = ()


def prove_entry(
    connection: Session,
    number: int,
    *,
    payload: bool = False,
    cosigned: str | None = None,
    keys: Sequence[VerifierKey] = (),
) -> str:
    """Give the text of a `.tlog-proof` file for one entry.

    Args:
        connection: Snapshot of the ledger.
        number: The entry.
        payload: Put its payload into the file as well.
        cosigned: An earlier checkpoint to lead to, which witnesses have cosigned; the present one when left out.
        keys: Those that have signed for the log, when it is given.

    Raises:
        UsageError: There is no such entry, or its payload is destroyed; or it came after that checkpoint.
        NoteError: None of the keys signed that checkpoint.
        ForkError: The log does not hold what that checkpoint says.
    """
    head = read_head(connection)
    row = connection.execute(
        "SELECT leaf, salt, body FROM entry LEFT JOIN payload USING (seq) WHERE seq = ?", (number,)
    ).fetchone()
    if row is None or not 0 <= number < head.size:
        raise UsageError(f"no entry {number}", f"entries are numbered 0 to {head.size - 1}")
    size, checkpoint = head.size, head.checkpoint
    if cosigned is not None:
        earlier = open_checkpoint(cosigned, keys)
        check_extends(earlier, open_checkpoint(head.checkpoint, keys), head.source)
        if number >= earlier.size:
            raise UsageError(f"entry {number} came after that checkpoint", "let a later one be cosigned")
        size, checkpoint = earlier.size, cosigned
    leaf, salt, body = row
    if payload and body is None:
        raise UsageError(f"the payload of entry {number} is destroyed", "leave --with-payload out")
    stated = tuple(stated_keys(connection))
    salt, body = (salt, body) if payload else (None, None)
    extra = ProvedEntry(leaf.decode(), salt, body, keys=stated if len(stated) > 1 else ())
    proof = EntryProof(
        index=number,
        hashes=tuple(inclusion_proof(number, size, head.source)),
        checkpoint=checkpoint,
        extra=msgspec.json.encode(extra),
    )
    return proof.text()


def verify_entry_proof(text: str, keys: Sequence[VerifierKey]) -> VerifyReport:
    """Check a `.tlog-proof` file of an entry: leaf, proof, signed checkpoint, payload where it is there.

    Raises:
        ProofError: The text is no such proof.
    """
    proof, findings = EntryProof.parse(text), Findings()
    try:
        extra = msgspec.json.decode(proof.extra, type=ProvedEntry)
        data = extra.leaf.encode()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ProofError("the proof does not carry the leaf of an entry of lineproof") from error
    try:
        # Of the keys in the file nothing is believed that a trusted one has not signed for.
        checkpoint = proof.verify(data, [chain_of(extra.keys, key)[-1] for key in keys])
        leaf = decode_leaf(data)
        if origin_of(leaf.ledger) != checkpoint.origin:
            _fail(findings, proof.index, "leaf", "ledger", checkpoint.origin, leaf.ledger)
        _check_payload(extra, leaf, proof.index, findings)
    except NoteError as error:
        _fail(findings, proof.index, "checkpoint", "signature", "signed by a trusted key", str(error))
    except (ProofError, LeafError) as error:
        _fail(findings, proof.index, "leaf", None, "a leaf under the signed root", str(error))
    return VerifyReport(
        ok=not findings.count,
        scope=ScopeCovered(log=True, payloads=extra.payload is not None, tables=False),
        checked=int(not findings.count),
        total=1,
        rows_checked=0,
        failures=findings.failures,
        failure_count=findings.count,
        checkpoint=proof.checkpoint,
        warnings=[] if extra.payload is not None else [_LEAF_ONLY],
    )


def _check_payload(extra: ProvedEntry, leaf: Leaf, number: int, findings: Findings) -> None:
    if extra.payload is None and extra.salt is None:
        return
    with suppress(CommitmentError):
        verify_commitment(leaf.commitment, extra.salt or b"", extra.payload or b"")
        if leaf.size == len(extra.payload or b""):
            return
    expected = f"commitment {leaf.commitment}"
    _fail(findings, number, "payload", "body", expected, "another payload or salt")


def _fail(findings: Findings, number: int, kind: str, field: str | None, expected: str, found: str) -> None:
    findings.add(Failure(kind=kind, entry=number, field=field, expected=expected, found=found))
