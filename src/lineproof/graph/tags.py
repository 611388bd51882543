"""Which columns hold personal data: what was found in them or said of them, carried along column lineage.

A tag flows down every DIRECT edge, since values flow there. Filters and join keys (INDIRECT) carry
none. Aggregation clears no tag. Where an event named datasets and no columns, the whole output carries
the tags of the whole input. Tags end only in a run that somebody other than who ran it approved as
de-identification.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, literal_column, select

from lineproof.graph.columns import ColumnHops
from lineproof.graph.facts import ColumnFacts, Facts
from lineproof.graph.hops import Direction, Step
from lineproof.graph.statements import Statements
from lineproof.graph.states import descendants
from lineproof.graph.view import View
from lineproof.graph.walk import walk
from lineproof.model.entries import EntryType
from lineproof.model.lineage import EdgeKind
from lineproof.model.statements import Approval, Tag
from lineproof.store.schema import col, dataset, facet, version

__all__ = [
    "CONFIRMED",
    "DECLARED",
    "FOUND",
    "PERSONAL",
    "Said",
    "Tags",
    "classified_versions",
    "deidentified",
    "said",
    "tagged",
]

PERSONAL = frozenset({"PII", "PHI", "SPECIAL"})
_FARTHEST = 2_000_000  # columns that tags are carried to before the answer says that it was cut
_EVERY = "*"
FOUND, DECLARED, CONFIRMED = "found", "declared", "confirmed"


class Said(NamedTuple):
    """Who says that a column has a tag: the classifier (`found`), a program (`declared`), a person."""

    entry: int
    state: str


class _Found(msgspec.Struct):
    tags: dict[str, list[str]] = {}


class _Declared(msgspec.Struct):
    tags: dict[str, list[str]] | None = None


class Tags(msgspec.Struct, frozen=True):
    """Tags by column.

    Attributes:
        direct: Columns that somebody tagged: column to tag to the entry that says so.
        carried: Columns, and whole versions without known columns, that a tag reaches, the tagged
            ones included: node to tag to the columns it comes from.
        complete: Whether tags were carried as far as they go.
        ended: Columns and versions where a tag would have come to but for a de-identification: node to
            the entries that approve it.
    """

    direct: Mapping[int, Mapping[str, int]]
    carried: Mapping[int, Mapping[str, frozenset[int]]]
    complete: bool
    ended: Mapping[int, frozenset[int]] = {}

    @classmethod
    def of(cls, connection: Connection, seen: View) -> Tags:
        """Read the tags and carry them along lineage. Cost follows what personal data reached."""
        facts = Facts(connection, seen)
        direct = tagged(connection, seen)
        hops = _OnlyDirect(ColumnHops(facts, Direction.DOWN), deidentified(facts))
        reached = walk(hops, sorted(direct), Direction.DOWN, depth=None, limit=_FARTHEST)
        onward: dict[int, list[int]] = defaultdict(list)
        for hop in reached.hops:
            onward[hop.source].append(hop.target)
        ended = {one: frozenset(entries) for one, entries in hops.ended.items()}
        return cls(direct, _carry(direct, onward), not reached.cut, ended)

    def personal(self, node: int) -> frozenset[str]:
        """Give those of PII, PHI and SPECIAL that reach a column or a whole version."""
        return PERSONAL & self.carried.get(node, {}).keys()

    def of_columns(self, columns: Collection[ColumnFacts]) -> dict[str, frozenset[str]]:
        """Give the tags of each of these columns that has any, by name."""
        return {one.name: frozenset(self.carried[one.id]) for one in columns if one.id in self.carried}


class _OnlyDirect:
    """Edges along which values flow as they are: not those of filters and keys, nor of approved masking."""

    def __init__(self, hops: ColumnHops, deidentified: Mapping[int, int]) -> None:
        self.ended: dict[int, set[int]] = defaultdict(set)
        self._hops = hops
        self._deidentified = deidentified

    def __call__(self, level: Collection[int], budget: int) -> Step:
        step = self._hops(level, budget)
        kept = []
        for hop in step.hops:
            if hop.kind != EdgeKind.DIRECT:
                continue
            approval = None if hop.run is None else self._deidentified.get(hop.run)
            if approval is None:
                kept.append(hop)
            else:
                self.ended[hop.target].add(approval)
        return Step(kept, step.cut)


def _carry(
    direct: Mapping[int, Mapping[str, int]], onward: Mapping[int, list[int]]
) -> dict[int, dict[str, frozenset[int]]]:
    """Union the tags of all sources into each target, until nothing changes."""
    carried: dict[int, dict[str, frozenset[int]]] = {
        one: dict.fromkeys(tags, frozenset({one})) for one, tags in direct.items()
    }
    waiting = deque(sorted(direct))
    while waiting:
        one = waiting.popleft()
        for target in onward.get(one, ()):
            here = carried.setdefault(target, {})
            grown = False
            for tag, origins in carried[one].items():
                before = here.get(tag, frozenset())
                if not origins <= before:
                    here[tag] = before | origins
                    grown = True
            if grown:
                waiting.append(target)
    return carried


def tagged(connection: Connection, seen: View) -> dict[int, dict[str, int]]:
    """Give what was said of columns: column to tag to the entry that says so."""
    return {
        one: {tag: word.entry for tag, word in words.items()} for one, words in said(connection, seen).items()
    }


def said(connection: Connection, seen: View) -> dict[int, dict[str, Said]]:
    """Give what was said of columns, and by whom: column to tag to the last word on it.

    What a person states by a `tag` entry wins over a declaration, and that over what the classifier
    found, whichever came first: who has looked need not look again at the next version.
    """
    found: dict[int, dict[str, Said]] = {}
    for state, rows in ((FOUND, _found(connection, seen)), (DECLARED, _declared(connection, seen))):
        for column, tag, entry in rows:
            found.setdefault(column, {})[tag] = Said(entry, state)
    for stated in Statements(connection, seen).of(EntryType.TAG):
        if not isinstance(stated.body, Tag):
            continue  # destroyed: nothing is left of what it said
        for column in _columns_named(connection, seen, stated.body):
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


def deidentified(facts: Facts) -> dict[int, int]:
    """Give the runs, those inside them included, that are approved as de-identification, and by which entry."""
    approved: dict[int, int] = {}
    for one in Statements(facts.connection, facts.view).of(EntryType.APPROVAL):
        if isinstance(one.body, Approval) and one.body.run is not None and one.node is not None:
            if one.body.outcome == "approved":
                approved[one.node] = one.entry
            else:
                approved.pop(one.node, None)
    return {run: approved[top] for run, top in descendants(facts, sorted(approved)).items()}


def classified_versions(connection: Connection, seen: View) -> dict[int, int]:
    """Give the versions whose columns the classifier looked at, and the first entry that says so."""
    return {owner: min(one.entry for one in rows) for owner, rows in _classified(connection, seen).items()}


def _found(connection: Connection, seen: View) -> Iterator[tuple[int, str, int]]:
    """Give column, tag and entry of what the classifier found in recorded versions; its last word counts."""
    rows = _classified(connection, seen)
    columns = Facts(connection, seen).columns_of(rows)
    for owner, several in rows.items():
        last = several[-1]
        try:
            tags = msgspec.json.decode(last.body, type=_Found).tags
        except msgspec.DecodeError:
            continue  # a foreign event's facet under our name
        for column in columns[owner]:
            for tag in tags.get(column.name, ()):
                yield column.id, tag.upper(), last.entry


def _classified(connection: Connection, seen: View) -> dict[int, list[Any]]:
    # A literal, so that the partial index serves it.
    classified = facet.c.name == literal_column("'lineproof_classification'")
    query = select(facet.c.owner, facet.c.entry, facet.c.body).where(classified, seen.known(facet))
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(query.order_by(facet.c.entry)):
        rows[row.owner].append(row)
    return rows


def _declared(connection: Connection, seen: View) -> Iterator[tuple[int, str, int]]:
    """Give column, tag and entry of what programs declared by `declare(tags=...)`."""
    # A literal, so that the partial index serves it.
    declared = facet.c.name == literal_column("'lineproof_source'")
    query = select(facet.c.owner, facet.c.entry, facet.c.body).where(declared, seen.known(facet))
    facts = Facts(connection, seen)
    rows = connection.execute(query.order_by(facet.c.entry)).all()
    columns = facts.columns_of({row.owner for row in rows})
    for owner, entry, body in rows:
        try:
            tags = msgspec.json.decode(body, type=_Declared).tags
        except msgspec.DecodeError:
            continue  # a foreign event's facet under our name: it states no tag that we can read
        for column in columns[owner]:
            for tag in {*(tags or {}).get(column.name, ()), *(tags or {}).get(_EVERY, ())}:
                yield column.id, tag.upper(), entry


def _columns_named(connection: Connection, seen: View, tag: Tag) -> list[int]:
    query = (
        select(col.c.id)
        .join(version, version.c.id == col.c.version)
        .join(dataset, dataset.c.id == version.c.dataset)
        .where(dataset.c.name == tag.dataset, dataset.c.namespace == tag.namespace, seen.known(col))
    )
    if tag.column is not None:
        query = query.where(col.c.name == tag.column)
    return list(connection.scalars(query.order_by(col.c.id)))
