"""Whose rows are in a table: followed from the column that names the person to what a model learned from.

What is kept exact is who has a row. It is followed by row labels, or by the values of the column itself where
it came through untouched; where neither holds, nothing is claimed here, and whoever asks gets all people of
what the table came from, marked so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineproof.capture.people.declared import declare_people
from lineproof.capture.people.rows import follow, inherit, mark, same_rows
from lineproof.capture.people.sets import people_of

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["follow", "follow_people", "inherit", "people_of", "same_rows"]


def follow_people(session: Session, obj: Any, column: str, space: str | None) -> None:
    """Begin to follow the people whom a column of a frame names. A failure is a fault on the record."""
    try:
        declare_people(session, obj, column, space, mark)
    except Exception as error:
        session.fault("people", error)
