"""Pictures of lineage in layers, from upstream to downstream, laid out in Python.

The same trace gives the same picture, everywhere: nothing depends on chance, clocks or hash order.

    sketch   what is drawn          groups   fewer boxes than things
    layers   which layer            order    within a layer, few crossings
    place    where in its layer     route    the way of each line
"""

from __future__ import annotations

from collections.abc import Sequence

from lineproof.graph.answer import Trace
from lineproof.graph.layout.groups import grouped
from lineproof.graph.layout.layers import Pair, acyclic, layers
from lineproof.graph.layout.order import Rows
from lineproof.graph.layout.picture import (
    BOX_HEIGHT,
    BOX_WIDTH,
    DOWNWARDS,
    RIGHTWARDS,
    Box,
    Flow,
    Line,
    Picture,
    Sketch,
    SketchLine,
)
from lineproof.graph.layout.place import extent, least_extent, middles
from lineproof.graph.layout.route import Point, loop, ways
from lineproof.graph.layout.sketch import sketch

__all__ = ["BOX_HEIGHT", "BOX_WIDTH", "DEFAULT_LIMIT", "Box", "Line", "Picture", "lay_out"]

DEFAULT_LIMIT = 300  # boxes
_LINES_PER_BOX = 5
_PASSES_PER_BOX = 20
_LEAST_PASSES = 4000
_MARGIN = 12


def lay_out(trace: Trace, *, limit: int | None = DEFAULT_LIMIT, fit: int | None = None) -> Picture:
    """Lay out a trace as a picture.

    Cycles, which events of other tools can make, are broken for the layout; the lines that close them are
    drawn backwards.

    Args:
        trace: Any trace; its edges may only name its nodes.
        limit: Most boxes, at least 2; things beyond share boxes, and lines beyond five for each box are
            counted but not drawn. None draws everything on its own.
        fit: Width up to which the picture runs from left to right; a wider one runs downwards where that
            makes it narrower. None for any width.

    Returns:
        Boxes and lines with coordinates. Each thing is in exactly one box.
    """
    drawn = sketch(trace)
    upwards = trace.direction == "up"
    if limit is not None and len(drawn.boxes) > limit:
        drawn = grouped(drawn, _layered(drawn, upwards)[0], max(2, limit))
    lines = sorted(drawn.lines, key=lambda line: not line.direct)  # stable: INDIRECT last
    most = len(lines) if limit is None else _LINES_PER_BOX * limit
    picture = _arranged(Sketch(boxes=drawn.boxes, lines=lines[:most]), upwards, fit)
    picture.lines_left_out = max(0, len(lines) - most)
    return picture


def _layered(drawn: Sketch, upwards: bool) -> tuple[list[int], list[Pair], set[int]]:
    """Give the layer of each box, the edges turned so that none leads back, and which were turned.

    A box's line to itself is no edge here.
    """
    count = len(drawn.boxes)
    edges = [(line.source, line.target) for line in drawn.lines if line.source != line.target]
    back = acyclic(count, [pair[::-1] for pair in edges] if upwards else edges)
    turned = [pair[::-1] if index in back else pair for index, pair in enumerate(edges)]
    return layers(count, turned), turned, back


def _arranged(drawn: Sketch, upwards: bool, fit: int | None) -> Picture:
    layer, edges, back = _layered(drawn, upwards)
    rows = Rows(layer, edges, max(_LEAST_PASSES, _PASSES_PER_BOX * len(layer)))
    rows.reduce_crossings()
    flow, middle = _flow(rows, fit)
    _stand(drawn.boxes, layer, middle, flow)
    routed = iter(enumerate(ways(rows, layer, middle, flow, _MARGIN)))
    lines = []
    for line in drawn.lines:
        box = drawn.boxes[line.source]
        if line.source == line.target:
            lines.append(_line(line, loop(box.x, box.y)))
            continue
        index, points = next(routed)
        lines.append(_line(line, points[::-1] if index in back else points, back=index in back))
    along, across = flow.length(len(rows.rows)), extent(rows, middle, flow)
    return Picture(
        width=2 * _MARGIN + (across if flow.downwards else along),
        height=2 * _MARGIN + (along if flow.downwards else across),
        boxes=drawn.boxes,
        lines=lines,
        downwards=flow.downwards,
    )


def _flow(rows: Rows, fit: int | None) -> tuple[Flow, list[float]]:
    """Choose which way the picture runs; give it with the middles across it."""
    wide = RIGHTWARDS.length(len(rows.rows))
    if fit is not None and wide + 2 * _MARGIN > fit and least_extent(rows, DOWNWARDS) < wide:
        middle = middles(rows, DOWNWARDS)
        if extent(rows, middle, DOWNWARDS) < wide:
            return DOWNWARDS, middle
    return RIGHTWARDS, middles(rows, RIGHTWARDS)


def _stand(boxes: Sequence[Box], layer: Sequence[int], middle: Sequence[float], flow: Flow) -> None:
    for one, box in enumerate(boxes):
        box.layer = layer[one]
        along = _MARGIN + layer[one] * (flow.along + flow.gap)
        aside = round(_MARGIN + middle[one] - flow.across / 2)
        box.x, box.y = (aside, along) if flow.downwards else (along, aside)


def _line(line: SketchLine, points: Sequence[Point], *, back: bool = False) -> Line:
    return Line(
        source=line.source,
        target=line.target,
        direct=line.direct,
        precision=line.precision,
        rules=line.rules,
        count=line.count,
        points=list(points),
        back=back,
    )
