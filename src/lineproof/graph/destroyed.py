"""What was destroyed and may have told of a prediction."""

from __future__ import annotations

from sqlalchemy import select

from lineproof.errors import UnknownReferenceError
from lineproof.graph.facts import Facts
from lineproof.model.entries import EntryType
from lineproof.store.schema import entry, tombstone

__all__ = ["maybe_destroyed", "say_destroyed"]

_NAMED = 5  # destroyed entries named in one line

_TELLING = (
    EntryType.LINEAGE_EVENT,
    EntryType.DECISION,
    EntryType.APPROVAL,
    EntryType.DEPLOYMENT,
    EntryType.TAG,
    EntryType.CONTROL_RESULT,
)


def say_destroyed(facts: Facts) -> list[str]:
    """Name the destroyed entries that may have told of what is asked about: what they held is gone for good."""
    return [
        f"what destroyed {type_} entries may have told of this: {_named(gone)}"
        for type_ in _TELLING
        if (gone := _destroyed(facts, type_))
    ]


def maybe_destroyed(facts: Facts, error: UnknownReferenceError) -> UnknownReferenceError:
    """Give the error for a prediction that is not found; it says so where predictions were destroyed."""
    gone = _destroyed(facts, EntryType.PREDICTION_SEGMENT)
    if not gone:
        return error
    return UnknownReferenceError(
        f"{error.message}; unknown whether it ever was: predictions are {_named(gone)}",
        "`lineproof show entry:N` tells who destroyed an entry and why; what it held is gone for good",
    )


def _destroyed(facts: Facts, type_: EntryType) -> list[tuple[int, int]]:
    query = (
        select(tombstone.c.entry, tombstone.c.destroyed_by)
        .join(entry, entry.c.seq == tombstone.c.entry)
        .where(entry.c.type == type_.value, tombstone.c.entry <= facts.view.as_of)
        .order_by(tombstone.c.entry)
    )
    return [(one, by) for one, by in facts.connection.execute(query)]


def _named(gone: list[tuple[int, int]]) -> str:
    """Tell what was destroyed by what, the first few of it."""
    told = ", ".join(f"entry:{one} destroyed by entry {by}" for one, by in gone[:_NAMED])
    return told if len(gone) <= _NAMED else f"{told} and {len(gone) - _NAMED} more"
