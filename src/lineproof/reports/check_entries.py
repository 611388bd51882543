"""Checks the entries that a report cites: leaf, place in the log, payload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from lineproof.errors import CommitmentError, LeafError, VerificationError
from lineproof.ledger import (
    Checkpoint,
    Leaf,
    decode_leaf,
    leaf_hash,
    origin_of,
    verify_commitment,
    verify_inclusion,
)
from lineproof.reports.evidence import CitedEntry, from_base64
from lineproof.store.verify.report import Failure, Findings, shown

__all__ = ["Found", "Held", "check_entries"]

_Result = TypeVar("_Result")


class Held(msgspec.Struct, frozen=True):
    """An entry that holds. `payload` is None where it was left out."""

    leaf: Leaf
    payload: bytes | None


class Found:
    """Failures as they are found, with values cut to what a report can carry."""

    def __init__(self) -> None:
        self.findings = Findings()

    def fail(self, kind: str, *, expected: Any = None, found: Any = None, **where: Any) -> None:
        """Take one failure."""
        one, other = shown(expected, found)
        self.findings.add(Failure(kind=kind, expected=one, found=other, **where))

    def holds(self, check: Callable[[], _Result], kind: str, expected: str, **where: Any) -> _Result | None:
        """Give what a check gives; note a failure and give None when it does not hold."""
        try:
            return check()
        except VerificationError as error:
            self.fail(kind, expected=expected, found=error.message, **where)
            return None


def check_entries(
    entries: tuple[CitedEntry, ...], checkpoint: Checkpoint | None, found: Found
) -> dict[int, Held]:
    """Check every entry.

    Args:
        entries: As the file gives them.
        checkpoint: As signed; None when it does not hold: then no proof can, and none is checked.
        found: Takes what does not hold.

    Returns:
        The entries that hold, by number.
    """
    held: dict[int, Held] = {}
    before = -1
    for one in entries:
        if one.entry <= before:
            found.fail("entry", entry=one.entry, expected="entries in order", found="out of order, or twice")
        before = one.entry
        result = _check(one, checkpoint, found)
        if result is not None:
            held[one.entry] = result
    return held


def _check(one: CitedEntry, checkpoint: Checkpoint | None, found: Found) -> Held | None:
    # 1. The leaf is the canonical header of an entry of this log.
    # 2. It is in the tree under the signed root, at its number.
    # 3. The payload is the one it commits to.
    def leaf_() -> Leaf:
        leaf = decode_leaf(one.leaf.encode(errors="replace"))
        if checkpoint is not None and origin_of(leaf.ledger) != checkpoint.origin:
            raise LeafError(f"it is of the log {origin_of(leaf.ledger)}")
        return leaf

    leaf = found.holds(leaf_, "leaf", "the canonical header of an entry of this log", entry=one.entry)
    if leaf is None:
        return None
    if checkpoint is not None:
        expected = "leaf and proof lead to the signed root"
        if not found.holds(lambda: _include(one, checkpoint), "tree", expected, entry=one.entry):
            return None
    expected = f"the payload committed to as {leaf.commitment}"
    return found.holds(lambda: Held(leaf, _payload(one, leaf)), "payload", expected, entry=one.entry)


def _include(one: CitedEntry, checkpoint: Checkpoint) -> bool:
    proof = [from_base64(step) for step in one.proof]
    verify_inclusion(leaf_hash(one.leaf.encode()), one.entry, checkpoint.size, proof, checkpoint.root)
    return True


def _payload(one: CitedEntry, leaf: Leaf) -> bytes | None:
    if one.left_out is not None:
        if one.payload is not None or one.salt is not None:
            raise CommitmentError("a payload that is said to be left out")
        return None
    if one.payload is None or one.salt is None:
        raise CommitmentError("nothing, and no word why")
    payload = from_base64(one.payload)
    if len(payload) != leaf.size:
        raise CommitmentError(f"{len(payload)} bytes, where the leaf says {leaf.size}")
    verify_commitment(leaf.commitment, from_base64(one.salt), payload)
    return payload
