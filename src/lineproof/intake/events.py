"""Events of other tools: keep what came, refuse only what no reader could ever use."""

from __future__ import annotations

import re

import msgspec

from lineproof.errors import EventError
from lineproof.model.entries import EntryType
from lineproof.store import Ledger, NewEntry

__all__ = ["DEEPEST", "LARGEST_BYTES", "record_event"]

LARGEST_BYTES = 64 << 20  # events of 23 MB are known in the wild
DEEPEST = 100  # levels of nesting; decoders fail at some thousands

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = re.compile(rb"[^][{}]+")


class _Kind(msgspec.Struct):
    """Events are told apart by their keys, never by their `schemaURL`."""

    run: msgspec.Raw = msgspec.Raw(b"")
    job: msgspec.Raw = msgspec.Raw(b"")
    dataset: msgspec.Raw = msgspec.Raw(b"")


def record_event(ledger: Ledger, raw: bytes) -> int:
    """Record one OpenLineage event exactly as received.

    Unknown facets, missing optional fields and schema addresses that lead nowhere are no reason to
    refuse it: what cannot be mapped is still on record.

    Args:
        ledger: Where to record it.
        raw: The bytes of one JSON object.

    Returns:
        The entry's number.

    Raises:
        EventError: Too large, too deeply nested, no JSON object, or no run, job or dataset in it.
    """
    # 1. Refuse by size, then by depth: both before anything decodes it.
    # 2. Refuse what is not a JSON object that speaks of a run, a job or a dataset.
    # 3. Append the bytes themselves.
    if len(raw) > LARGEST_BYTES:
        raise EventError(f"the event has {len(raw)} bytes; at most {LARGEST_BYTES} are taken")
    if _depth(raw) > DEEPEST:
        raise EventError(f"the event is nested more than {DEEPEST} levels deep")
    try:
        kind = msgspec.json.decode(raw, type=_Kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EventError(f"not a JSON object: {error}") from error
    if not (bytes(kind.run) or bytes(kind.job) or bytes(kind.dataset)):
        raise EventError("the event names no run, no job and no dataset")
    return ledger.append([NewEntry(type=EntryType.LINEAGE_EVENT, payload=raw)]).first


def _depth(raw: bytes) -> int:
    """Give how deep the brackets nest outside of strings; for what is not JSON, any number."""
    if raw.count(b"{") + raw.count(b"[") <= DEEPEST:
        return 0
    deepest = depth = 0
    for bracket in _NOT_BRACKETS.sub(b"", _STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
