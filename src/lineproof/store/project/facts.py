"""What the entries other than lineage events project."""

from __future__ import annotations

import msgspec

from lineproof.model.entries import Decision, EntryType, Grant, KeyAdded, PredictionSegment, Shred
from lineproof.model.identity import node_id
from lineproof.store.project.rows import Rows, version_node

__all__ = ["project_decision", "project_grant", "project_key", "project_segment", "project_shred"]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


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
    rows.add("activity", entry, EntryType.DECISION, made.time, made.run, None, None, summary)


def project_segment(entry: int, payload: bytes, rows: Rows) -> None:
    """Add one row per prediction."""
    segment = msgspec.json.decode(payload, type=PredictionSegment)
    model = 0
    if segment.model_version is not None:
        model = version_node(segment.model_namespace, segment.model_name, segment.model_version)
    for ordinal, identifier in enumerate(segment.ids):
        rows.add("prediction", model, identifier, segment.segment, ordinal, entry)
    summary = f"{len(segment.ids)} predictions of {segment.model_name}"
    rows.add(
        "activity",
        entry,
        EntryType.PREDICTION_SEGMENT,
        segment.time,
        segment.run,
        None,
        segment.model_name,
        summary,
    )


def project_grant(entry: int, payload: bytes, rows: Rows) -> None:
    """Add who stands behind a principal reference."""
    grant = msgspec.json.decode(payload, type=Grant)
    rows.add("principal", grant.principal, grant.kind, grant.name, grant.auth_method, entry)
    rows.add(
        "activity", entry, EntryType.GRANT, grant.time, None, None, None, f"{grant.kind} {grant.name} known"
    )


def project_key(entry: int, payload: bytes, rows: Rows) -> None:
    """Add the line that says which key signs from here on."""
    added = msgspec.json.decode(payload, type=KeyAdded)
    name = added.verifier_key.rpartition("+")[0]
    rows.add("activity", entry, EntryType.KEY, added.time, None, None, None, f"{added.use} key {name}")


def project_shred(entry: int, payload: bytes, rows: Rows) -> None:
    """Add the tombstone of the payload that was destroyed."""
    shred = msgspec.json.decode(payload, type=Shred)
    rows.add("tombstone", shred.entry, entry, shred.reason)
    rows.add(
        "activity",
        entry,
        EntryType.SHRED,
        shred.time,
        None,
        None,
        None,
        f"payload of entry {shred.entry} destroyed",
    )
