"""How the measured figures of two runs differ."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from msgspec import UNSET
from sqlalchemy import select

from lineproof.graph.diff.answer import MetricChange
from lineproof.graph.diff.side import Comparison, Side
from lineproof.graph.facts import batches
from lineproof.store.schema import metric

__all__ = ["metrics_diff"]

_Series = list[tuple[int | None, float | str | None]]  # step and value, in order of record


def metrics_diff(compared: Comparison) -> list[MetricChange]:
    """Compare figures by name: the last value of each, and whether those before it differ."""
    a, b = (_measured(compared, side) for side in compared.sides)
    return [
        _change(name, a.get(name, []), b.get(name, []))
        for name in dict.fromkeys((*a, *b))
        if a.get(name) != b.get(name)
    ]


def _measured(compared: Comparison, side: Side) -> dict[str, _Series]:
    rows: list[Any] = []
    for piece in batches(side.within):
        query = select(metric).where(metric.c.run.in_(piece), compared.facts.view.known(metric))
        rows += compared.facts.connection.execute(query).all()
    found: dict[str, _Series] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.entry, row.ordinal)):
        found[row.name].append((row.step, row.text if row.value is None else row.value))
    return found


def _change(name: str, a: _Series, b: _Series) -> MetricChange:
    last, now = (side[-1][1] if side else UNSET for side in (a, b))
    numbers = isinstance(last, float) and isinstance(now, float)
    return MetricChange(
        name=name,
        a=last,
        b=now,
        delta=now - last if numbers else None,  # type: ignore[operator]  # both are numbers, as just seen
        earlier=bool(a and b) and a[:-1] != b[:-1],
    )
