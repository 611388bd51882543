"""Fewer boxes than things: what stands side by side and has much in common shares a box that says how many.

Grouping goes only as far as it must. It starts with things that nothing in the picture tells apart and
ends, for graphs of thousands of layers, with whole bands of layers; what was asked about stays on its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence

from lineproof.graph.layout.picture import Box, Sketch, SketchLine
from lineproof.graph.layout.sketch import joined

__all__ = ["grouped"]

_MEMBERS = 12  # named in a group
_KINDS = ("dataset", "model", "column", "run", "prediction")  # order in a group's name

Key = Callable[[int], Hashable]


def grouped(sketch: Sketch, layer: Sequence[int], limit: int) -> Sketch:
    """Let things share boxes until there are no more than `limit`.

    Args:
        sketch: One box for each thing.
        layer: Layer of each box.
        limit: Most boxes, at least 2.
    """
    if len(sketch.boxes) <= limit:
        return sketch
    for key in _keys(sketch, layer):
        groups = _chosen(sketch.boxes, key, limit)
        if len(groups) <= limit:
            return _merged(sketch, groups)
    raise AssertionError("one band of all layers is one group")


def _keys(sketch: Sketch, layer: Sequence[int]) -> Iterator[Key]:
    """Give what members of a group must have in common, from the most to the least."""
    boxes = sketch.boxes
    near: dict[int, set[tuple[bool, int]]] = defaultdict(set)
    for line in sketch.lines:
        near[line.source].add((True, line.target))
        near[line.target].add((False, line.source))
    yield lambda one: (*_family(boxes[one], layer[one]), frozenset(near[one]))
    yield lambda one: _family(boxes[one], layer[one])
    yield lambda one: (layer[one], boxes[one].kind, boxes[one].namespace)
    yield lambda one: (layer[one], boxes[one].kind)
    band = 1
    while band < 2 * (max(layer) + 1):
        yield lambda one, band=band: layer[one] // band  # type: ignore[misc]  # a default is not in Key
        band *= 2


def _family(box: Box, layer: int) -> tuple[Hashable, ...]:
    return (layer, box.kind, box.namespace, box.origin)


def _chosen(boxes: Sequence[Box], key: Key, limit: int) -> list[list[int]]:
    """Give groups, the largest made first and no more than needed, in the order of their first members."""
    alike: dict[Hashable, list[int]] = {}
    for one, box in enumerate(boxes):
        alike.setdefault(None if box.root else key(one), []).append(one)
    left = len(boxes)
    groups: list[list[int]] = []
    for members in sorted(alike.values(), key=len, reverse=True):
        if left > limit:
            groups.append(members)
            left -= len(members) - 1
        else:
            groups += [[one] for one in members]
    return sorted(groups)


def _merged(sketch: Sketch, groups: Sequence[Sequence[int]]) -> Sketch:
    place = {one: at for at, members in enumerate(groups) for one in members}
    lines = (
        SketchLine(
            source=place[line.source],
            target=place[line.target],
            direct=line.direct,
            precision=line.precision,
            rules=list(line.rules),
            count=line.count,
        )
        for line in sketch.lines
        if place[line.source] != place[line.target] or line.source == line.target
    )
    boxes = [_shared([sketch.boxes[one] for one in members]) for members in groups]
    return Sketch(boxes=boxes, lines=joined(lines))


def _shared(boxes: Sequence[Box]) -> Box:
    """Give the box that stands for several."""
    if len(boxes) == 1:
        return boxes[0]
    kinds = Counter(box.kind for box in boxes)
    label = ", ".join(
        f"{kinds[kind]:,} {kind}{'s' if kinds[kind] > 1 else ''}"
        for kind in sorted(kinds, key=lambda kind: (_KINDS.index(kind) if kind in _KINDS else 9, kind))
    )
    origins = {box.origin for box in boxes}
    namespaces = {box.namespace for box in boxes}
    common = origins.pop() if len(origins) == 1 else ""
    if not common and len(namespaces) == 1 and "" not in namespaces:
        common = f"in {namespaces.pop()}"
    return Box(
        ref=boxes[0].ref,
        kind="group",
        label=label,
        detail="group",
        origin=common,
        namespace=boxes[0].namespace,
        members=[box.ref for box in boxes[:_MEMBERS]],
        count=len(boxes),
        unknown=sum(box.unknown for box in boxes),
        cut=sum(box.cut for box in boxes),
    )
