"""Whose rows files have, by the columns that were found, or confirmed, to name people one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from lineproof.graph import view
from lineproof.graph.facts import Facts, VersionFacts, plain_facet
from lineproof.model.facets import Subjects
from lineproof.model.people import PeopleOf
from lineproof.model.subjects import IDENTIFIES
from lineproof.states.words import words_on
from lineproof.store import Ledger
from lineproof.store.schema import facet

__all__ = ["keep_people"]

_SURE = 0.7  # confidence from which what was found without a person's word counts


def keep_people(
    ledger: Ledger, versions: Iterable[tuple[VersionFacts, Path]], spent: Callable[[], bool]
) -> None:
    """Keep the people of files in which a column names them, one set for each such column.

    The space of the identifiers is the class of the column. A column whose people the program declared, or
    that was read before, is left alone; so is a file that no longer holds what the run saw.

    Args:
        ledger: Where.
        versions: File versions with the places of their files.
        spent: Tells whether reading has taken as long as it may.

    Raises:
        StoreError: The ledger cannot be written.
    """
    try:
        from lineproof.intake.people import record_people  # noqa: PLC0415 - what it needs is not always installed
    except ImportError:
        return
    for version, path in versions:
        columns = _naming(ledger, version)
        if columns and not spent():
            record_people(
                ledger,
                [
                    PeopleOf(version.namespace, version.name, version.content, str(path), column, space)
                    for column, space in sorted(columns.items())
                ],
            )


def _naming(ledger: Ledger, version: VersionFacts) -> dict[str, str]:
    """Give the columns that name people and of which nobody is kept as yet, with the space of their identifiers."""
    with ledger.connection() as connection:
        facts = Facts(connection, view(connection))
        known: dict[str, list[Mapping[str, Any]]] = {"lineproof_classification": [], "lineproof_subjects": []}
        query = select(facet.c.name, facet.c.body).where(
            facet.c.owner == version.id, facet.c.name.in_(known), facts.view.known(facet)
        )
        for name, body in connection.execute(query.order_by(facet.c.entry)):
            known[name].append(plain_facet(body))
        if not known["lineproof_classification"]:
            return {}
        word = words_on(connection, facts.view, version.namespace, version.name)
    from lineproof.data.classification import Classification  # noqa: PLC0415 - imports numpy

    newest = known["lineproof_classification"][-1].get("columns") or {}
    found = word({name: msgspec.convert(one, Classification, strict=False) for name, one in newest.items()})
    named = {one.column for each in known["lineproof_subjects"] for one in _sets(each)}
    return {
        name: one.class_
        for name, one in found.items()
        if one.class_ in IDENTIFIES and one.confidence >= _SURE and name not in named
    }


def _sets(body: Mapping[str, Any]) -> list[Any]:
    return msgspec.convert({"sets": body.get("sets", [])}, Subjects).sets
