"""Gathers the evidence for a report from a ledger: leaves, payloads, salts, proofs, checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from lineproof.ledger import TILE_WIDTH, HashSource, VerifierKey, inclusion_proof, tile_source
from lineproof.model.entries import EntryType
from lineproof.reports.evidence import CitedEntry, Evidence, LeftOut, to_base64
from lineproof.store.keyring import StatedKey
from lineproof.store.schema import entry, head, payload, tile

__all__ = ["LARGEST_PAYLOAD", "MOST_EVIDENCE", "gather"]

LARGEST_PAYLOAD = 64 << 10  # bytes; a larger one is left out
MOST_EVIDENCE = 3 << 20  # bytes of the whole block, about; payloads beyond it are left out
_BATCH = 500


def gather(
    connection: Connection,
    numbers: Collection[int],
    *,
    key: VerifierKey,
    report: int,
    stated: Sequence[StatedKey] = (),
) -> Evidence:
    """Give the evidence for some entries, at the checkpoint that the snapshot holds.

    Args:
        connection: Snapshot of the ledger's tables.
        numbers: The entries cited.
        key: What the checkpoint was signed with.
        report: The entry that records the report; its payload is always part of the evidence.
        stated: The keys that the log names.
    """
    top = connection.execute(select(head)).one()
    source = _hashes(connection, top)
    rows = list(_rows(connection, {*numbers, report}))
    proofs = {
        row.seq: tuple(to_base64(one) for one in inclusion_proof(row.seq, top.size, source)) for row in rows
    }
    room = MOST_EVIDENCE - sum(len(row.leaf) + 48 * len(proofs[row.seq]) + 160 for row in rows)
    kept = _within(rows, room, report)
    return Evidence(
        v=1,
        key=str(key),
        checkpoint=top.checkpoint,
        report=report,
        entries=tuple(_cited(row, proofs[row.seq], row.seq in kept) for row in rows),
        keys=_up_to(key, stated),
    )


def _up_to(key: VerifierKey, stated: Sequence[StatedKey]) -> tuple[StatedKey, ...]:
    names = [one.key for one in stated]
    last = names.index(str(key)) if str(key) in names else 0
    return tuple(stated[: last + 1]) if last else ()


def _rows(connection: Connection, numbers: Collection[int]) -> Iterator[Any]:
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _BATCH):
        query = (
            select(entry.c.seq, entry.c.type, entry.c.leaf, payload.c.salt, payload.c.body)
            .outerjoin(payload, payload.c.seq == entry.c.seq)
            .where(entry.c.seq.in_(ordered[start : start + _BATCH]))
            .order_by(entry.c.seq)
        )
        yield from connection.execute(query)


def _within(rows: list[Any], room: int, report: int) -> set[int]:
    """Choose the payloads that fit: the report's own first, then what people stated, small ones first."""
    kept = set()
    there = (row for row in rows if row.body is not None)
    for row in sorted(
        there, key=lambda row: (row.seq != report, row.type == EntryType.LINEAGE_EVENT, len(row.body))
    ):
        size = (len(row.body) + 2) // 3 * 4
        if row.seq == report or (len(row.body) <= LARGEST_PAYLOAD and size <= room):
            room -= size
            kept.add(row.seq)
    return kept


def _cited(row: Any, proof: tuple[str, ...], kept: bool) -> CitedEntry:
    leaf = row.leaf.decode("ascii", "replace")
    if row.body is None:
        return CitedEntry(row.seq, leaf, proof, left_out=LeftOut.DESTROYED)
    if not kept:
        return CitedEntry(row.seq, leaf, proof, left_out=LeftOut.SIZE)
    return CitedEntry(row.seq, leaf, proof, salt=to_base64(row.salt), payload=to_base64(row.body))


def _hashes(connection: Connection, top: Any) -> HashSource:
    @cache
    def read(level: int, index: int) -> bytes:
        if level == 0 and index == top.size // TILE_WIDTH:
            return bytes(top.leaves)
        query = select(tile.c.hashes).where(tile.c.level == level, tile.c.idx == index)
        return bytes(connection.scalar(query) or b"")

    return cache(tile_source(read))
