"""Where in its layer each box and pass stands: near its neighbours, never over another, in the order found.

One layer is settled exactly: the places closest to the wanted ones (least squares) among those that keep
order and distance are found by pooling adjacent violators, in linear time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lineproof.graph.layout.order import Rows
from lineproof.graph.layout.picture import Flow

__all__ = ["extent", "least_extent", "middles"]

_GAP = 16  # between boxes of one layer
_PASS = 2
_PASS_WEIGHT = 3.0  # long lines are kept straight before boxes are centred
_ROUNDS = 3


def least_extent(rows: Rows, flow: Flow) -> float:
    """Give the least size that the picture can have across the flow."""
    boxes = [sum(one < rows.boxes for one in row) for row in rows.rows]
    return max((count * (flow.across + _GAP) - _GAP for count in boxes), default=0)


def extent(rows: Rows, middle: Sequence[float], flow: Flow) -> int:
    """Give the size of the picture across the flow, from where everything stands."""
    boxes = max(middle[: rows.boxes], default=0.0) + flow.across / 2
    return round(max(boxes, max(middle[rows.boxes :], default=0.0) + _PASS / 2))


def middles(rows: Rows, flow: Flow) -> list[float]:
    """Give the middle of each box and pass, measured across the flow; the first edge is at 0."""
    count = len(rows.before)
    half = [flow.across / 2 if one < rows.boxes else _PASS / 2 for one in range(count)]
    weight = [1.0 if one < rows.boxes else _PASS_WEIGHT for one in range(count)]
    offsets = [_offsets(row, half) for row in rows.rows]
    middle = [0.0] * count
    for row, offset in zip(rows.rows, offsets, strict=True):
        for one, down in zip(row, offset, strict=True):
            middle[one] = down - offset[-1] / 2
    both = [a + b for a, b in zip(rows.before, rows.after, strict=True)]
    layers = list(zip(rows.rows, offsets, strict=True))
    for number in range(_ROUNDS):
        near = rows.before if number < _ROUNDS - 1 else both
        for row, offset in layers[1:] if near is rows.before else layers:
            _settle(row, offset, near, middle, weight)
        near = rows.after if number < _ROUNDS - 1 else both
        for row, offset in reversed(layers):
            _settle(row, offset, near, middle, weight)
    top = min((middle[one] - half[one] for one in range(count)), default=0.0)
    return [value - top for value in middle]


def _offsets(row: Sequence[int], half: Sequence[float]) -> list[float]:
    """Give the least distance of each from the first of its row."""
    found = [0.0]
    for upper, lower in pairwise(row):
        found.append(found[-1] + half[upper] + _GAP + half[lower])
    return found


def _settle(
    row: Sequence[int],
    offsets: Sequence[float],
    near: Sequence[Sequence[int]],
    middle: list[float],
    weight: Sequence[float],
) -> None:
    """Move one layer as close to its neighbours as order and distance allow."""
    blocks: list[tuple[float, float, int]] = []  # mean of wanted minus offset, weight, how many
    for one, offset in zip(row, offsets, strict=True):
        others = near[one]
        if len(others) == 1:
            wanted = middle[others[0]] - offset
        elif others:
            wanted = sum([middle[other] for other in others]) / len(others) - offset
        else:
            wanted = middle[one] - offset
        heavy, many = weight[one], 1
        while blocks and blocks[-1][0] > wanted:
            above, its_weight, its_many = blocks.pop()
            wanted = (wanted * heavy + above * its_weight) / (heavy + its_weight)
            heavy += its_weight
            many += its_many
        blocks.append((wanted, heavy, many))
    index = 0
    for start, _, many in blocks:
        for _ in range(many):
            middle[row[index]] = start + offsets[index]
            index += 1
