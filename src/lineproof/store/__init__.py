"""The log as a database: tables, sequencer, projection, payloads, objects, verification."""

from lineproof.store.export import Exported, verify_entry_proof, verify_export
from lineproof.store.ledger import Entry, Ledger
from lineproof.store.location import find_folder
from lineproof.store.objects import ObjectStore
from lineproof.store.sequencer import Appended, NewEntry, SpoolProgress
from lineproof.store.verify import Failure, Scope, ScopeCovered, VerifyReport

__all__ = [
    "Appended",
    "Entry",
    "Exported",
    "Failure",
    "Ledger",
    "NewEntry",
    "ObjectStore",
    "Scope",
    "ScopeCovered",
    "SpoolProgress",
    "VerifyReport",
    "find_folder",
    "verify_entry_proof",
    "verify_export",
]
