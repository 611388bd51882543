"""Which of many columns each node upstream leads to, and how: all columns carried at once, as bits."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from lineproof.graph.hops import Hop
from lineproof.model.lineage import EdgeKind, How, Precision

__all__ = ["HOWS", "PRECISIONS", "Reach", "reach"]

PRECISIONS = tuple(str(one) for one in Precision)  # from strong to weak
HOWS = tuple(str(one) for one in How)

_Edges = dict[int, list[tuple[int, bool]]]  # target to sources, each with whether values flow


class _Flood(msgspec.Struct):
    """Columns, as bits, that a node leads to: by values alone, and with an influence on the way."""

    direct: dict[int, int]
    indirect: dict[int, int]


class Reach:
    """Which columns each node leads to, over ways of which strength.

    Args:
        hops: The edges.
        start: The columns; the first has the lowest bit.
    """

    def __init__(self, hops: Sequence[Hop], start: Sequence[int]) -> None:
        self._start = start
        self._bits = {one: 1 << place for place, one in enumerate(start)}
        self._by_precision = self._floods(hops, [PRECISIONS.index(hop.precision) for hop in hops])
        self._by_how = self._floods(hops, [HOWS.index(hop.how) for hop in hops])
        self._all = self._by_precision[-1][1]

    def mask(self, node: int, *, direct: bool, exact: bool = False) -> int:
        """Give the columns, as bits, that a node leads to; `exact`: along exact edges alone."""
        flood = self._by_precision[0][1] if exact else self._all
        return (flood.direct if direct else flood.indirect).get(node, 0)

    def bit(self, column: int) -> int:
        """Give the bit of a column."""
        return self._bits[column]

    def columns(self, mask: int) -> Iterator[int]:
        """Give the columns whose bits are set."""
        while mask:
            lowest = mask & -mask
            yield self._start[lowest.bit_length() - 1]
            mask ^= lowest

    def leads(self, node: int, column: int, *, direct: bool) -> bool:
        """Tell whether some way leads from a node down to a column: of values, or with an influence in it."""
        return _holds(self._all, node, self._bits[column], direct)

    def precision(self, node: int, column: int, *, direct: bool) -> str:
        """Give the precision of the strongest way, which is that of its weakest edge."""
        return PRECISIONS[self._strongest(self._by_precision, node, column, direct)]

    def how(self, node: int, column: int, *, direct: bool) -> str:
        """Give how the best known way is known, which is how its weakest edge is."""
        return HOWS[self._strongest(self._by_how, node, column, direct)]

    def path(self, node: int, column: int, onward: Mapping[int, Sequence[int]]) -> list[int]:
        """Give the nodes in between on some way along which values flow.

        Args:
            node: Where it begins.
            column: Where it ends.
            onward: Edges down along which values flow.
        """
        way, passed = [node], {node}
        while way and way[-1] != column:
            following = (
                one
                for one in onward.get(way[-1], ())
                if one not in passed and self.leads(one, column, direct=True)
            )
            step = next(following, None)
            if step is None:  # round a circle: this one only leads there through what was passed
                way.pop()
            else:
                passed.add(step)
                way.append(step)
        return way[1:-1]

    def _strongest(self, floods: Iterable[tuple[int, _Flood]], node: int, column: int, direct: bool) -> int:
        bit = self._bits[column]
        return next(rank for rank, flood in floods if _holds(flood, node, bit, direct))

    def _floods(self, hops: Sequence[Hop], ranks: Sequence[int]) -> list[tuple[int, _Flood]]:
        """Flood along the strong edges alone, then along weaker ones too, for each strength there is."""
        found = []
        for rank in sorted({0, *ranks}):
            edges: _Edges = defaultdict(list)
            for hop, weakness in zip(hops, ranks, strict=True):
                if weakness <= rank:
                    edges[hop.target].append((hop.source, hop.kind == EdgeKind.DIRECT))
            found.append((rank, _flood(edges, self._bits)))
        return found


def reach(hops: Sequence[Hop], start: Sequence[int]) -> Reach:
    """Carry columns up along edges. Cost is edges times strengths; circles end by themselves."""
    return Reach(hops, start)


def _flood(edges: _Edges, start: Mapping[int, int]) -> _Flood:
    direct, indirect = dict(start), dict[int, int]()
    waiting = deque(start)
    queued = set(start)
    while waiting:
        target = waiting.popleft()
        queued.discard(target)
        flows, decides = direct.get(target, 0), indirect.get(target, 0)
        for source, values in edges.get(target, ()):
            news = (flows if values else 0) & ~direct.get(source, 0)
            more = (decides if values else flows | decides) & ~indirect.get(source, 0)
            if news:
                direct[source] = direct.get(source, 0) | news
            if more:
                indirect[source] = indirect.get(source, 0) | more
            if (news or more) and source not in queued:
                queued.add(source)
                waiting.append(source)
    return _Flood(direct, indirect)


def _holds(flood: _Flood, node: int, bit: int, direct: bool) -> bool:
    return bool((flood.direct if direct else flood.indirect).get(node, 0) & bit)
