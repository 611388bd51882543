"""What one taking in did."""

from __future__ import annotations

import msgspec

from lineproof.errors import LineproofError

__all__ = ["IntakeReport"]


class IntakeReport(msgspec.Struct, kw_only=True):
    """What one taking in did.

    Attributes:
        spools: Spool files taken whole.
        entries: Entries that are new in the ledger.
        runs: Runs whose end was recorded, UUIDs.
        alive: Processes that still write; what they have written so far is taken.
        problems: What could not be taken, and why.
    """

    spools: int = 0
    entries: int = 0
    runs: list[str] = []
    alive: int = 0
    problems: list[LineproofError] = []
