"""From an entry to the rows it projects: a pure function, so that tables can be rebuilt and checked.

One file for each family of entry types; a new type needs its function in `_PROJECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lineproof.model.entries import EntryType
from lineproof.model.statements import STATEMENTS
from lineproof.store.project.decision import project_decision
from lineproof.store.project.lineage import project_lineage
from lineproof.store.project.nesting import DEEPEST, nests_too_deep
from lineproof.store.project.prediction import project_segment
from lineproof.store.project.principal import project_grant, project_key
from lineproof.store.project.rows import UNVERSIONED, Rows, version_node
from lineproof.store.project.shred import project_shred
from lineproof.store.project.statement import projection_of

__all__ = ["UNVERSIONED", "Rows", "project", "version_node"]

_PROJECTIONS: dict[str, Callable[[int, bytes, Rows], None]] = {
    EntryType.LINEAGE_EVENT: project_lineage,
    EntryType.DECISION: project_decision,
    EntryType.PREDICTION_SEGMENT: project_segment,
    EntryType.GRANT: project_grant,
    EntryType.KEY: project_key,
    EntryType.SHRED: project_shred,
} | {type_: projection_of(type_) for type_ in STATEMENTS}


def project(entry: int, type_: str, payload: bytes, rows: Rows) -> None:
    """Add the rows of one entry to `rows`.

    A payload that is not of its type's form projects one line of activity that says so: the entry
    is kept as received, and nothing a sender writes can stop the log.
    """
    projection = _PROJECTIONS.get(type_)
    if projection is None:
        rows.activity(entry, type_, type_)
        return
    unreadable = f"kept as received, not readable as {type_}"
    if nests_too_deep(payload):
        rows.activity(entry, type_, f"{unreadable}: it nests deeper than {DEEPEST} levels")
        return
    try:
        projection(entry, payload, rows)
    except (msgspec.DecodeError, UnicodeError) as error:
        rows.activity(entry, type_, f"{unreadable}: {type(error).__name__}")
