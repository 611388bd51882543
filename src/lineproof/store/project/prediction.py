"""What a `prediction.segment` entry projects."""

from __future__ import annotations

import msgspec

from lineproof.model.entries import EntryType, PredictionSegment
from lineproof.store.project.rows import Rows, version_node

__all__ = ["project_segment"]

_UNREGISTERED = 0  # in place of the node of a model's version


def project_segment(entry: int, payload: bytes, rows: Rows) -> None:
    """Add one row per prediction."""
    segment = msgspec.json.decode(payload, type=PredictionSegment)
    model = _UNREGISTERED
    if segment.model_version is not None:
        model = version_node(segment.model_namespace, segment.model_name, segment.model_version)
    for ordinal, identifier in enumerate(segment.ids):
        rows.add("prediction", model, identifier, segment.segment, ordinal, entry)
    rows.activity(
        entry,
        EntryType.PREDICTION_SEGMENT,
        f"{len(segment.ids)} predictions of {segment.model_name}",
        time=segment.time,
        run=segment.run,
        model=segment.model_name,
    )
