"""Frames that a program saves and loads as Python objects: a file like any other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lineproof.capture.boundary import write_event
from lineproof.capture.columns import column_names, columns_of
from lineproof.capture.edges import versioned
from lineproof.capture.provenance.attachment import Shape, attach, shape_of
from lineproof.capture.provenance.table import SourceColumn, Table, source_origin
from lineproof.model.openlineage import Schema, SchemaField

if TYPE_CHECKING:
    from lineproof.capture.files import FileVersion
    from lineproof.capture.session import Session

__all__ = ["frames_in", "loaded_frames", "saved_frames"]

_TABULAR = (Shape.FRAME, Shape.SERIES)
_MOST = 20  # frames in one file beyond which the others are not followed


def frames_in(value: Any) -> Iterator[Any]:
    """Give the frames and series in what is saved, one level deep."""
    if shape_of(value) in _TABULAR:
        yield value
        return
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    if len(parts) <= _MOST:
        yield from (part for part in parts if shape_of(part) in _TABULAR)


def saved_frames(session: Session, frames: list[Any], file: FileVersion) -> None:
    """Record what each frame in a file came from."""
    for frame in frames:
        write_event(session, frame, file)


def loaded_frames(session: Session, frames: list[Any], file: FileVersion, rule: str) -> None:
    """Give frames that came from a file its columns as origins, and record that it was read."""
    fields: dict[str, str] = {}
    for frame in frames:
        labels, types = columns_of(frame)
        names = column_names(labels)
        fields.update(zip(names, types, strict=True))
        sources = (SourceColumn(file.namespace, file.name, file.digest, name) for name in names)
        origins = [source_origin(source, rule) for source in sources]
        attach(frame, Table(labels, origins, vector=shape_of(frame) is Shape.SERIES))
    dataset = versioned(file.namespace, file.name, file.digest)
    dataset.facets["schema"] = Schema(
        fields=[SchemaField(name=name, type=kind) for name, kind in fields.items()]
    )
    session.emit("RUNNING", inputs=[dataset])
