"""A trace as an inline SVG picture: what is said by colour is said by shape and words as well.

Colours come from classes in `page/lineage.css`; without it the attributes here draw the picture in black on
white. Nothing in it runs, links or loads. Text is in elements, never in scripts or styles, and escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from lineproof.graph import Trace
from lineproof.graph.layout import BOX_HEIGHT, BOX_WIDTH, Box, Line, Picture, lay_out
from lineproof.model.lineage import Precision
from lineproof.reports.legend import legend
from lineproof.reports.lettering import shortened
from lineproof.reports.shapes import CUT, SUPERSET, UNKNOWN, mark, outline
from lineproof.reports.visible import shown

__all__ = ["lineage_svg"]

_LEAST_WIDTH = 480  # that the legend needs
_NAME_EMS = 13.8  # what a box holds at 12.5 px
_DETAIL_EMS = 16.4  # at 10.5 px
_FIT = 1000  # px; a wider picture runs downwards where that makes it narrower
_LOOP = 14  # how far a line from a box to itself bulges


def lineage_svg(
    trace: Trace, title: str, description: str, *, prefix: str = "picture", limit: int = 300
) -> str:
    """Draw a trace, upstream on the left or, where that is too wide, at the top.

    Args:
        trace: What to draw; things beyond `limit` share boxes that say how many they hold.
        title: Name of the picture, for who cannot see it.
        description: What it shows, in a sentence or two.
        prefix: Starts every id, so that several pictures may stand on one page.
        limit: Most boxes.

    Returns:
        One `<svg>` element.
    """
    picture = lay_out(trace, limit=limit, fit=_FIT)
    width = max(picture.width, _LEAST_WIDTH)
    words = legend(trace, picture, width)
    height = picture.height + words.height
    frame = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lineage" role="img" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{prefix}-title" aria-describedby="{prefix}-description" '
        'font-family="system-ui, sans-serif" font-size="12.5">'
    )
    pieces = (
        frame,
        f'<title id="{prefix}-title">{_text(title)}</title>',
        f'<desc id="{prefix}-description">{_text(description)}</desc>',
        _arrowhead(prefix),
        '<g class="lines" fill="none" stroke="#555" stroke-width="1.3">',
        *(_line(line, picture, prefix) for line in picture.lines),
        "</g>",
        '<g class="boxes">',
        *(_box(box) for box in picture.boxes),
        "</g>",
        *_marks(picture),
        f'<g class="legend" font-size="11.5" transform="translate(0 {picture.height})">',
        *words.elements,
        "</g>",
        "</svg>",
    )
    return "\n".join(pieces)


def _text(words: str) -> str:
    return escape(shown(words))


def _arrowhead(prefix: str) -> str:
    return (
        f'<defs><marker id="{prefix}-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 .6 8 4 0 7.4z" fill="#555"/>'
        "</marker></defs>"
    )


def _line(line: Line, picture: Picture, prefix: str) -> str:
    source, target = picture.boxes[line.source], picture.boxes[line.target]
    kind = "direct" if line.direct else "indirect"
    dashes = "" if line.direct else ' stroke-dasharray="5 4"'
    words = f"{source.label} → {target.label}: {kind.upper()}, {line.precision}, by {', '.join(line.rules)}"
    if line.count > 1:
        words += f", {line.count:,} edges"
    if line.back:
        words += ", closes a cycle"
    return (
        f'<path class="{kind}{" back" if line.back else ""}"{dashes} marker-end="url(#{prefix}-arrow)" '
        f'd="{_way(line, downwards=picture.downwards)}"><title>{_text(words)}</title></path>'
    )


def _way(line: Line, *, downwards: bool) -> str:
    if line.source == line.target:
        (x, upper), (_, lower) = line.points
        return f"M{x} {upper}C{x + _LOOP} {upper - 6} {x + _LOOP} {lower + 6} {x} {lower}"
    pieces = []
    for index in range(0, len(line.points), 2):
        (x1, y1), (x2, y2) = line.points[index : index + 2]
        x, y = (x1 + x2) // 2, (y1 + y2) // 2
        bend = f"{x1} {y} {x2} {y}" if downwards else f"{x} {y1} {x} {y2}"
        pieces.append(f"{'L' if index else 'M'}{x1} {y1}C{bend} {x2} {y2}")
    return "".join(pieces)


def _marks(picture: Picture) -> Iterator[str]:
    """Give the marks of lines that are not exact, in the middle of their first curve."""
    for line in picture.lines:
        if line.precision is Precision.EXACT:
            continue
        (x1, y1), (x2, y2) = line.points[:2]
        x = (x1 + x2) // 2 if line.source != line.target else x1 + _LOOP * 3 // 4
        yield mark(UNKNOWN if line.precision is Precision.UNKNOWN else SUPERSET, x, (y1 + y2) // 2)


def _box(box: Box) -> str:
    x, y = box.x, box.y
    name = _text(shortened(shown(box.label), _NAME_EMS))
    kind = "" if box.kind in {"group", "column"} and box.origin else box.detail
    detail = " · ".join(words for words in (kind, box.origin) if words)
    signs = (mark(UNKNOWN, x, y) if box.unknown else "") + (mark(CUT, x, y + BOX_HEIGHT) if box.cut else "")
    classes = _text(f"{box.kind} asked" if box.root else box.kind)
    return (
        f'<g class="{classes}"><title>{_text(_tooltip(box))}</title>'
        f'<g class="outline" fill="#fff" stroke="#333" stroke-width="{2.6 if box.root else 1.2}">'
        f"{outline(box.kind, x, y)}</g>"
        f'<text class="name" x="{x + BOX_WIDTH // 2}" y="{y + 20}" text-anchor="middle">{name}</text>'
        f'<text class="detail" x="{x + BOX_WIDTH // 2}" y="{y + 36}" text-anchor="middle" font-size="10.5">'
        f"{_text(shortened(shown(detail), _DETAIL_EMS))}</text>{signs}</g>"
    )


def _tooltip(box: Box) -> str:
    if box.count == 1:
        words = f"{box.ref} ({box.detail}{f', {box.origin}' if box.origin else ''})"
        return words + (", sources not known" if box.unknown else "")
    more = box.count - len(box.members)
    words = f"{box.label}: {', '.join(box.members)}"
    return words + (f" and {more:,} more" if more else "")
