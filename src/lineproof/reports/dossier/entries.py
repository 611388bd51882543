"""The entries that a document cites, each with its line."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import select

from lineproof.graph.facts import batches
from lineproof.reports.document import Cell, Section, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, moment, prose, table
from lineproof.store.schema import activity, entry, payload, tombstone

__all__ = ["entries"]

_SAID = (
    "Every statement of this dossier that names an entry rests on it. The file holds the leaf of each, the proof "
    "that the log contains it, and its payload unless that was destroyed or is too large."
)


class _Leaf(msgspec.Struct):
    type: str
    recorded: str
    principal: str


def entries(about: Material, cited: Collection[int]) -> Section:
    """Tell what the cited entries are."""
    rows = []
    for piece in batches(cited):
        query = (
            select(
                entry.c.seq,
                entry.c.leaf,
                activity.c.summary,
                payload.c.body.is_(None),
                tombstone.c.destroyed_by,
            )
            .outerjoin(activity, activity.c.entry == entry.c.seq)
            .outerjoin(payload, payload.c.seq == entry.c.seq)
            .outerjoin(tombstone, tombstone.c.entry == entry.c.seq)
            .where(entry.c.seq.in_(piece))
            .order_by(entry.c.seq)
        )
        for number, data, summary, gone, by in about.connection.execute(query):
            leaf = msgspec.json.decode(data, type=_Leaf)
            rows.append(
                cells(
                    cell(f"entry:{number}", number),
                    leaf.type,
                    moment(leaf.recorded),
                    str(about.who(leaf.principal)),
                    _said(summary, gone, by),
                )
            )
    head = ("entry", "type", "recorded", "by", "what it says")
    blocks = (prose(_SAID), table("entries", "Entries in the order of the log", head, rows))
    return Section("cited", "Cited entries", blocks)


def _said(summary: str | None, gone: bool, by: int | None) -> Cell:
    if gone:
        return cell(f"its payload was destroyed by entry:{by}", tone=Tone.OPEN)
    return cell(summary or "")
