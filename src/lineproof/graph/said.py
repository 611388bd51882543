"""What was said of columns: found in their values, declared by a program, stated by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, literal_column, select

from lineproof.graph.facts import ColumnFacts, Facts, batches
from lineproof.graph.statements import Statements
from lineproof.graph.view import View
from lineproof.model.entries import EntryType
from lineproof.model.statements import Tag
from lineproof.store.schema import col, dataset, facet, version

__all__ = [
    "CONFIRMED",
    "DECLARED",
    "FOUND",
    "PERSONAL",
    "Said",
    "anything_said",
    "classified_versions",
    "said",
    "tagged",
]

PERSONAL = frozenset({"PII", "PHI", "SPECIAL"})
_EVERY = "*"
FOUND, DECLARED, CONFIRMED = "found", "declared", "confirmed"
_CLASSIFIED, _SOURCE = "lineproof_classification", "lineproof_source"


class Said(NamedTuple):
    """Who says that a column has a tag: the classifier (`found`), a program (`declared`), a person."""

    entry: int
    state: str


class _Found(msgspec.Struct):
    tags: dict[str, list[str]] = {}


class _Declared(msgspec.Struct):
    tags: dict[str, list[str]] | None = None


def anything_said(connection: Connection, seen: View) -> bool:
    """Tell whether anything was said of any column."""
    for name in (_CLASSIFIED, _SOURCE):
        query = select(facet.c.owner).where(_named(name), seen.known(facet)).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return bool(Statements(connection, seen).of(EntryType.TAG))


def tagged(
    connection: Connection, seen: View, among: Collection[int] | None = None
) -> dict[int, dict[str, int]]:
    """Give what was said of columns: column to tag to the entry that says so; see `said`."""
    words = said(connection, seen, among)
    return {one: {tag: word.entry for tag, word in found.items()} for one, found in words.items()}


def said(
    connection: Connection, seen: View, among: Collection[int] | None = None
) -> dict[int, dict[str, Said]]:
    """Give what was said of columns, and by whom: column to tag to the last word on it.

    What a person states by a `tag` entry wins over a declaration, and that over what the classifier
    found, whichever came first: who has looked need not look again at the next version.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What counts.
        among: Columns to look at; all when left out.
    """
    facts = Facts(connection, seen)
    columns = None if among is None else facts.columns(among)
    owners = None if columns is None else {one.version for one in columns.values()}
    found: dict[int, dict[str, Said]] = {}
    for state, rows in ((FOUND, _found(facts, owners)), (DECLARED, _declared(facts, owners))):
        for column, tag, entry in rows:
            if columns is None or column in columns:
                found.setdefault(column, {})[tag] = Said(entry, state)
    by_name = None if columns is None else _by_name(facts, columns)
    for stated in Statements(connection, seen).of(EntryType.TAG):
        if not isinstance(stated.body, Tag):
            continue  # destroyed: nothing is left of what it said
        named = _columns_named(facts, stated.body) if by_name is None else _those_named(by_name, stated.body)
        for column in named:
            _apply(found.setdefault(column, {}), stated.body, stated.entry)
    return {one: words for one, words in found.items() if words}


def _apply(words: dict[str, Said], stated: Tag, entry: int) -> None:
    """Let a person's word change what is known of one column."""
    tags = [tag.upper() for tag in stated.tags]
    guessed = [tag for tag, word in words.items() if word.state == FOUND]
    if stated.state == "confirmed":
        if stated.column is not None and not PERSONAL.issuperset(tags):  # a class: so not the guessed one
            for tag in set(guessed) - PERSONAL:
                del words[tag]
        words.update(dict.fromkeys(tags, Said(entry, CONFIRMED)))
        return
    if "PII" in tags or set(tags) & (set(guessed) - PERSONAL):
        for tag in guessed:  # nothing personal, or not that class: then what follows from it falls too
            del words[tag]
    for tag in tags:
        words.pop(tag, None)


def classified_versions(connection: Connection, seen: View) -> dict[int, int]:
    """Give the versions whose columns the classifier looked at, and the first entry that says so."""
    rows = _of_versions(Facts(connection, seen), _CLASSIFIED, None)
    return {owner: min(one.entry for one in several) for owner, several in rows.items()}


def _found(facts: Facts, owners: Collection[int] | None) -> Iterator[tuple[int, str, int]]:
    """Give column, tag and entry of what the classifier found in recorded versions; its last word counts."""
    rows = _of_versions(facts, _CLASSIFIED, owners)
    columns = facts.columns_of(rows)
    for owner, several in rows.items():
        last = several[-1]
        try:
            tags = msgspec.json.decode(last.body, type=_Found).tags
        except msgspec.DecodeError:
            continue  # a foreign event's facet under our name
        for column in columns[owner]:
            for tag in tags.get(column.name, ()):
                yield column.id, tag.upper(), last.entry


def _declared(facts: Facts, owners: Collection[int] | None) -> Iterator[tuple[int, str, int]]:
    """Give column, tag and entry of what programs declared by `declare(tags=...)`."""
    rows = _of_versions(facts, _SOURCE, owners)
    columns = facts.columns_of(rows)
    for one in sorted((row for several in rows.values() for row in several), key=lambda row: row.entry):
        try:
            tags = msgspec.json.decode(one.body, type=_Declared).tags
        except msgspec.DecodeError:
            continue  # a foreign event's facet under our name: it states no tag that we can read
        for column in columns[one.owner]:
            for tag in {*(tags or {}).get(column.name, ()), *(tags or {}).get(_EVERY, ())}:
                yield column.id, tag.upper(), one.entry


def _of_versions(facts: Facts, name: str, owners: Collection[int] | None) -> dict[int, list[Any]]:
    """Give the facets of a name in order, by the version that each is about; of some versions, or of all."""
    query = select(facet.c.owner, facet.c.entry, facet.c.body).where(_named(name), facts.view.known(facet))
    query = query.order_by(facet.c.entry)
    pieces = [None] if owners is None else list(batches(owners))
    rows: dict[int, list[Any]] = defaultdict(list)
    for piece in pieces:
        for row in facts.connection.execute(
            query if piece is None else query.where(facet.c.owner.in_(piece))
        ):
            rows[row.owner].append(row)
    return rows


def _named(name: str) -> Any:
    # A literal, so that the partial index serves it.
    return facet.c.name == literal_column(f"'{name}'")


_ByName = Mapping[tuple[str, str], Mapping[str, Collection[int]]]


def _by_name(facts: Facts, columns: Mapping[int, ColumnFacts]) -> _ByName:
    """Give columns by namespace and name of their dataset, and by their own name."""
    owners = facts.versions({one.version for one in columns.values()})
    found: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for one in sorted(columns):
        owner = owners[columns[one].version]
        found[owner.namespace, owner.name][columns[one].name].append(one)
    return found


def _those_named(columns: _ByName, tag: Tag) -> list[int]:
    of_dataset = columns.get((tag.namespace, tag.dataset), {})
    if tag.column is not None:
        return list(of_dataset.get(tag.column, ()))
    return [one for several in of_dataset.values() for one in several]


def _columns_named(facts: Facts, tag: Tag) -> list[int]:
    query = (
        select(col.c.id)
        .join(version, version.c.id == col.c.version)
        .join(dataset, dataset.c.id == version.c.dataset)
        .where(dataset.c.name == tag.dataset, dataset.c.namespace == tag.namespace, facts.view.known(col))
    )
    if tag.column is not None:
        query = query.where(col.c.name == tag.column)
    return list(facts.connection.scalars(query.order_by(col.c.id)))
