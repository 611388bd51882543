"""From an entry to the rows it projects: a pure function, so that tables can be rebuilt and checked."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lineproof.model.entries import EntryType
from lineproof.store.project.facts import (
    project_decision,
    project_grant,
    project_key,
    project_segment,
    project_shred,
)
from lineproof.store.project.lineage import project_lineage
from lineproof.store.project.rows import UNVERSIONED, Rows, version_node

__all__ = ["UNVERSIONED", "Rows", "project", "version_node"]

_PROJECTIONS: dict[str, Callable[[int, bytes, Rows], None]] = {
    EntryType.LINEAGE_EVENT: project_lineage,
    EntryType.DECISION: project_decision,
    EntryType.PREDICTION_SEGMENT: project_segment,
    EntryType.GRANT: project_grant,
    EntryType.KEY: project_key,
    EntryType.SHRED: project_shred,
}


def project(entry: int, type_: str, payload: bytes, rows: Rows) -> None:
    """Add the rows of one entry to `rows`.

    A payload that is not of its type's form projects one line of activity that says so: the entry
    is kept as received, and nothing a sender writes can stop the log.
    """
    projection = _PROJECTIONS.get(type_)
    if projection is None:
        rows.add("activity", entry, type_, None, None, None, None, type_)
        return
    try:
        projection(entry, payload, rows)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        summary = f"kept as received, not readable as {type_}: {type(error).__name__}"
        rows.add("activity", entry, type_, None, None, None, None, summary)
