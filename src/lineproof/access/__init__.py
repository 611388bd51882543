"""Who may state what: people's statements become entries, and four eyes are kept."""

from __future__ import annotations

from lineproof.access.approvals import approve
from lineproof.access.deidentification import approve_deidentification
from lineproof.access.deployments import deploy
from lineproof.access.documents import add_document
from lineproof.access.guarded import note_access
from lineproof.access.sources import set_source
from lineproof.access.state import state
from lineproof.access.tags import add_tags, confirm_tags, reject_tags

__all__ = [
    "add_document",
    "add_tags",
    "approve",
    "approve_deidentification",
    "confirm_tags",
    "deploy",
    "note_access",
    "reject_tags",
    "set_source",
    "state",
]
