"""One level of the graph at a time: from a set of nodes to their neighbours.

Every read is a range of a covering index, cut off at a budget, so that cost follows the answer and
one hub with a million neighbours cannot run away with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, bindparam, select

from lineproof.graph.among import among
from lineproof.graph.facts import Facts, batches
from lineproof.graph.view import View
from lineproof.store.schema import edge, version

__all__ = ["DatasetHops", "Direction", "Edges", "Hop", "Hops", "Step"]


class Direction(StrEnum):
    """Which way a question goes."""

    UP = "up"  # to what it came from
    DOWN = "down"  # to what came from it


class Hop(NamedTuple):
    """One edge, from source to target. `run` is the node of the run that made it."""

    source: int
    target: int
    kind: str
    how: str
    precision: str
    rule: str
    run: int | None
    entry: int
    time: str | None


class Step(NamedTuple):
    """The edges of one level, and those of its nodes that have more than were read."""

    hops: list[Hop]
    cut: set[int]


class Hops(Protocol):
    """How to go one level further."""

    def __call__(self, level: Collection[int], budget: int) -> Step:
        """Give at most about `budget` edges that lead on from the nodes of `level`."""


_FIELDS = (
    edge.c.src,
    edge.c.dst,
    edge.c.kind,
    edge.c.how,
    edge.c.precision,
    edge.c.rule,
    edge.c.run,
    edge.c.entry,
    edge.c.time,
)


class Edges:
    """Reads edges on one side of a set of nodes.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What counts.
        direction: Up to the sources of the nodes, or down.
        to_versions: Leave out those that lead to anything but a dataset version.
    """

    def __init__(
        self, connection: Connection, seen: View, direction: Direction, *, to_versions: bool = False
    ) -> None:
        self._connection = connection
        self._up = direction is Direction.UP
        near, far = (edge.c.dst, edge.c.src) if self._up else (edge.c.src, edge.c.dst)
        query = (
            select(*_FIELDS).where(among(near), seen.held(edge)).order_by(near, far).limit(bindparam("room"))
        )
        self._query = query.join(version, version.c.id == far) if to_versions else query

    def near(self, hop: Hop) -> int:
        """Give the end that was asked about."""
        return hop.target if self._up else hop.source

    def far(self, hop: Hop) -> int:
        """Give the end that the edge leads to."""
        return hop.source if self._up else hop.target

    def read(self, ids: Iterable[int], budget: int) -> Step:
        """Read at most `budget` edges; nodes whose edges were not all read are `cut`."""
        hops: list[Hop] = []
        cut: set[int] = set()
        for piece in batches(ids):
            room = budget - len(hops)
            if room <= 0:
                cut.update(piece)
                continue
            rows = self._connection.execute(self._query, {"ids": piece, "room": room + 1}).all()
            found = [Hop._make(row) for row in rows]
            if len(found) > room:
                last = self.near(found.pop())
                cut.update(one for one in piece if one >= last)
            hops += found
        return Step(hops, cut)


class DatasetHops:
    """Between dataset versions."""

    def __init__(self, facts: Facts, direction: Direction) -> None:
        self._edges = Edges(facts.connection, facts.view, direction, to_versions=True)

    def __call__(self, level: Collection[int], budget: int) -> Step:
        """Give the edges between versions; those of single columns into a version are not among them."""
        return self._edges.read(level, budget)
