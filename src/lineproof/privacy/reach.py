"""What came from some versions, without going through others."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from lineproof.graph.facts import batches
from lineproof.graph.view import View
from lineproof.model.lineage import Precision
from lineproof.store.schema import dataset, edge, version

__all__ = ["downstream"]


def downstream(
    connection: Connection, seen: View, starts: Collection[int], *, without: Collection[int]
) -> dict[int, Precision]:
    """Give the versions that came from some, each with how sure it is that something of them is in it.

    A model that learned from rows that are known is as sure as those rows; a table that came from them may have
    left some out.

    Args:
        connection: Snapshot of the tables.
        seen: What counts.
        starts: Versions that hold what is looked for.
        without: Versions known not to: no way leads through them.
    """
    found = dict.fromkeys(starts, Precision.EXACT)
    passed = set(without)
    frontier = set(starts)
    while frontier:
        reached: dict[int, Precision] = {}
        for piece in batches(frontier):
            query = (
                select(edge.c.src, edge.c.dst, dataset.c.type)
                .join(version, version.c.id == edge.c.dst)
                .join(dataset, dataset.c.id == version.c.dataset)
                .where(edge.c.src.in_(piece), seen.known(edge))
            )
            for source, target, kind in connection.execute(query):
                sure = kind == "MODEL" and found[source] is Precision.EXACT
                known = Precision.EXACT if sure else Precision.SUPERSET
                if target not in passed and found.get(target) not in (Precision.EXACT, known):
                    reached[target] = Precision.EXACT if reached.get(target) is Precision.EXACT else known
        frontier = set(reached)
        found |= reached
    return found
