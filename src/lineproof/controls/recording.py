"""Results as entries of the ledger, so that what was known to hold, and when, is itself on record."""

from __future__ import annotations

from importlib.metadata import version

import msgspec

from lineproof.controls.results import Check
from lineproof.model.entries import EntryType
from lineproof.model.identity import now
from lineproof.model.statements import ControlResult
from lineproof.store import Ledger, NewEntry

__all__ = ["record_results"]

_ITEMS = 20  # of each result; the evaluation can be repeated for the rest


def record_results(ledger: Ledger, check: Check) -> tuple[int, ...]:
    """Record each result as an entry; give their numbers.

    Raises:
        StoreError: The ledger cannot be written.
    """
    evaluator = f"lineproof {version('lineproof')}"
    time = now()
    entries = [
        ControlResult(
            control=result.control,
            framework=result.framework,
            clause=result.clause,
            catalogue=check.catalogue,
            evaluator=evaluator,
            as_of=check.as_of,
            evaluated_at=check.at,
            subject=result.subject,
            result=result.result.value,
            severity=result.severity,
            reason=result.reason,
            remedy=result.remedy,
            evidence=result.evidence,
            items=tuple(msgspec.to_builtins(item) for item in result.items[:_ITEMS]),
            items_total=result.items_total,
            time=time,
        )
        for result in check.results
    ]
    items = [NewEntry(EntryType.CONTROL_RESULT, msgspec.json.encode(entry)) for entry in entries]
    return ledger.append(items).entries if items else ()
