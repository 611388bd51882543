"""One ledger, with everything that can be asked of it and stated to it: what `lineproof.open()` gives."""

from __future__ import annotations

from lineproof.questions.ledger import Ledger, open_ledger

__all__ = ["Ledger", "open_ledger"]
