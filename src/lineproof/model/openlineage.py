"""OpenLineage events (core spec 2-0-2) and the standard facets that we write.

Field names follow the spec on the wire and our own style in Python. Decoding is lenient: unknown
keys are ignored here, since the ledger keeps the received bytes.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType, field

from lineproof.model.lineage import How, Precision

__all__ = [
    "FILE_NAMESPACE",
    "MEMORY_NAMESPACE",
    "MODEL_NAMESPACE",
    "PRODUCER",
    "ColumnLineage",
    "Dataset",
    "DatasetEvent",
    "DatasetType",
    "DatasetVersion",
    "ErrorMessage",
    "EventType",
    "Facet",
    "InputField",
    "Job",
    "JobType",
    "OutputField",
    "OutputStatistics",
    "Parent",
    "ParentJob",
    "ParentRun",
    "Run",
    "RunEvent",
    "Schema",
    "SchemaField",
    "SourceCodeLocation",
    "SymlinkIdentifier",
    "Symlinks",
    "Transformation",
]

PRODUCER = "urn:lineproof:producer:0.1.0"
FILE_NAMESPACE = "file"
MEMORY_NAMESPACE = "memory"
MODEL_NAMESPACE = "model"

_SPEC = "https://openlineage.io/spec"
EventType = Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]


class Facet(msgspec.Struct, kw_only=True):
    """What every facet carries: who wrote it, and by which schema."""

    producer: str = field(default=PRODUCER, name="_producer")
    schema_url: str = field(default="", name="_schemaURL")


class Dataset(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An input or output dataset of an event. `facets` maps a facet's key to a struct or to JSON."""

    namespace: str
    name: str
    facets: dict[str, Any] = {}
    input_facets: dict[str, Any] = field(default_factory=dict, name="inputFacets")
    output_facets: dict[str, Any] = field(default_factory=dict, name="outputFacets")


class Job(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The definition that a run is one execution of."""

    namespace: str
    name: str
    facets: dict[str, Any] = {}


class Run(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One execution of a job."""

    run_id: str = field(name="runId")
    facets: dict[str, Any] = {}


class RunEvent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Something that happened in a run at one time."""

    event_time: str = field(name="eventTime")
    event_type: str | None = field(default=None, name="eventType")
    run: Run
    job: Job
    inputs: list[Dataset] = []
    outputs: list[Dataset] = []
    producer: str = field(default="", name="producer")
    schema_url: str = field(default="", name="schemaURL")

    def complete(self) -> None:
        """Fill in producer and schema, which every event must name."""
        self.producer = self.producer or PRODUCER
        self.schema_url = self.schema_url or f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"

    def encode(self) -> bytes:
        """Give the JSON bytes, with producer and schema filled in."""
        self.complete()
        return msgspec.json.encode(self)


class DatasetEvent(msgspec.Struct, kw_only=True):
    """Something said of a dataset outside of any run."""

    event_time: str = field(name="eventTime")
    dataset: Dataset
    producer: str = PRODUCER
    schema_url: str = field(default=f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/DatasetEvent", name="schemaURL")

    def encode(self) -> bytes:
        """Give the JSON bytes."""
        return msgspec.json.encode(self)


# Run facets


class ParentRun(msgspec.Struct, kw_only=True):
    """Id of the run in which this one happens."""

    run_id: str = field(name="runId")


class ParentJob(msgspec.Struct, kw_only=True):
    """Job of the run in which this one happens."""

    namespace: str
    name: str


class Parent(Facet, kw_only=True):
    """`parent`: the run in which this one happens."""

    schema_url: str = field(default=f"{_SPEC}/facets/1-2-0/ParentRunFacet.json", name="_schemaURL")
    run: ParentRun
    job: ParentJob


class ErrorMessage(Facet, kw_only=True):
    """`errorMessage`: why a run failed. We give type and place, never the text of the exception."""

    schema_url: str = field(default=f"{_SPEC}/facets/1-0-1/ErrorMessageRunFacet.json", name="_schemaURL")
    message: str
    programming_language: str = field(default="PYTHON", name="programmingLanguage")
    stack_trace: str | UnsetType = field(default=UNSET, name="stackTrace")


# Job facets


class JobType(Facet, kw_only=True):
    """`jobType`: what kind of job this is."""

    schema_url: str = field(default=f"{_SPEC}/facets/2-0-4/JobTypeJobFacet.json", name="_schemaURL")
    processing_type: str = field(default="BATCH", name="processingType")
    integration: str = "LINEPROOF"
    # SCRIPT, FIT, SEARCH, TRANSFORM, PREDICT or STEP
    job_type: str = field(default="SCRIPT", name="jobType")


class SourceCodeLocation(Facet, kw_only=True):
    """`sourceCodeLocation`: where the job's code is."""

    schema_url: str = field(
        default=f"{_SPEC}/facets/1-1-0/SourceCodeLocationJobFacet.json", name="_schemaURL"
    )
    type: str = "git"
    url: str
    path: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    branch: str | UnsetType = UNSET


# Dataset facets


class DatasetVersion(Facet, kw_only=True):
    """`version`: the identity of the content, `sha256:...` for bytes."""

    schema_url: str = field(
        default=f"{_SPEC}/facets/1-0-1/DatasetVersionDatasetFacet.json", name="_schemaURL"
    )
    dataset_version: str = field(name="datasetVersion")


class DatasetType(Facet, kw_only=True):
    """`datasetType`: what the dataset is."""

    schema_url: str = field(default=f"{_SPEC}/facets/1-0-1/DatasetTypeDatasetFacet.json", name="_schemaURL")
    dataset_type: str = field(name="datasetType")  # TABLE | FILE | MODEL | PREDICTIONS
    sub_type: str | UnsetType = field(default=UNSET, name="subType")


class Documentation(Facet, kw_only=True):
    """`documentation`: something to know about the dataset, in words."""

    schema_url: str = field(default=f"{_SPEC}/facets/1-0-1/DocumentationDatasetFacet.json", name="_schemaURL")
    description: str


class SchemaField(msgspec.Struct, kw_only=True):
    """One column."""

    name: str
    type: str | UnsetType = UNSET


class Schema(Facet, kw_only=True):
    """`schema`: the columns in order."""

    schema_url: str = field(default=f"{_SPEC}/facets/1-2-0/SchemaDatasetFacet.json", name="_schemaURL")
    fields: list[SchemaField]


class SymlinkIdentifier(msgspec.Struct, kw_only=True):
    """Another name of the same dataset."""

    namespace: str
    name: str
    type: str


class Symlinks(Facet, kw_only=True):
    """`symlinks`: other names of the same dataset, such as the file that holds a model."""

    schema_url: str = field(default=f"{_SPEC}/facets/1-0-1/SymlinksDatasetFacet.json", name="_schemaURL")
    identifiers: list[SymlinkIdentifier]


class OutputStatistics(Facet, kw_only=True):
    """`outputStatistics`: how much was written."""

    schema_url: str = field(
        default=f"{_SPEC}/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json", name="_schemaURL"
    )
    row_count: int | UnsetType = field(default=UNSET, name="rowCount")
    size: int | UnsetType = UNSET


class Transformation(msgspec.Struct, kw_only=True):
    """How a source column has its effect."""

    type: str  # DIRECT | INDIRECT
    subtype: str | UnsetType = UNSET
    masking: bool | UnsetType = UNSET


class InputField(msgspec.Struct, kw_only=True):
    """A source column. `version` (ours) names the content it was read from."""

    namespace: str
    name: str
    field: str
    version: str | UnsetType = UNSET
    transformations: list[Transformation] = []


class OutputField(msgspec.Struct, kw_only=True):
    """The sources of one column. `how`, `precision` and `rule` are ours and hold for all of them."""

    input_fields: list[InputField] = field(name="inputFields")
    how: How | UnsetType = UNSET
    precision: Precision | UnsetType = UNSET
    rule: str | UnsetType = UNSET


class ColumnLineage(Facet, kw_only=True):
    """`columnLineage`: which columns each column came from; `dataset` affects all columns."""

    schema_url: str = field(default=f"{_SPEC}/facets/1-2-0/ColumnLineageDatasetFacet.json", name="_schemaURL")
    fields: dict[str, OutputField]
    dataset: list[InputField] | UnsetType = UNSET
