"""Which column of the picture each box stands in: cycles broken, then longest paths.

Boxes are numbered from 0; an edge is a pair of numbers. All loops are iterative: a chain may be long.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Pair", "acyclic", "layers"]

Pair = tuple[int, int]

_WAITING, _OPEN, _DONE = 0, 1, 2


def acyclic(count: int, edges: Sequence[Pair]) -> set[int]:
    """Find edges whose reversal leaves no cycle.

    Args:
        count: Number of boxes. The search starts from the lowest, which so stays at its end.
        edges: They lead away from what was asked about; none from a box to itself.

    Returns:
        Indices of the edges to reverse: those that lead back on the way of a depth-first search.
    """
    onward: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for index, (source, target) in enumerate(edges):
        onward[source].append((target, index))
    state = bytearray(count)
    back: set[int] = set()
    for start in range(count):
        if state[start] == _WAITING:
            _search(start, onward, state, back)
    return back


def _search(start: int, onward: list[list[tuple[int, int]]], state: bytearray, back: set[int]) -> None:
    state[start] = _OPEN
    way = [(start, iter(onward[start]))]
    while way:
        one, rest = way[-1]
        for other, index in rest:
            if state[other] == _OPEN:
                back.add(index)
            elif state[other] == _WAITING:
                state[other] = _OPEN
                way.append((other, iter(onward[other])))
                break
        else:
            state[one] = _DONE
            way.pop()


def layers(count: int, edges: Sequence[Pair]) -> list[int]:
    """Give each box a layer, so that every edge leads to a higher one and lines stay short.

    Args:
        count: Number of boxes.
        edges: Without cycles.

    Returns:
        Layer of each box, from 0, none empty.
    """
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    # 1. The longest path from any source, in topological order.
    missing = [len(near) for near in before]
    topological = [one for one in range(count) if not missing[one]]
    layer = [0] * count
    for one in topological:  # grows while it is read
        beyond = layer[one] + 1
        for other in after[one]:
            layer[other] = max(layer[other], beyond)
            missing[other] -= 1
            if not missing[other]:
                topological.append(other)
    # 2. What has more lines onward than back moves towards where they lead.
    for one in reversed(topological):
        if len(after[one]) > len(before[one]):
            layer[one] = min(layer[other] for other in after[one]) - 1
    # 3. Close the layers that this emptied.
    numbers = {old: new for new, old in enumerate(sorted(set(layer)))}
    return [numbers[old] for old in layer]
