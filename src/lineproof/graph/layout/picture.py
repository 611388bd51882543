"""What a laid-out picture of lineage is: boxes and lines with coordinates, and what it leaves out."""

from __future__ import annotations

import msgspec

from lineproof.model.lineage import Precision

__all__ = [
    "BOX_HEIGHT",
    "BOX_WIDTH",
    "DOWNWARDS",
    "RIGHTWARDS",
    "Box",
    "Flow",
    "Line",
    "Picture",
    "Sketch",
    "SketchLine",
]

BOX_WIDTH = 188  # all lengths are CSS pixels
BOX_HEIGHT = 46


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Which way a picture runs, and what that makes of its measures.

    Attributes:
        along: Size of a box in the direction of the flow.
        across: Its size across.
        gap: Between layers.
        port: Most distance between two lines at one side of a box.
    """

    downwards: bool
    along: int
    across: int
    gap: int
    port: int

    def length(self, layers: int) -> int:
        """Give the size of so many layers along the flow."""
        return layers * (self.along + self.gap) - self.gap


RIGHTWARDS = Flow(downwards=False, along=BOX_WIDTH, across=BOX_HEIGHT, gap=60, port=7)
DOWNWARDS = Flow(downwards=True, along=BOX_HEIGHT, across=BOX_WIDTH, gap=46, port=18)


class Box(msgspec.Struct, kw_only=True):
    """One thing in the picture, or several of a kind that share a box.

    Attributes:
        ref: Reference of the thing; of several, the first of them.
        kind: `dataset`, `model`, `column`, `run`, `prediction` or `group`.
        label: Name, unshortened.
        detail: Kind and version in a few words.
        origin: What made it or holds it, such as `by train.py`; "" when that is not known.
        namespace: OpenLineage namespace of it or of what holds it.
        members: Full names, at most a dozen; for one thing, its reference.
        count: Things that share this box.
        root: Whether it is what was asked about.
        unknown: How many of them have sources that the record does not know.
        cut: How many of them have more beyond them than the answer holds.
        layer: Counted from 0 at the most upstream: a column of the picture, or a row of one that runs downwards.
        x: Left edge.
        y: Upper edge.
    """

    ref: str
    kind: str
    label: str
    detail: str
    origin: str
    namespace: str
    members: list[str]
    count: int = 1
    root: bool = False
    unknown: int = 0
    cut: int = 0
    layer: int = 0
    x: int = 0
    y: int = 0


class SketchLine(msgspec.Struct, kw_only=True):
    """What flows from one box to another; several edges between the same two are one line.

    Attributes:
        source: Index of the upstream box.
        target: Index of the downstream box.
        direct: Whether values flow; otherwise they only decided which rows exist, or their order.
        precision: The weakest of its edges.
        rules: Rules that made them.
        count: Edges it stands for.
    """

    source: int
    target: int
    direct: bool
    precision: Precision
    rules: list[str]
    count: int = 1


class Line(SketchLine, kw_only=True):
    """A line with its way through the picture.

    Attributes:
        points: From the source's side to the target's, in pairs: a curve inside each pair, straight between
            pairs, where the line passes a layer.
        back: Whether it runs against the flow because the record holds a cycle.
    """

    points: list[tuple[int, int]]
    back: bool = False


class Sketch(msgspec.Struct, kw_only=True):
    """What is to be drawn, without coordinates."""

    boxes: list[Box]
    lines: list[SketchLine]


class Picture(msgspec.Struct, kw_only=True):
    """A laid-out picture.

    Attributes:
        width: Of the whole, margins included.
        height: Of the whole.
        downwards: Whether it runs from top to bottom, not from left to right.
        lines_left_out: Lines that would make it unreadable; INDIRECT ones are left out first.
    """

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    downwards: bool
    lines_left_out: int = 0
