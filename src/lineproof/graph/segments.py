"""The segment that a prediction was recorded in."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from lineproof.graph.facts import Facts
from lineproof.graph.resolve import Found
from lineproof.model.entries import PredictionSegment
from lineproof.model.identity import node_id
from lineproof.store import readable
from lineproof.store.schema import payload, prediction

__all__ = ["Kept", "kept_of", "table_of"]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction as it was recorded.

    Attributes:
        model: Node of the model version; 0 when the model was never registered.
        entry: Entry of the segment.
        ordinal: Its place in the segment.
        segment: The whole segment; None when its payload is destroyed.
    """

    model: int
    entry: int
    ordinal: int
    segment: PredictionSegment | None

    @property
    def output(self) -> dict[str, Any] | None:
        """Column name to value."""
        return None if self.segment is None else _at(self.segment.outputs, self.ordinal)

    @property
    def input(self) -> dict[str, Any] | None:
        """Feature to value; None when they were not kept."""
        return None if self.segment is None else _at(self.segment.inputs, self.ordinal)


def kept_of(facts: Facts, found: Found) -> Kept:
    """Give a prediction that a reference was resolved to."""
    query = (
        select(prediction, payload.c.body)
        .outerjoin(payload, payload.c.seq == prediction.c.entry)
        .where(prediction.c.id == found.name, facts.view.known(prediction))
    )
    row = next(
        row
        for row in facts.connection.execute(query)
        if node_id("prediction", str(row.model_version), found.name) == found.id
    )
    body = readable(facts.connection, row.body)
    return Kept(
        model=row.model_version,
        entry=row.entry,
        ordinal=row.ordinal,
        segment=None if body is None else msgspec.json.decode(body, type=PredictionSegment),
    )


def table_of(features_from: dict[str, str]) -> int:
    """Give the node of the dataset version that a segment's features came from."""
    return node_id("version", *(features_from.get(part, "") for part in ("namespace", "name", "version")))


def _at(columns: dict[str, list[Any]] | None, ordinal: int) -> dict[str, Any] | None:
    return None if columns is None else {name: values[ordinal] for name, values in columns.items()}
