"""What a program may ask and say about where its data comes from."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from lineproof.capture import session as recording
from lineproof.capture.fitted import fitted
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.resolve import as_table, label_list, resolved
from lineproof.capture.provenance.table import (
    CONSTANT,
    ColumnOrigin,
    SourceColumn,
    Sources,
    Table,
    source_origin,
)
from lineproof.capture.provenance.values import Flat
from lineproof.errors import CaptureUsageError
from lineproof.model.facets import Source
from lineproof.model.lineage import ColumnRef, How, Origins, Precision
from lineproof.model.openlineage import (
    MEMORY_NAMESPACE,
    Dataset,
    DatasetVersion,
    SymlinkIdentifier,
    Symlinks,
)

__all__ = ["declare", "origins"]

Obj = TypeVar("Obj")
_UNVERSIONED = "unversioned"
_DATA = frozenset(Shape) - {Shape.OTHER, Shape.SCALAR, Shape.GROUPED, Shape.ROWS}


def origins(obj: Any) -> dict[str, Origins]:
    """Say where the columns of an object came from.

    Args:
        obj: Frame, series, array, or fitted estimator (its features).

    Returns:
        By column name, in order; by position for an array. A column whose origin is not known has
        precision `unknown`: more sources may exist than are named.

    Raises:
        CaptureUsageError: The object has no columns, or nothing is being recorded.
    """
    model = fitted(obj)
    if model is not None:
        return {feature.name: _public(feature.origin) for feature in model.features}
    if shape_of(obj) not in _DATA:
        raise CaptureUsageError(
            f"a {type(obj).__name__} has no columns", "give a frame, series, array or fitted estimator"
        )
    if recording.active() is None:
        raise CaptureUsageError(
            "nothing is being recorded", "call lineproof.autolog() first, or use `lineproof run`"
        )
    table = table_of(obj)
    if table is None:
        table = resolved(obj, 0)
    names = [str(label if label is not None else at) for at, label in enumerate(table.labels)]
    columns: dict[str, Origins] = {}
    for name, origin in zip(names, table.origins, strict=True):
        columns[name] = _public(origin)
    return columns


def _public(origin: ColumnOrigin) -> Origins:
    queries = sys.modules.get("lineproof.capture.queries")
    if queries is not None:
        origin = queries.expanded(origin)
    return Origins(
        direct=_references(origin.direct),
        indirect=_references(origin.indirect),
        how=origin.how,
        precision=origin.precision,
    )


def _references(sources: Sources) -> frozenset[ColumnRef]:
    return frozenset(ColumnRef(source.name, source.column) for source in sources)


def declare(
    obj: Obj,
    *,
    dataset: str | None = None,
    source: Mapping[str, str] | None = None,
    subject: str | None = None,
    subject_space: str | None = None,
    tags: Mapping[str, list[str]] | None = None,
    purpose: str | None = None,
) -> Obj:
    """State what no program can see of data: whose it is, where it comes from, what it may be used for.

    Args:
        obj: Frame, series or array.
        dataset: A name for the data. Data that came from files keeps their names and gets this one
            beside; data from nowhere becomes a dataset of this name.
        source: `origin`, `licence`, `region`, `owner`, `obtained`.
        subject: Column that names the person a row is about.
        subject_space: The set of identifiers that the column is from.
        tags: Tags by column; `*` for all columns.
        purpose: What the data was collected for.

    Returns:
        `obj` itself.

    Raises:
        CaptureUsageError: `source` or `subject` name what there is not.
    """
    facet = _source_facet(obj, source, subject, subject_space, tags, purpose)
    session = recording.active()
    if session is None:
        return obj
    table = table_of(obj)
    if table is None or not _datasets(table):
        named = (MEMORY_NAMESPACE, dataset or f"{session.site()}/declare", _UNVERSIONED)
        table = _named(obj, named, table)
        attach(obj, table)
    inputs = []
    for namespace, name, version in sorted(_datasets(table)):
        described = Dataset(namespace=namespace, name=name, facets={"lineproof_source": facet})
        if version != _UNVERSIONED:
            described.facets["version"] = DatasetVersion(dataset_version=version)
        if dataset is not None and dataset != name:
            alias = SymlinkIdentifier(namespace=MEMORY_NAMESPACE, name=dataset, type="TABLE")
            described.facets["symlinks"] = Symlinks(identifiers=[alias])
        inputs.append(described)
    session.emit("RUNNING", inputs=inputs)
    if subject is not None:
        from lineproof.capture.people import follow_people

        follow_people(session, obj, subject, subject_space)
    return obj


def _source_facet(
    obj: Any,
    source: Mapping[str, str] | None,
    subject: str | None,
    subject_space: str | None,
    tags: Mapping[str, list[str]] | None,
    purpose: str | None,
) -> Source:
    allowed = ("origin", "licence", "region", "owner", "obtained")
    given = dict(source or {})
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        raise CaptureUsageError(f"source= has no {', '.join(unknown)}", f"it takes {', '.join(allowed)}")
    labels = {str(label) for label in label_list(obj)}
    for column in (subject, *(tags or {})):
        if column is not None and column != "*" and column not in labels:
            raise CaptureUsageError(
                f"there is no column {column!r}", f"the columns are {', '.join(sorted(labels))}"
            )
    stated: dict[str, Any] = {
        "subject": subject,
        "subject_space": subject_space,
        "purpose": purpose,
        "tags": None if tags is None else {column: list(each) for column, each in tags.items()},
    }
    given.update({key: value for key, value in stated.items() if value is not None})
    return msgspec.convert(given, Source)


def _datasets(table: Table) -> set[tuple[str, str, str]]:
    return {
        (source.namespace, source.name, source.version)
        for origin in (*table.origins, *table.index)
        for source in origin.direct
    }


def _named(obj: Any, named: tuple[str, str, str], table: Table | None) -> Table:
    """Make data from nowhere a source of its own."""
    namespace, name, version = named
    base = table or as_table(Flat(CONSTANT), obj)
    origins = [
        source_origin(SourceColumn(namespace, name, version, str(label)), "declare").at_best(
            Precision.EXACT, How.DECLARED
        )
        for label in base.labels
    ]
    return base.but(origins=origins)
