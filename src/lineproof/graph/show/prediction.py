"""What is known about one prediction."""

from __future__ import annotations

from typing import Any

import msgspec

from lineproof.graph.facts import Facts
from lineproof.graph.resolve import Found
from lineproof.graph.segments import kept_of
from lineproof.graph.show.guarded import WITHHELD
from lineproof.graph.tags import Tags
from lineproof.model.references import Kind

__all__ = ["PredictionDetail", "show_prediction"]


class PredictionDetail(msgspec.Struct, kw_only=True):
    """One prediction: the model, what went in and what came out.

    Attributes:
        output: Column name to value; None when the payload was destroyed.
        model: None when it was never registered.
        input: Feature to value; None when it was not kept, or was destroyed. What people tagged as
            personal is withheld: `lineproof explain --values` gives it, and leaves a line of who asked.
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
    kept = kept_of(facts, found)
    segment = kept.segment
    return PredictionDetail(
        ref=found.ref,
        id=found.name,
        model=found.version.ref if found.version else None,
        run=None if segment is None or segment.run is None else f"run:{segment.run}",
        output=kept.output,
        input=None if kept.input is None else _allowed(facts, found, kept.input),
        post_processing=None if segment is None else segment.post_processing,
        segment=None if segment is None else segment.segment,
        time=None if segment is None else segment.time,
        entry=kept.entry,
    )


def _allowed(facts: Facts, found: Found, values: dict[str, Any]) -> dict[str, Any]:
    """Withhold the values of features that carry personal data."""
    if found.version is None:
        return values
    columns = facts.columns_of([found.version.id])[found.version.id]
    tags = Tags.near(facts, [one.id for one in columns])
    personal = {one.name for one in columns if tags.personal(one.id)}
    return {name: WITHHELD if name in personal else value for name, value in values.items()}
