"""What the entries about keys and principals project."""

from __future__ import annotations

import msgspec

from lineproof.model.entries import EntryType, Grant, KeyAdded
from lineproof.store.project.rows import Rows

__all__ = ["project_grant", "project_key"]


def project_grant(entry: int, payload: bytes, rows: Rows) -> None:
    """Add who stands behind a principal reference."""
    grant = msgspec.json.decode(payload, type=Grant)
    rows.add("principal", grant.principal, grant.kind, grant.name, grant.auth_method.value, entry)
    rows.activity(entry, EntryType.GRANT, f"{grant.kind} {grant.name} known", time=grant.time)


def project_key(entry: int, payload: bytes, rows: Rows) -> None:
    """Add the line that says which key signs from here on."""
    added = msgspec.json.decode(payload, type=KeyAdded)
    name = added.verifier_key.partition("+")[0]
    rows.activity(entry, EntryType.KEY, f"{added.use} key {name}", time=added.time)
