"""Raw columns that columns come from, however many steps away."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping

import msgspec

from lineproof.graph.columns import ColumnHops, stated_precision
from lineproof.graph.facts import Facts
from lineproof.graph.hops import Direction, Hop
from lineproof.graph.walk import Reached, walk
from lineproof.model.lineage import EdgeKind, How, Precision
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind

__all__ = ["Origin", "Origins", "origins_of"]

_PRECISIONS = [str(one) for one in Precision]  # from strong to weak
_HOWS = [str(one) for one in How]


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One end of lineage upstream of a column.

    Attributes:
        ref: The column, or the whole dataset version where no column of it is known.
        dataset: The dataset version it belongs to.
        name: Column; None for a whole dataset.
        kind: DIRECT when values flow all the way, INDIRECT when it decided somewhere on the way which
            rows exist, their order or their grouping.
        how: How the way is known: its weakest edge.
        precision: How precisely: the weakest edge of the strongest way.
        path: Of a DIRECT origin the columns in between, the origin's side first.
        sources: `unknown` where the record does not say what lies beyond, `circle` where lineage only
            leads back to itself, `cut` where a cap ended the answer; None for a source.
        tags: What the column holds, as people said.
    """

    ref: str
    dataset: str
    name: str | None
    kind: str
    how: str
    precision: str
    path: tuple[str, ...] = ()
    sources: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """The column without the version of its dataset: what a person takes for the same column."""
        return self.ref.rpartition("@")[0]


class _Way(msgspec.Struct, frozen=True, order=True):
    """The way from a column up to a node, the strongest first."""

    precision: int
    how: int
    steps: int
    node: int
    direct: bool
    before: int | None = None  # node one step nearer to the column


class Origins:
    """Answers for the columns it was made for.

    Attributes:
        cut: References beyond which it did not look, because of the cap.
    """

    def __init__(self, facts: Facts, start: Collection[int], limit: int) -> None:
        hops_of = ColumnHops(facts, Direction.UP)
        reached = walk(hops_of, sorted(start), Direction.UP, depth=None, limit=max(limit, len(start)))
        self._facts = facts
        self._up: dict[int, list[Hop]] = defaultdict(list)
        for hop in reached.hops:
            self._up[hop.target].append(hop)
        self._cut = reached.cut
        self._learn(reached.depths)
        ends = [one for one in reached.depths if one not in self._up]
        self._nothing = self._made_of_nothing(ends)
        self._unknown = hops_of.unknown | (self._without_sources(ends) - self._nothing)
        self._circles = _circles(reached, {*ends, *self._unknown, *self._cut})
        self.cut = sorted(self._refs[one] for one in reached.cut)

    @property
    def edges(self) -> int:
        """How many edges lie upstream: what the answer for one column costs at most."""
        return sum(map(len, self._up.values()))

    def of(self, column: int, tags: Mapping[int, Collection[str]]) -> list[Origin]:
        """Give the origins of one column, direct ones first.

        Args:
            column: Its node.
            tags: What is said of columns, by node.
        """
        ways = self._ways(column)
        ends = [way for (node, _), way in ways.items() if self._is_end(node)]
        found = [self._origin(way, ways, tags.get(way.node, ())) for way in ends]
        return sorted(found, key=lambda one: (one.kind, one.ref))

    def _is_end(self, node: int) -> bool:
        if node in self._nothing:
            return False
        return node not in self._up or node in self._cut | self._unknown | self._circles

    def _ways(self, column: int) -> dict[tuple[int, bool], _Way]:
        """Find the strongest way to all that is upstream, for flowing values and for influence alike."""
        best: dict[tuple[int, bool], _Way] = {}
        waiting = [_Way(0, 0, 0, column, direct=True)]
        while waiting:
            way = heapq.heappop(waiting)
            key = (way.node, way.direct)
            if key in best:
                continue
            best[key] = way
            for hop in self._up.get(way.node, ()):
                direct = way.direct and hop.kind == EdgeKind.DIRECT
                if (hop.source, direct) not in best:
                    heapq.heappush(waiting, _onward(way, hop, direct))
        return best

    def _origin(self, way: _Way, ways: Mapping[tuple[int, bool], _Way], tags: Collection[str]) -> Origin:
        path: list[str] = []
        step = way
        while way.direct and step.before is not None:
            step = ways[step.before, True]
            path.append(self._refs[step.node])
        lost = self._why_lost(way.node)
        return Origin(
            ref=self._refs[way.node],
            dataset=self._owners[way.node],
            name=self._names.get(way.node),
            kind=EdgeKind.DIRECT if way.direct else EdgeKind.INDIRECT,
            how=_HOWS[way.how],
            precision=Precision.UNKNOWN if lost in {"unknown", "circle"} else _PRECISIONS[way.precision],
            path=tuple(path[:-1]),
            sources=lost,
            tags=tuple(sorted(tags)),
        )

    def _why_lost(self, node: int) -> str | None:
        if node in self._unknown:
            return "unknown"
        if node in self._circles:
            return "circle"
        return "cut" if node in self._cut else None

    def _learn(self, nodes: Collection[int]) -> None:
        columns = self._facts.columns(nodes)
        versions = self._facts.versions({*nodes, *(one.version for one in columns.values())})
        self._names = {one: about.name for one, about in columns.items()}
        self._refs = {one: about.ref for one, about in versions.items()}
        self._owners = dict(self._refs)
        for one, about in columns.items():
            owner = versions[about.version]
            self._refs[one] = owner.column_ref(about.name)
            self._owners[one] = owner.ref

    def _without_sources(self, ends: Collection[int]) -> set[int]:
        """Give the ends that cannot be sources: what was made in memory, and features of models."""
        columns = self._facts.columns(ends)
        versions = self._facts.versions({*ends, *(one.version for one in columns.values())})
        made = {
            one
            for one, about in versions.items()
            if about.namespace == MEMORY_NAMESPACE or about.kind is Kind.MODEL
        }
        return {one for one in ends if (columns[one].version if one in columns else one) in made}

    def _made_of_nothing(self, ends: Collection[int]) -> set[int]:
        """Give the ends of which the record says that they have no source: constants, random numbers."""
        columns = self._facts.columns(ends)
        stated = stated_precision(self._facts, {one.version for one in columns.values()})
        return {
            one
            for one, about in columns.items()
            if stated.get(about.version, {}).get(about.name) == Precision.EXACT
        }


def origins_of(facts: Facts, columns: Collection[int], limit: int) -> Origins:
    """Find the raw columns upstream of these columns.

    Ends are columns of datasets that nothing recorded was written into, and places where the record
    ends without saying that it is at a source. Cycles, which only foreign events make, are walked once.

    Args:
        facts: Look-ups.
        columns: Nodes of columns.
        limit: Most columns looked at.
    """
    return Origins(facts, columns, limit)


def _circles(reached: Reached, ends: Collection[int]) -> set[int]:
    """Give the nodes of circles from which no way leads up to any end."""
    # 1. Whatever an end leads down to has an origin.
    # 2. Of the rest, peel off what only hangs below a circle: what no other of the rest came from.
    down: dict[int, list[int]] = defaultdict(list)
    for hop in reached.hops:
        down[hop.source].append(hop.target)
    found, waiting = set(ends), list(ends)
    while waiting:
        fresh = set(down[waiting.pop()]) - found
        found |= fresh
        waiting += fresh
    rest = set(reached.depths) - found
    used = {one: len(rest.intersection(down[one])) for one in rest}
    bare = [one for one, times in used.items() if not times]
    up: dict[int, set[int]] = defaultdict(set)
    for hop in reached.hops:
        up[hop.target].add(hop.source)
    while bare:
        one = bare.pop()
        rest.remove(one)
        for source in up[one] & rest:
            used[source] -= 1
            if not used[source]:
                bare.append(source)
    return rest


def _onward(way: _Way, hop: Hop, direct: bool) -> _Way:
    return _Way(
        max(way.precision, _PRECISIONS.index(hop.precision)),
        max(way.how, _HOWS.index(hop.how)),
        way.steps + 1,
        hop.source,
        direct=direct,
        before=way.node,
    )
