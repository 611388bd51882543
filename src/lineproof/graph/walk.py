"""Breadth first through the graph, with caps that say where they cut."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lineproof.graph.hops import Direction, Hop, Hops

__all__ = ["Reached", "walk"]

_EDGES_PER_NODE = 20  # cap on edges, as a multiple of the cap on nodes


class Reached(msgspec.Struct):
    """What a walk found.

    Attributes:
        depths: Each node reached and how many edges away it is, nearest first.
        hops: The edges between them.
        cut: Nodes beyond which the walk did not look although more edges are, or may be, there.
    """

    depths: dict[int, int]
    hops: list[Hop]
    cut: set[int]


def walk(
    hops_of: Hops, start: Sequence[int], direction: Direction, *, depth: int | None, limit: int
) -> Reached:
    """Follow edges from `start`, level by level.

    Args:
        hops_of: Reads the edges of one level.
        start: Nodes to start from.
        direction: Up to sources or down to what came from them.
        depth: Most edges away; None for no cap.
        limit: Most nodes in the answer.
    """
    reached = Reached(dict.fromkeys(start, 0), [], set())
    up = direction is Direction.UP
    level, away = list(start), 0
    while level:
        away += 1
        step = hops_of(level, limit * _EDGES_PER_NODE - len(reached.hops))
        reached.cut |= step.cut
        following = []
        for hop in step.hops:
            near, far = (hop.target, hop.source) if up else (hop.source, hop.target)
            if far not in reached.depths:
                if away - 1 == depth or len(reached.depths) >= limit:
                    reached.cut.add(near)
                    continue
                reached.depths[far] = away
                following.append(far)
            reached.hops.append(hop)
        level = following
    return reached
