"""From what was typed to the person meant."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from lineproof.errors import CommandError
from lineproof.graph.view import View
from lineproof.model.facets import Source, Subjects
from lineproof.model.subjects import IDENTIFIES, Subject, normal_space
from lineproof.store.schema import facet

__all__ = ["spaces", "subject_named"]


def spaces(connection: Connection, seen: View) -> list[str]:
    """Give the spaces of identifiers that the record knows of."""
    query = select(facet.c.name, facet.c.body).where(
        facet.c.name.in_(("lineproof_subjects", "lineproof_source")), seen.known(facet)
    )
    found = set()
    for name, body in connection.execute(query):
        if name == "lineproof_subjects":
            found |= {one.space for one in msgspec.json.decode(body, type=Subjects).sets}
            continue
        source = msgspec.json.decode(body, type=Source)
        if isinstance(source.subject, str):
            found.add(normal_space(source.subject_space if isinstance(source.subject_space, str) else None))
    return sorted(found)


def subject_named(connection: Connection, seen: View, identifier: Any, space: str | None) -> Subject:
    """Give the person that an identifier means.

    Raises:
        CommandError: It names nobody, no space is known, or it may be in several.
    """
    known = spaces(connection, seen)
    if space is None:
        declared = [one for one in known if one not in IDENTIFIES]
        known = declared or known  # who says which column names people means that one
        if len(known) != 1:
            raise CommandError(
                f"the record knows {len(known)} spaces of identifiers"
                + (f": {', '.join(known)}" if known else ""),
                "say which with --space"
                if known
                else "name people with lineproof.declare(..., subject=COLUMN)",
            )
        space = known[0]
    elif normal_space(space) not in known and space.upper() in IDENTIFIES & set(known):
        space = space.upper()
    elif normal_space(space) not in known:
        raise CommandError(
            f"no data is recorded about people of {space!r}",
            f"the spaces are {', '.join(known) or 'none as yet'}",
        )
    found = Subject.of(space, identifier)
    if found is None:
        raise CommandError("the identifier is empty", "give it as it stands in the data")
    return found
