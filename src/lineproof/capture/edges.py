"""Origins of columns as the record says them: dataset versions, and column lineage as OpenLineage has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lineproof.capture.provenance.table import NOTHING, ColumnOrigin, SourceColumn
from lineproof.model.openlineage import (
    ColumnLineage,
    Dataset,
    DatasetVersion,
    InputField,
    OutputField,
    Transformation,
)

__all__ = [
    "DIRECT",
    "IDENTITY",
    "INDIRECT",
    "lineage_facet",
    "source_datasets",
    "source_field",
    "versioned",
]

_EDGES = 20_000  # column edges of one dataset beyond which what all columns share is said once
IDENTITY = Transformation(type="DIRECT", subtype="IDENTITY")
DIRECT = Transformation(type="DIRECT", subtype="TRANSFORMATION")
MASKING = Transformation(type="DIRECT", subtype="TRANSFORMATION", masking=True)
INDIRECT = Transformation(type="INDIRECT")


def versioned(namespace: str, name: str, version: str | None) -> Dataset:
    """Give a dataset with its version facet."""
    facets: dict[str, Any] = {}
    if version is not None and version != "unversioned":
        facets["version"] = DatasetVersion(dataset_version=version)
    return Dataset(namespace=namespace, name=name, facets=facets)


def lineage_facet(columns: Sequence[str], origins: Sequence[ColumnOrigin]) -> ColumnLineage:
    """Give the `columnLineage` of columns with these origins."""
    cache: dict[ColumnOrigin, list[InputField]] = {}
    shared = _shared_sources(origins)
    fields: dict[str, OutputField] = {}
    for name, origin in zip(columns, origins, strict=True):
        inputs = cache.get(origin)
        if inputs is None:
            inputs = cache[origin] = _input_fields(origin, shared)
        fields[name] = OutputField(
            input_fields=inputs, how=origin.how, precision=origin.precision, rule=origin.rule
        )
    if not shared:
        return ColumnLineage(fields=fields)
    return ColumnLineage(fields=fields, dataset=[source_field(source, DIRECT) for source in sorted(shared)])


def _shared_sources(origins: Sequence[ColumnOrigin]) -> frozenset[SourceColumn]:
    """What every column came from, when saying so for each would be too much."""
    if sum(len(origin.direct) for origin in origins) <= _EDGES:
        return NOTHING
    return frozenset.intersection(*{origin.direct - origin.masked for origin in origins})


def _input_fields(origin: ColumnOrigin, shared: frozenset[SourceColumn]) -> list[InputField]:
    direct = [
        source_field(source, MASKING if source in origin.masked else DIRECT)
        for source in sorted(origin.direct - shared)
    ]
    return direct + [source_field(source, INDIRECT) for source in sorted(origin.indirect)]


def source_field(source: SourceColumn, transformation: Transformation) -> InputField:
    """Give a column that was read as the source of another."""
    return InputField(
        namespace=source.namespace,
        name=source.name,
        field=source.column,
        version=source.version,
        transformations=[transformation],
    )


def source_datasets(origins: Iterable[ColumnOrigin]) -> list[Dataset]:
    """Give the dataset versions that columns came from, in order of name."""
    found = {
        (source.namespace, source.name, source.version)
        for origin in set(origins)
        for source in origin.sources
    }
    return [versioned(*key) for key in sorted(found)]
