"""The way of each line: out of a box's right side, along its passes, into a box's left side."""

from __future__ import annotations

from collections.abc import Sequence

from lineproof.graph.layout.order import Rows
from lineproof.graph.layout.picture import BOX_HEIGHT, BOX_WIDTH

__all__ = ["LAYER_GAP", "loop", "ways"]

Point = tuple[int, int]

LAYER_GAP = 60  # between the right side of one layer and the left side of the next
_PORT_GAP = 7.0  # between lines at the side of a box
_PORTS = BOX_HEIGHT - 16.0  # height of a side that lines may use


def ways(rows: Rows, layer: Sequence[int], middle: Sequence[float], margin: int) -> list[list[Point]]:
    """Give the points of each edge, upstream to downstream.

    Args:
        rows: Order, and the passes of each edge.
        layer: Layer of each box.
        middle: Height of the middle of each box and pass.
        margin: Added to every coordinate.
    """
    leaving = _ports([chain[0] for chain in rows.chains], [chain[1] for chain in rows.chains], middle)
    arriving = _ports([chain[-1] for chain in rows.chains], [chain[-2] for chain in rows.chains], middle)
    step = BOX_WIDTH + LAYER_GAP
    found = []
    for index, chain in enumerate(rows.chains):
        source, target = chain[0], chain[-1]
        right = margin + layer[source] * step + BOX_WIDTH
        points = [(right, round(margin + middle[source] + leaving[index]))]
        for number, one in enumerate(chain[1:-1], start=1):
            left = margin + (layer[source] + number) * step
            height = round(margin + middle[one])
            points += [(left, height), (left + BOX_WIDTH, height)]
        points.append((margin + layer[target] * step, round(margin + middle[target] + arriving[index])))
        found.append(points)
    return found


def loop(x: int, y: int) -> list[Point]:
    """Give the points of a line from a box to itself; both are on its right side."""
    quarter = BOX_HEIGHT // 4
    return [(x + BOX_WIDTH, y + quarter), (x + BOX_WIDTH, y + 3 * quarter)]


def _ports(boxes: Sequence[int], nexts: Sequence[int], middle: Sequence[float]) -> list[float]:
    """Give each line its distance from the middle of its box, in the order of where it leads."""
    sides: dict[int, list[int]] = {}
    for index, box in enumerate(boxes):
        sides.setdefault(box, []).append(index)
    found = [0.0] * len(boxes)
    for lines in sides.values():
        if len(lines) == 1:
            continue
        lines.sort(key=lambda index: middle[nexts[index]])
        gap = min(_PORT_GAP, _PORTS / (len(lines) - 1))
        for number, index in enumerate(lines):
            found[index] = (number - (len(lines) - 1) / 2) * gap
    return found
