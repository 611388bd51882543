"""What the signs of a picture mean, and what the picture leaves out: only what occurs in it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lineproof.graph import Trace
from lineproof.graph.layout import Picture
from lineproof.model.lineage import Precision
from lineproof.reports.lettering import width
from lineproof.reports.shapes import CUT, SUPERSET, UNKNOWN, mark

__all__ = ["Legend", "legend"]

_ROW = 20  # px
_MARGIN = 12
_SAMPLE = 34  # width of the sign before its words
_BETWEEN = 22
_FONT = 11.5


class Legend(msgspec.Struct):
    """Rows of signs with their words, and how high they are together."""

    elements: list[str]
    height: int


def legend(trace: Trace, picture: Picture, width_px: int) -> Legend:
    """Explain a picture in rows of at most this width."""
    x, y = _MARGIN, _ROW
    elements = []
    for sign, words in [*_signs(picture), *(("", words) for words in _left_out(trace, picture))]:
        indent = _SAMPLE if sign else 0
        wide = indent + round(width(words) * _FONT)
        if x > _MARGIN and x + wide > width_px - _MARGIN:
            x, y = _MARGIN, y + _ROW
        elements.append(
            f'<g transform="translate({x} {y})">{sign}<text x="{indent}" y="4">{words}</text></g>'
        )
        x += wide + _BETWEEN
    return Legend(elements, y + _ROW if elements else 0)


def _signs(picture: Picture) -> Iterator[tuple[str, str]]:
    if any(box.root for box in picture.boxes):
        yield (
            '<rect class="asked" x="2" y="-6" width="24" height="12" rx="2" fill="#fff" stroke="#111" stroke-width="2.6"/>',
            "asked about",
        )
    if any(line.direct and not line.back for line in picture.lines):
        yield _stroke("direct", ""), "values flow (DIRECT)"
    if any(not line.direct for line in picture.lines):
        dashes = ' stroke-dasharray="5 4"'
        yield _stroke("indirect", dashes), "decided on rows, order or grouping (INDIRECT)"
    if any(line.back for line in picture.lines):
        yield _stroke("direct back", ""), "against the flow: closes a cycle"
    if any(line.precision is Precision.SUPERSET for line in picture.lines):
        yield mark(SUPERSET, 14, 0), "superset: some of it may not have flowed"
    if any(line.precision is Precision.UNKNOWN for line in picture.lines):
        yield mark(UNKNOWN, 14, 0), "on a line: more sources may exist"
    if any(box.unknown for box in picture.boxes):
        yield mark(UNKNOWN, 14, 0), "on a box: its sources are not known"
    if any(box.cut for box in picture.boxes):
        yield mark(CUT, 14, 0), "more is recorded beyond it than is drawn"


def _left_out(trace: Trace, picture: Picture) -> Iterator[str]:
    shared = [box.count for box in picture.boxes if box.count > 1]
    if shared:
        yield f"{sum(shared):,} things share {len(shared):,} of the boxes."
    if picture.lines_left_out:
        yield f"{picture.lines_left_out:,} further lines are not drawn."
    if not trace.complete:
        yield "The answer was cut: not all that is recorded is drawn."


def _stroke(kind: str, dashes: str) -> str:
    return (
        f'<g class="lines"><path class="{kind}" d="M2 0h24" fill="none" stroke="#555" stroke-width="1.3"{dashes}/>'
        "</g>"
    )
