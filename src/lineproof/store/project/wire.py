"""OpenLineage as it arrives: only what is projected, and as lenient as can be.

Facets stay undecoded until they are asked for, so that one malformed facet costs that facet alone.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import msgspec

from lineproof.model.identity import in_utc

__all__ = [
    "ColumnLineage",
    "Dataset",
    "DatasetType",
    "Event",
    "Facets",
    "InputField",
    "Job",
    "Metrics",
    "OutputField",
    "Parent",
    "Run",
    "Schema",
    "Symlinks",
    "Transformation",
    "Version",
    "decode_event",
    "read_facet",
]

Facets = dict[str, msgspec.Raw] | None
T = TypeVar("T")


class Job(msgspec.Struct):
    """A job."""

    namespace: str
    name: str
    facets: Facets = None


class Run(msgspec.Struct):
    """A run."""

    run_id: str = msgspec.field(name="runId")
    facets: Facets = None


class Dataset(msgspec.Struct):
    """A dataset that an event reads, writes or describes."""

    namespace: str
    name: str
    facets: Facets = None
    input_facets: Facets = msgspec.field(default=None, name="inputFacets")
    output_facets: Facets = msgspec.field(default=None, name="outputFacets")


class Event(msgspec.Struct, rename="camel"):
    """A run event, job event or dataset event."""

    event_time: str | None = None
    event_type: str | None = None
    run: Run | None = None
    job: Job | None = None
    dataset: Dataset | None = None
    inputs: list[Dataset] | None = None
    outputs: list[Dataset] | None = None


class Version(msgspec.Struct, rename="camel"):
    """Facet `version`."""

    dataset_version: str


class DatasetType(msgspec.Struct, rename="camel"):
    """Facet `datasetType`."""

    dataset_type: str | None = None


class SchemaField(msgspec.Struct):
    """A column."""

    name: str
    type: str | None = None


class Schema(msgspec.Struct):
    """Facet `schema`."""

    fields: list[SchemaField] = []


class Transformation(msgspec.Struct):
    """How a source column has its effect."""

    type: str | None = None


class InputField(msgspec.Struct):
    """A source column."""

    namespace: str
    name: str
    field: str
    version: str | None = None
    transformations: list[Transformation] | None = None


class OutputField(msgspec.Struct):
    """The sources of one column."""

    input_fields: list[InputField] = msgspec.field(default_factory=list, name="inputFields")
    how: str | None = None
    precision: str | None = None
    rule: str | None = None


class ColumnLineage(msgspec.Struct):
    """Facet `columnLineage`."""

    fields: dict[str, OutputField] = {}
    dataset: list[InputField] | None = None


class Symlink(msgspec.Struct):
    """Another name of a dataset."""

    namespace: str
    name: str


class Symlinks(msgspec.Struct):
    """Facet `symlinks`."""

    identifiers: list[Symlink] = []


class Parent(msgspec.Struct):
    """Facet `parent`."""

    run: Run
    job: Job | None = None


class Metric(msgspec.Struct):
    """A figure; `step` fits the column it goes into."""

    name: str
    value: float | None = None
    text: str | None = None
    step: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None


class Metrics(msgspec.Struct):
    """Facet `lineproof_metrics`."""

    metrics: list[Metric] = []


_IN_UTC = re.compile(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z")
_event = msgspec.json.Decoder(Event)
_facets: dict[type[Any], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind)
    for kind in (Version, DatasetType, Schema, ColumnLineage, Symlinks, Parent, Metrics)
}


def decode_event(payload: bytes) -> Event:
    """Read an event; its time is brought to UTC, so that times compare as text.

    Raises:
        msgspec.DecodeError: The payload is none.
    """
    event = _event.decode(payload)
    if event.event_time is not None and not _IN_UTC.fullmatch(event.event_time):
        event.event_time = in_utc(event.event_time)
    return event


def read_facet(facets: Facets, name: str, kind: type[T]) -> T | None:
    """Give a facet, or None when it is absent or of another form; its text is kept anyway."""
    raw = None if facets is None else facets.get(name)
    if raw is None:
        return None
    try:
        found: T = _facets[kind].decode(raw)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return found
