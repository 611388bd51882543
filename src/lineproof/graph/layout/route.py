"""The way of each line: out of a box's downstream side, along its passes, into a box's upstream side."""

from __future__ import annotations

from collections.abc import Sequence

from lineproof.graph.layout.order import Rows
from lineproof.graph.layout.picture import BOX_HEIGHT, BOX_WIDTH, Flow

__all__ = ["Point", "loop", "ways"]

Point = tuple[int, int]

_UNUSED = 16  # of a side, at its corners


def ways(
    rows: Rows, layer: Sequence[int], middle: Sequence[float], flow: Flow, margin: int
) -> list[list[Point]]:
    """Give the points of each edge, upstream to downstream.

    Args:
        rows: Order, and the passes of each edge.
        layer: Layer of each box.
        middle: Middle of each box and pass across the flow.
        flow: Which way the picture runs.
        margin: Added to every coordinate.
    """
    leaving = _ports([chain[0] for chain in rows.chains], [chain[1] for chain in rows.chains], middle, flow)
    arriving = _ports(
        [chain[-1] for chain in rows.chains], [chain[-2] for chain in rows.chains], middle, flow
    )
    step = flow.along + flow.gap
    found = []
    for index, chain in enumerate(rows.chains):
        source, target = chain[0], chain[-1]
        end = margin + layer[source] * step + flow.along
        points = [(end, round(margin + middle[source] + leaving[index]))]
        for number, one in enumerate(chain[1:-1], start=1):
            start = margin + (layer[source] + number) * step
            aside = round(margin + middle[one])
            points += [(start, aside), (start + flow.along, aside)]
        points.append((margin + layer[target] * step, round(margin + middle[target] + arriving[index])))
        found.append([(aside, along) for along, aside in points] if flow.downwards else points)
    return found


def loop(x: int, y: int) -> list[Point]:
    """Give the points of a line from a box to itself; both are on its right side."""
    quarter = BOX_HEIGHT // 4
    return [(x + BOX_WIDTH, y + quarter), (x + BOX_WIDTH, y + 3 * quarter)]


def _ports(boxes: Sequence[int], nexts: Sequence[int], middle: Sequence[float], flow: Flow) -> list[float]:
    """Give each line its distance from the middle of its box, in the order of where it leads."""
    sides: dict[int, list[int]] = {}
    for index, box in enumerate(boxes):
        sides.setdefault(box, []).append(index)
    found = [0.0] * len(boxes)
    for lines in sides.values():
        if len(lines) == 1:
            continue
        lines.sort(key=lambda index: middle[nexts[index]])
        gap = min(flow.port, (flow.across - _UNUSED) / (len(lines) - 1))
        for number, index in enumerate(lines):
            found[index] = (number - (len(lines) - 1) / 2) * gap
    return found
