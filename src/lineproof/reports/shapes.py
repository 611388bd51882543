"""The signs of a picture of lineage: an outline for each kind of thing, marks for what is not exact."""

from __future__ import annotations

from lineproof.graph.layout import BOX_HEIGHT, BOX_WIDTH

__all__ = ["CUT", "SUPERSET", "UNKNOWN", "mark", "outline"]

SUPERSET = "~"
UNKNOWN = "?"
CUT = "…"

_NAMES = {SUPERSET: "superset", UNKNOWN: "unknown", CUT: "cut"}
_CORNER = 10


def outline(kind: str, x: int, y: int) -> str:
    """Draw the outline of a box: rectangle for data, pill for a column, cut corners for a model, and so on."""
    w, h, c = BOX_WIDTH, BOX_HEIGHT, _CORNER
    match kind:
        case "column":
            return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{h // 2}"/>'
        case "model":
            return (
                f'<path d="M{x + c} {y}h{w - 2 * c}l{c} {c}v{h - 2 * c}l-{c} {c}h-{w - 2 * c}l-{c} -{c}'
                f'v-{h - 2 * c}z"/>'
            )
        case "run":
            return f'<path d="M{x + c} {y}h{w - c}l-{c} {h}h-{w - c}z"/>'
        case "prediction":
            return f'<path d="M{x} {y}h{w - c}l{c} {h // 2}l-{c} {h - h // 2}h-{w - c}z"/>'
        case "group":
            return "".join(
                f'<rect x="{x + shift}" y="{y + shift}" width="{w}" height="{h}" rx="3"/>'
                for shift in (6, 3, 0)
            )
        case _:
            return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="3"/>'


def mark(sign: str, x: int, y: int) -> str:
    """Draw a sign in a small disc whose middle is at (x, y)."""
    return (
        f'<g class="{_NAMES[sign]}"><circle cx="{x}" cy="{y}" r="7" fill="#fff" stroke="#555"/>'
        f'<text x="{x}" y="{y + 4}" text-anchor="middle" font-size="12" font-weight="700">{sign}</text></g>'
    )
