"""A line for each time somebody asked for something guarded."""

from __future__ import annotations

from typing import Literal

from lineproof.access.state import state
from lineproof.model.identity import now
from lineproof.model.statements import Access
from lineproof.store import Ledger

__all__ = ["note_access"]


def note_access(
    ledger: Ledger,
    action: str,
    resource: str,
    outcome: Literal["allow", "refused"],
    *,
    reason: str | None = None,
    acting_as: str | None = None,
) -> int:
    """Record that somebody asked to do something guarded; give the number of the entry.

    Call it before handing anything out: what is not on record is not given.

    Args:
        ledger: Where.
        action: What was asked, for example `read values`.
        resource: Reference of what it is about.
        outcome: Whether it was allowed.
        reason: Why it was asked for, or refused.
        acting_as: Name of who asks, as asserted; the user of this process when left out.

    Raises:
        StoreError: The ledger cannot be written; then it must not be given.
    """
    return state(
        ledger,
        Access(action=action, resource=resource, outcome=outcome, reason=reason, time=now()),
        acting_as=acting_as,
    )
