"""Which columns hold personal data: what people said of them, carried along column lineage.

A tag flows down every DIRECT edge, since values flow there. Filters and join keys (INDIRECT) carry
none. Aggregation clears no tag. Where an event named datasets and no columns, the whole output carries
the tags of the whole input.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping

import msgspec
from sqlalchemy import Connection, literal_column, select

from lineproof.graph.columns import ColumnHops
from lineproof.graph.facts import ColumnFacts, Facts
from lineproof.graph.hops import Direction, Step
from lineproof.graph.statements import Statements
from lineproof.graph.view import View
from lineproof.graph.walk import walk
from lineproof.model.entries import EntryType
from lineproof.model.lineage import EdgeKind
from lineproof.model.statements import Tag
from lineproof.store.schema import col, dataset, facet, version

__all__ = ["PERSONAL", "Tags", "tagged"]

PERSONAL = frozenset({"PII", "PHI", "SPECIAL"})
_FARTHEST = 2_000_000  # columns that tags are carried to before the answer says that it was cut
_EVERY = "*"


class _Declared(msgspec.Struct):
    tags: dict[str, list[str]] | None = None


class Tags(msgspec.Struct, frozen=True):
    """Tags by column.

    Attributes:
        direct: Columns that somebody tagged: column to tag to the entry that says so.
        carried: Columns, and whole versions without known columns, that a tag reaches, the tagged
            ones included: node to tag to the columns it comes from.
        complete: Whether tags were carried as far as they go.
    """

    direct: Mapping[int, Mapping[str, int]]
    carried: Mapping[int, Mapping[str, frozenset[int]]]
    complete: bool

    @classmethod
    def of(cls, connection: Connection, seen: View) -> Tags:
        """Read the tags and carry them along lineage. Cost follows what personal data reached."""
        facts = Facts(connection, seen)
        direct = tagged(connection, seen)
        hops = _OnlyDirect(ColumnHops(facts, Direction.DOWN))
        reached = walk(hops, sorted(direct), Direction.DOWN, depth=None, limit=_FARTHEST)
        onward: dict[int, list[int]] = defaultdict(list)
        for hop in reached.hops:
            onward[hop.source].append(hop.target)
        return cls(direct, _carry(direct, onward), not reached.cut)

    def personal(self, node: int) -> frozenset[str]:
        """Give those of PII, PHI and SPECIAL that reach a column or a whole version."""
        return PERSONAL & self.carried.get(node, {}).keys()

    def of_columns(self, columns: Collection[ColumnFacts]) -> dict[str, frozenset[str]]:
        """Give the tags of each of these columns that has any, by name."""
        return {one.name: frozenset(self.carried[one.id]) for one in columns if one.id in self.carried}


class _OnlyDirect:
    def __init__(self, hops: ColumnHops) -> None:
        self._hops = hops

    def __call__(self, level: Collection[int], budget: int) -> Step:
        step = self._hops(level, budget)
        return Step([hop for hop in step.hops if hop.kind == EdgeKind.DIRECT], step.cut)


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
    """Give what was said of columns: column to tag to the entry that says so.

    What a person states by a `tag` entry wins over a declaration.
    """
    found: dict[int, dict[str, int]] = {}
    for column, tag, entry in _declared(connection, seen):
        found.setdefault(column, {})[tag] = entry
    for stated in Statements(connection, seen).of(EntryType.TAG):
        if not isinstance(stated.body, Tag):
            continue  # destroyed: nothing is left of what it said
        for column in _columns_named(connection, seen, stated.body):
            tags = found.setdefault(column, {})
            for tag in stated.body.tags:
                if stated.body.state == "confirmed":
                    tags[tag.upper()] = stated.entry
                else:
                    tags.pop(tag.upper(), None)
    return {one: tags for one, tags in found.items() if tags}


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
