"""Who may state what: people's statements become entries, and four eyes are kept."""

from __future__ import annotations

from lineproof.access.approvals import approve
from lineproof.access.decisions import decide
from lineproof.access.deidentification import approve_deidentification
from lineproof.access.deployments import deploy
from lineproof.access.documents import add_document
from lineproof.access.guarded import note_access
from lineproof.access.holds import add_hold, holds, release_hold
from lineproof.access.retention import RetentionRun, run_retention
from lineproof.access.shredding import Shredding, link, shred
from lineproof.access.sources import set_source
from lineproof.access.state import state
from lineproof.access.tags import add_tags, confirm_tags, reject_tags

__all__ = [
    "RetentionRun",
    "Shredding",
    "add_document",
    "add_hold",
    "add_tags",
    "approve",
    "approve_deidentification",
    "confirm_tags",
    "decide",
    "deploy",
    "holds",
    "link",
    "note_access",
    "reject_tags",
    "release_hold",
    "run_retention",
    "set_source",
    "shred",
    "state",
]
