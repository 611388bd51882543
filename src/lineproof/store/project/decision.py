"""What a `decision` entry projects."""

from __future__ import annotations

import msgspec

from lineproof.model.entries import Decision, EntryType
from lineproof.model.identity import node_id
from lineproof.store.project.rows import Rows

__all__ = ["project_decision"]


def project_decision(entry: int, payload: bytes, rows: Rows) -> None:
    """Add what was decided."""
    made = msgspec.json.decode(payload, type=Decision)
    rows.add(
        "decision",
        made.decision,
        None if made.run is None else node_id("run", made.run),
        made.kind,
        _json(made.chosen),
        _json(made.candidates),
        made.reason,
        made.made_by,
        made.site,
        made.time,
        entry,
    )
    summary = f"{made.kind}: chose 1 of {len(made.candidates)}" if made.candidates else made.kind
    rows.activity(entry, EntryType.DECISION, summary, time=made.time, run=made.run)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
