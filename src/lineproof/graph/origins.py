"""Raw columns that columns come from, however many steps away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

import msgspec

from lineproof.graph.columns import ColumnHops, stated_precision
from lineproof.graph.facts import Facts
from lineproof.graph.hops import Direction
from lineproof.graph.reach import reach
from lineproof.graph.tags import deidentified
from lineproof.graph.walk import Reached, walk
from lineproof.model.lineage import EdgeKind, Precision
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind

__all__ = ["Origin", "Origins", "origins_of"]

TagsOf: TypeAlias = Callable[[Collection[int]], Mapping[int, Collection[str]]]


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


class Origins:
    """Answers for the columns it was made for.

    Args:
        facts: Look-ups.
        start: Nodes of columns.
        limit: Most columns looked at.
        tags: Gives what is said of some columns, by node.

    Attributes:
        cut: References beyond which it did not look, because of the cap.
        edges: How many edges lie upstream: what a way through them costs at most.
    """

    def __init__(self, facts: Facts, start: Collection[int], limit: int, tags: TagsOf) -> None:
        columns = sorted(set(start))
        hops_of = ColumnHops(facts, Direction.UP)
        reached = walk(hops_of, columns, Direction.UP, depth=None, limit=max(limit, len(columns)))
        self._facts = facts
        self._reach = reach(reached.hops, columns)
        self._cut = reached.cut
        self.edges = len(reached.hops)
        self._learn(reached.depths)
        self._tags = self._with_whole_versions(tags, reached.depths)
        targets = {hop.target for hop in reached.hops}
        ends = [one for one in reached.depths if one not in targets]
        nothing = self._made_of_nothing(ends)
        self._unknown = hops_of.unknown | (self._without_sources(ends) - nothing)
        self._circles = _circles(reached, {*ends, *self._unknown, *self._cut})
        self._ends = ({*ends, *self._unknown, *self._cut} - nothing) | self._circles
        self._down: dict[int, list[int]] = defaultdict(list)
        for hop in reached.hops:
            if hop.kind == EdgeKind.DIRECT:
                self._down[hop.source].append(hop.target)
        self._of_column: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        self._plain: dict[tuple[int, bool], str] = {}
        self._doubts: dict[tuple[str, bool], int] = defaultdict(int)
        for end in self._ends:
            for flows in (True, False):
                self._note(end, flows)
        masked = deidentified(facts) if self._tags else {}
        carrying = [hop for hop in reached.hops if hop.run not in masked]
        ways = self._reach if len(carrying) == len(reached.hops) else reach(carrying, columns)
        self._tagged: dict[str, int] = defaultdict(int)
        for one, said in self._tags.items():
            for tag in said:
                self._tagged[tag] |= ways.mask(one, direct=True)
        self.cut = sorted(self._refs[one] for one in reached.cut)

    def of(self, column: int, most: int | None = None) -> tuple[list[Origin], int]:
        """Give the origins of one column, direct ones and tagged ones first, and how many more there are.

        Args:
            column: Its node.
            most: How many to give; all when left out.
        """
        ends = list(self._of_column[column])
        ends.sort(key=lambda end: (not end[1], not self._tags.get(end[0]), self._refs[end[0]]))
        found = [self._origin(node, column, direct) for node, direct in ends[:most]]
        return found, len(ends) - len(found)

    def plain(self, column: int) -> set[str]:
        """Give the kinds and names of all origins of one column, without versions of their datasets."""
        return {self._plain[end] for end in self._of_column[column]}

    def tags(self, column: int) -> set[str]:
        """Give the tags of a column and of all that its values came from.

        What merely decided which rows exist hands no tag on, nor does an approved de-identification.
        """
        return {tag for tag, columns in self._tagged.items() if columns & self._reach.bit(column)}

    def doubts(self, column: int, *, direct: bool = False) -> set[str]:
        """Say what is doubtful about the origins of a column.

        Args:
            column: Its node.
            direct: Ask only about where its values came from.

        Returns:
            Any of `unknown`, `circle`, `cut` (why some end is no source) and `inexact`.
        """
        bit = self._reach.bit(column)
        return {
            doubt for (doubt, flows), columns in self._doubts.items() if columns & bit and flows >= direct
        }

    def _note(self, end: int, flows: bool) -> None:
        """Note an end with the columns it leads to, and what is doubtful about that."""
        columns = self._reach.mask(end, direct=flows)
        self._plain[end, flows] = f"{self._refs[end].rpartition('@')[0]} {_kind(flows)}"
        for one in self._reach.columns(columns):
            self._of_column[one].append((end, flows))
        lost = self._why_lost(end)
        exactly = 0 if lost else self._reach.mask(end, direct=flows, exact=True)
        self._doubts[lost or "inexact", flows] |= columns & ~exactly

    def _origin(self, node: int, column: int, direct: bool) -> Origin:
        path = self._reach.path(node, column, self._down) if direct else []
        lost = self._why_lost(node)
        known = self._reach.precision(node, column, direct=direct)
        return Origin(
            ref=self._refs[node],
            dataset=self._owners[node],
            name=self._names.get(node),
            kind=_kind(direct),
            how=self._reach.how(node, column, direct=direct),
            precision=Precision.UNKNOWN if lost in {"unknown", "circle"} else known,
            path=tuple(self._refs[one] for one in path),
            sources=lost,
            tags=tuple(sorted(self._tags.get(node, ()))),
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

    def _with_whole_versions(self, tags_of: TagsOf, nodes: Collection[int]) -> Mapping[int, Collection[str]]:
        """Give the tags of what was met; a whole version, where it counts as one source, has those of its columns."""
        owned = self._facts.columns_of(self._facts.versions(nodes))
        tags = tags_of({*nodes, *(one.id for columns in owned.values() for one in columns)})
        if not tags:
            return {}
        found = {one: tags[one] for one in nodes if one in tags}
        for one, columns in owned.items():
            found[one] = {*tags.get(one, ()), *(tag for each in columns for tag in tags.get(each.id, ()))}
        return found

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


def origins_of(
    facts: Facts,
    columns: Collection[int],
    limit: int,
    tags: TagsOf = lambda _: {},
) -> Origins:
    """Find the raw columns upstream of these columns.

    Ends are columns of datasets that nothing recorded was written into, and places where the record
    ends without saying that it is at a source. Cycles, which only foreign events make, are walked once.

    Args:
        facts: Look-ups.
        columns: Nodes of columns.
        limit: Most columns looked at.
        tags: Gives what is said of some columns, by node.
    """
    return Origins(facts, columns, limit, tags)


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


def _kind(direct: bool) -> str:
    return EdgeKind.DIRECT if direct else EdgeKind.INDIRECT
