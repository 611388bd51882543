"""The log as a database: tables, sequencer, projection, payloads, objects, verification."""

from lineproof.store.database.address import is_address
from lineproof.store.export import Exported, verify_entry_proof, verify_export
from lineproof.store.holds import Holds, held
from lineproof.store.ledger import Entry, Ledger
from lineproof.store.location import find_folder
from lineproof.store.objects import LocalObjects, Objects
from lineproof.store.rotate import Rotated
from lineproof.store.sequencer import Appended, NewEntry, SpoolProgress
from lineproof.store.vault import Destruction, readable
from lineproof.store.vault.destroy import Destroyed
from lineproof.store.vault.rotation import KekTarget, RotatedKek
from lineproof.store.verify import Failure, Scope, ScopeCovered, VerifyReport
from lineproof.store.witness import (
    KnownWitness,
    WitnessAnswer,
    ask_place,
    ask_witnesses,
    known_witnesses,
)
from lineproof.store.witness.contact import Contact, meet
from lineproof.store.witness.forgotten import Forgotten, forget_again, tell_witnesses

__all__ = [
    "Appended",
    "Contact",
    "Destroyed",
    "Destruction",
    "Entry",
    "Exported",
    "Failure",
    "Forgotten",
    "Holds",
    "KekTarget",
    "KnownWitness",
    "Ledger",
    "LocalObjects",
    "NewEntry",
    "Objects",
    "Rotated",
    "RotatedKek",
    "Scope",
    "ScopeCovered",
    "SpoolProgress",
    "VerifyReport",
    "WitnessAnswer",
    "ask_place",
    "ask_witnesses",
    "find_folder",
    "forget_again",
    "held",
    "is_address",
    "known_witnesses",
    "meet",
    "readable",
    "tell_witnesses",
    "verify_entry_proof",
    "verify_export",
]
