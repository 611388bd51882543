"""Which columns hold personal data: what was found in them or said of them, carried along column lineage.

A tag flows down every DIRECT edge, since values flow there. Filters and join keys (INDIRECT) carry
none. Aggregation clears no tag. Where an event named datasets and no columns, the whole output carries
the tags of the whole input. Tags end only in a run that somebody other than who ran it approved as
de-identification.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import Connection

from lineproof.graph.ancestry import ancestry
from lineproof.graph.columns import ColumnHops
from lineproof.graph.facts import ColumnFacts, Facts
from lineproof.graph.hops import Direction, Step
from lineproof.graph.said import PERSONAL, anything_said, tagged
from lineproof.graph.statements import Statements
from lineproof.graph.states import descendants
from lineproof.graph.view import View
from lineproof.graph.walk import walk
from lineproof.model.entries import EntryType
from lineproof.model.lineage import EdgeKind
from lineproof.model.statements import Approval

__all__ = ["PERSONAL", "Tags", "deidentified"]

_FARTHEST = 2_000_000  # columns that tags are carried to before the answer says that it was cut


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

    @classmethod
    def near(cls, facts: Facts, nodes: Collection[int]) -> Tags:
        """Give the tags of some columns and versions alone. Cost follows what lies upstream of them.

        What `of` gives of them, this gives too; of others it says nothing.
        """
        if not anything_said(facts.connection, facts.view):
            return cls({}, {}, complete=True)
        above = ancestry(facts, nodes, _FARTHEST)
        direct = tagged(facts.connection, facts.view, above.columns)
        masked = deidentified(facts) if direct else {}
        onward: dict[int, list[int]] = defaultdict(list)
        ending: list[tuple[int, int, int]] = []
        for way in above.ways:
            if way.run in masked:
                ending.append((way.source, way.target, masked[way.run]))
            else:
                onward[way.source].append(way.target)
        carried = _carry(direct, onward)
        ended: dict[int, frozenset[int]] = {}
        for source, target, approval in ending:
            if source in carried:
                ended[target] = ended.get(target, frozenset()) | {approval}
        return cls(direct, carried, above.complete, ended)

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
