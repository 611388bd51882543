"""A picture of one column: reference against current, as SVG that needs nothing else.

The shapes carry no meaning by colour alone (outlined against filled), title and description say in
words what is seen, and every name is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from lineproof.data.drift.alignment import Categories
from lineproof.data.drift.findings import ColumnDrift
from lineproof.data.drift.summary import ColumnSummary, Numbers

__all__ = ["draw"]

WIDTH, HEIGHT = 640, 320
_LEFT, _TOP, _BOTTOM = 56, 64, 48
_BARS = 32
_CATEGORIES = 12
_NAME = 14  # characters of a category under its bars
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1a1a1a}.h{font-size:15px;font-weight:600}"
    ".r{fill:#c9d6e8;stroke:#3b5b8c}.c{fill:none;stroke:#b3261e;stroke-width:2}.a{stroke:#595959}"
)

Bars = list[tuple[str, float, float]]  # label, share of the reference, share of the current window


def draw(name: str, verdict: ColumnDrift, reference: ColumnSummary, current: ColumnSummary) -> str:
    """Draw a column.

    Args:
        name: Its name.
        verdict: What was found.
        reference: Its summary in the reference.
        current: Its summary in the current window.

    Returns:
        An SVG document.
    """
    near, far = reference.cells, current.cells
    bars: Bars = []
    if verdict.kind != "type" and isinstance(near, Numbers) and isinstance(far, Numbers):
        bars = _of_numbers(near, far)
    elif verdict.kind != "type" and isinstance(near, Categories) and isinstance(far, Categories):
        bars = _of_categories(near, far)
    if any(one.missing for one in (reference, current)):
        bars.append(("missing", reference.missing / reference.rows, current.missing / current.rows))
    return _svg(name, verdict, bars)


def _of_numbers(near: Numbers, far: Numbers) -> Bars:
    """Give equal steps between the outer hundredths; what is outside is counted to the last step."""
    edges = np.asarray(near.edges)
    if not len(edges):
        return []
    counts = [np.asarray(one.counts, dtype=float) for one in (near, far)]
    upper: Any = np.append(edges, edges[-1])
    pooled = np.cumsum(counts[0] / max(counts[0].sum(), 1) + counts[1] / max(counts[1].sum(), 1)) / 2
    finite = np.isfinite(upper)
    inner = upper[finite & (pooled >= 0.01) & (pooled <= 0.99)]  # noqa: PLR2004 - for the eye
    inner = inner if len(inner) else upper[finite]
    if not len(inner):
        return []
    steps = np.linspace(inner.min(), inner.max(), _BARS + 1)
    places = np.clip(np.searchsorted(steps, np.clip(upper, steps[0], steps[-1])) - 1, 0, _BARS - 1)
    shares = [np.bincount(places, one, _BARS) / max(one.sum(), 1) for one in counts]
    labels = [f"{value:.4g}" for value in (steps[:-1] + steps[1:]) / 2]
    return list(zip(labels, shares[0].tolist(), shares[1].tolist(), strict=True))


def _of_categories(near: Categories, far: Categories) -> Bars:
    first, second = (_shares(one) for one in (near, far))
    names = sorted(first.keys() | second.keys(), key=lambda one: -(first.get(one, 0) + second.get(one, 0)))
    bars = [(one, first.get(one, 0.0), second.get(one, 0.0)) for one in names[:_CATEGORIES]]
    if len(names) > _CATEGORIES:
        bars.append(("others", 1 - sum(one[1] for one in bars), 1 - sum(one[2] for one in bars)))
    return bars


def _shares(cells: Categories) -> dict[str, float]:
    total = max(cells.rows, 1)
    return {value: count / total for value, count in zip(cells.values, cells.counts, strict=True)}


def _svg(name: str, verdict: ColumnDrift, bars: Bars) -> str:
    said = (
        f"{verdict.kind}: {verdict.statistic} {verdict.score:.3g}, threshold {verdict.threshold:.3g}, "
        f"noise floor {verdict.noise_floor:.3g}"
    )
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="title description"><title id="title">{_text(name)}: reference against current</title>'
            f'<desc id="description">{_text(said)}. {_text(_largest(bars))}</desc><style>{_STYLE}</style>'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        ),
        f'<text class="h" x="{_LEFT}" y="22">{_text(name)}</text><text x="{_LEFT}" y="40">{_text(said)}</text>',
        _legend(),
        *_drawn(bars),
    ]
    return "".join(parts) + "</svg>\n"


def _legend() -> str:
    x = WIDTH - 190
    return (
        f'<rect class="r" x="{x}" y="12" width="14" height="10"/><text x="{x + 20}" y="21">reference</text>'
        f'<rect class="c" x="{x + 95}" y="12" width="14" height="10"/><text x="{x + 115}" y="21">current</text>'
    )


def _drawn(bars: Bars) -> list[str]:
    if not bars:
        return [f'<text x="{_LEFT}" y="{HEIGHT // 2}">no values to draw</text>']
    floor, tall = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    step = (WIDTH - _LEFT - 16) / len(bars)
    top = max(max(near, far) for _, near, far in bars) or 1.0
    every = max(1, -(-len(bars) * 64 // (WIDTH - _LEFT)))
    parts = [
        (
            f'<line class="a" x1="{_LEFT}" y1="{floor}" x2="{WIDTH - 16}" y2="{floor}"/>'
            f'<text x="{_LEFT - 8}" y="{_TOP + 4}" text-anchor="end">{top:.1%}</text>'
            f'<text x="{_LEFT - 8}" y="{floor}" text-anchor="end">0</text>'
        )
    ]
    for place, (label, near, far) in enumerate(bars):
        x = _LEFT + place * step
        for kind, share, inset in (("r", near, 0.05), ("c", far, 0.2)):
            high = max(share, 0.0) / top * tall
            parts.append(
                f'<rect class="{kind}" x="{x + step * inset:.1f}" y="{floor - high:.1f}" '
                f'width="{step * (1 - 2 * inset):.1f}" height="{high:.1f}"/>'
            )
        if place % every == 0 or label == "missing":
            parts.append(
                f'<text x="{x + step / 2:.1f}" y="{floor + 18 + 14 * (label == "missing")}" '
                f'text-anchor="middle">{_text(label[:_NAME])}</text>'
            )
    return parts


def _largest(bars: Bars) -> str:
    """Say in words where the two differ most."""
    if not bars:
        return "No values to draw."
    label, near, far = max(bars, key=lambda one: abs(one[1] - one[2]))
    return (
        f"The largest difference is at {label}: {near:.1%} of the reference, {far:.1%} of the current rows."
    )


def _text(value: object) -> str:
    """Escape a name; what XML may not hold at all is shown by its code."""
    shown = (one if one.isprintable() else one.encode("unicode_escape").decode() for one in str(value))
    return escape("".join(shown))
