"""Whose rows are in a table: followed from the column that names the person to what a model learned from.

What is kept exact is who has a row. It is followed by row labels, or by the values of the column itself where
it came through untouched; where neither holds, nothing is claimed here, and whoever asks gets all people of
what the table came from, marked so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineproof.capture.people.declared import declare_people, declared
from lineproof.capture.people.rows import follow, inherit, mark, same_rows
from lineproof.capture.people.sets import people_of
from lineproof.capture.provenance.attachment import table_of

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["follow", "follow_people", "inherit", "people_of", "same_rows", "space_of"]


def space_of(ids: Any) -> str | None:
    """Give the space of identifiers that are those of a declared column as it was; None for others."""
    table = table_of(ids)
    if table is None or len(table.origins) != 1:
        return None
    return next((one.space for one in declared() if one.is_here(table.origins[0])), None)


def follow_people(session: Session, obj: Any, column: str, space: str | None) -> None:
    """Begin to follow the people whom a column of a frame names. A failure is a fault on the record."""
    try:
        declare_people(session, obj, column, space, mark)
    except Exception as error:
        session.fault("people", error)
