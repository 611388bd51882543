"""What values may have flowed from into some columns: the ways of `ColumnHops` downwards, walked against the stream."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from lineproof.graph.columns import NO_COLUMNS_NAMED
from lineproof.graph.facts import ColumnFacts, Facts
from lineproof.graph.hops import Direction, Edges, Hop
from lineproof.model.lineage import EdgeKind

__all__ = ["Ancestry", "Way", "ancestry"]

_WAYS_PER_NODE = 20  # cap on ways, as a multiple of the cap on nodes


class Way(NamedTuple):
    """Values flow from a column, or a whole version, into another in a run."""

    source: int
    target: int
    run: int | None


class Ancestry(msgspec.Struct, frozen=True):
    """All that lies upstream.

    Attributes:
        columns: Every column met, those asked about included.
        ways: How values flow between columns and whole versions.
        complete: Whether nothing was left out because there is too much.
    """

    columns: dict[int, ColumnFacts]
    ways: list[Way]
    complete: bool


def ancestry(facts: Facts, nodes: Collection[int], limit: int) -> Ancestry:
    """Find all columns and versions from which values flow into some, however many steps away.

    Args:
        facts: Look-ups.
        nodes: Columns, and versions to be looked at as a whole.
        limit: Most nodes looked at.
    """
    # 1. Read the edges into the columns of one level, into the versions that own them, and into whole versions.
    # 2. A column that flows into a version flows into each of its columns; into the version, if none is known.
    # 3. A version flows into a version that is looked at as a whole; where an event named no columns, so does
    #    each of its columns.
    edges = Edges(facts.connection, facts.view, Direction.UP)
    met: dict[int, ColumnFacts] = {}
    ways: dict[Way, None] = {}
    level, done, complete = set(nodes), set(nodes), True
    while level:
        columns = facts.columns(level)
        met.update(columns)
        inside: dict[int, list[int]] = defaultdict(list)
        for one, column in columns.items():
            inside[column.version].append(one)
        whole = level - columns.keys()
        step = edges.read({*columns, *inside, *whole}, limit * _WAYS_PER_NODE - len(ways))
        found = _ways(facts, step.hops, inside, whole)
        ways.update(dict.fromkeys(found))
        level = {way.source for way in found} - done
        done |= level
        if step.cut or len(done) > limit:
            complete = False
            break
    return Ancestry(met, list(ways), complete)


def _ways(
    facts: Facts, hops: Iterable[Hop], inside: dict[int, list[int]], whole: Collection[int]
) -> list[Way]:
    flowing = [hop for hop in hops if hop.kind == EdgeKind.DIRECT]
    sources = facts.columns({hop.source for hop in flowing})
    versions = facts.versions({hop.source for hop in flowing} - sources.keys())
    bare = {one for one, columns in facts.columns_of(facts.versions(whole)).items() if not columns}
    unnamed = [hop.source for hop in flowing if hop.source in versions and hop.rule == NO_COLUMNS_NAMED]
    every = facts.columns_of(unnamed)
    found = []
    for hop in flowing:
        if hop.source in versions:
            if hop.target in whole:
                found.append(Way(hop.source, hop.target, hop.run))
                if hop.rule == NO_COLUMNS_NAMED:
                    found += [Way(one.id, hop.target, hop.run) for one in every[hop.source]]
        elif hop.target in inside or hop.target in bare:
            targets = inside.get(hop.target, []) + ([hop.target] if hop.target in bare else [])
            found += [Way(hop.source, one, hop.run) for one in targets]
        elif hop.target not in whole:
            found.append(Way(hop.source, hop.target, hop.run))
    return found
