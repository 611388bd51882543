"""What is known about one prediction."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from lineproof.graph.facts import UNREGISTERED, Facts
from lineproof.graph.resolve import Found
from lineproof.model.entries import PredictionSegment
from lineproof.model.references import Kind
from lineproof.store.schema import payload, prediction

__all__ = ["PredictionDetail", "show_prediction"]


class PredictionDetail(msgspec.Struct, kw_only=True):
    """One prediction: the model, what went in and what came out.

    Attributes:
        output: Column name to value; None when the payload was destroyed.
        model: None when it was never registered.
        input: Feature to value; None when it was not kept, or was destroyed.
        post_processing: What was done to the model's output.
    """

    ref: str
    kind: Kind = Kind.PREDICTION
    id: str
    model: str | None
    run: str | None
    output: dict[str, Any] | None
    input: dict[str, Any] | None
    post_processing: Any
    segment: str | None
    time: str | None
    entry: int


def show_prediction(facts: Facts, found: Found) -> PredictionDetail:
    """Give one prediction, read from the segment it was recorded in."""
    model = found.version.id if found.version else UNREGISTERED
    query = (
        select(prediction, payload.c.body)
        .outerjoin(payload, payload.c.seq == prediction.c.entry)
        .where(prediction.c.model_version == model, prediction.c.id == found.name)
    )
    row = facts.connection.execute(query).one()
    kept = None if row.body is None else msgspec.json.decode(row.body, type=PredictionSegment)
    return PredictionDetail(
        ref=found.ref,
        id=found.name,
        model=found.version.ref if found.version else None,
        run=None if kept is None or kept.run is None else f"run:{kept.run}",
        output=None if kept is None else _at(kept.outputs, row.ordinal),
        input=None if kept is None or kept.inputs is None else _at(kept.inputs, row.ordinal),
        post_processing=None if kept is None else kept.post_processing,
        segment=row.segment,
        time=None if kept is None else kept.time,
        entry=row.entry,
    )


def _at(columns: dict[str, list[Any]], ordinal: int) -> dict[str, Any]:
    return {name: values[ordinal] for name, values in columns.items()}
