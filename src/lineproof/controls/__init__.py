"""Controls: what must hold, judged from what is on record. Unknown never counts as a pass."""

from __future__ import annotations

from lineproof.controls.catalogue import Catalogue, Control, catalogue
from lineproof.controls.evaluate import evaluate
from lineproof.controls.record import LEDGER
from lineproof.controls.recording import record_results
from lineproof.controls.results import Check, Item, Outcome, Result

__all__ = [
    "LEDGER",
    "Catalogue",
    "Check",
    "Control",
    "Item",
    "Outcome",
    "Result",
    "catalogue",
    "evaluate",
    "record_results",
]
