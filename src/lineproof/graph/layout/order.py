"""The order of boxes from top to bottom in each layer, with few crossings.

An edge over several layers passes each layer between at a *pass*, a place of its own that is ordered like
a box; passes are numbered after the boxes.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

from lineproof.graph.layout.layers import Pair

__all__ = ["Rows"]

_COUNTED = 4000  # segments up to which crossings are counted to keep the best of many sweeps
_SWEEPS_COUNTED = 12
_SWEEPS_PLAIN = 6


class Rows:
    """Boxes and passes by layer.

    Attributes:
        boxes: Number of boxes.
        rows: Numbers of boxes and passes in each layer, top to bottom.
        before: For each box and pass, its neighbours one layer upstream.
        after: The same, downstream.
        chains: For each edge: its source, passes and target.
    """

    def __init__(self, layer: Sequence[int], edges: Sequence[Pair], passes: int) -> None:
        """Place the passes.

        Args:
            layer: Layer of each box.
            edges: Each leads to a higher layer.
            passes: Most passes there may be; the longest edges go without when there would be more.
        """
        self.boxes = len(layer)
        self.rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
        self.before: list[list[int]] = [[] for _ in layer]
        self.after: list[list[int]] = [[] for _ in layer]
        self.chains: list[list[int]] = [[source, target] for source, target in edges]
        for one in _by_search(self.boxes, edges):
            self.rows[layer[one]].append(one)
        left = passes
        for index in sorted(range(len(edges)), key=lambda index: self._span(layer, edges[index])):
            left -= self._span(layer, edges[index])
            if left < 0:
                break
            self._route(index, layer)

    @staticmethod
    def _span(layer: Sequence[int], edge: Pair) -> int:
        return layer[edge[1]] - layer[edge[0]] - 1

    def _route(self, index: int, layer: Sequence[int]) -> None:
        source, target = self.chains[index]
        first = len(self.before)
        span = layer[target] - layer[source] - 1
        chain = [source, *range(first, first + span), target]
        for offset in range(span):
            self.rows[layer[source] + 1 + offset].append(first + offset)
            self.before.append([chain[offset]])
            self.after.append([chain[offset + 2]])
        self.after[source].append(chain[1])
        self.before[target].append(chain[-2])
        self.chains[index] = chain

    def reduce_crossings(self) -> None:
        """Sort each layer by the mean place of its neighbours, to and fro; keep the best when counted."""
        segments = sum(len(near) for near in self.after)
        counted = segments <= _COUNTED
        place = [0.0] * len(self.before)
        for row in self.rows:
            _number(row, place)
        best, fewest = [list(row) for row in self.rows], self.crossings() if counted else 0
        for sweep in range(_SWEEPS_COUNTED if counted else _SWEEPS_PLAIN):
            if counted and not fewest:
                break
            if sweep % 2:
                self._sweep(self.rows[-2::-1], self.after, place)
            else:
                self._sweep(self.rows[1:], self.before, place)
            if counted and (crossings := self.crossings()) < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        if counted:
            for row, kept in zip(self.rows, best, strict=True):
                row[:] = kept

    @staticmethod
    def _sweep(rows: Sequence[list[int]], neighbours: Sequence[Sequence[int]], place: list[float]) -> None:
        for row in rows:
            mean = {}
            for one in row:
                near = neighbours[one]
                if len(near) == 1:
                    mean[one] = place[near[0]]
                elif near:
                    mean[one] = sum([place[other] for other in near]) / len(near)
                else:
                    mean[one] = place[one]
            row.sort(key=mean.__getitem__)
            _number(row, place)

    def crossings(self) -> int:
        """Count the pairs of lines that cross between neighbouring layers."""
        found = 0
        for left, right in pairwise(self.rows):
            rank = {one: index for index, one in enumerate(right)}
            seen: list[int] = []
            for one in left:
                ends = [rank[other] for other in self.after[one]]
                found += sum(len(seen) - bisect_right(seen, end) for end in ends)
                for end in ends:
                    insort(seen, end)
        return found


def _number(row: Sequence[int], place: list[float]) -> None:
    """Note the places of a row, from 0 to 1, so that long and short rows compare."""
    share = 1 / len(row)
    for index, one in enumerate(row):
        place[one] = (index + 0.5) * share


def _by_search(count: int, edges: Sequence[Pair]) -> list[int]:
    """Order boxes so that what hangs together is close: the start for crossing reduction."""
    near: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        near[source].append(target)
        near[target].append(source)
    found: list[int] = []
    seen = bytearray(count)
    for start in range(count):
        waiting = [start]
        while waiting:
            one = waiting.pop()
            if not seen[one]:
                seen[one] = 1
                found.append(one)
                waiting.extend(reversed(near[one]))
    return found
