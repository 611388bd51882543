"""What is known about a dataset or model version, and about a column."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import select

from lineproof.graph.answer import Edge
from lineproof.graph.checks import DriftRow, drift_checks
from lineproof.graph.facts import Facts, plain_facet
from lineproof.graph.hops import Direction
from lineproof.graph.named import versions_of
from lineproof.graph.resolve import Found
from lineproof.graph.said import PERSONAL
from lineproof.graph.show.guarded import withhold
from lineproof.graph.tagged import ColumnTag, column_tags
from lineproof.graph.trace import trace
from lineproof.model.references import Kind, Reference
from lineproof.store.schema import facet, run, run_dataset, symlink

__all__ = ["ColumnDetail", "DatasetDetail", "VersionRow", "show_column", "show_dataset"]

# Told by fields of their own, or (lineage) by `trace`.
_TOLD = ("schema", "version", "datasetType", "columnLineage", "symlinks", "lineage")


class VersionRow(msgspec.Struct, kw_only=True):
    """One version among those of a dataset."""

    version: str
    content: str
    entry: int
    time: str | None


class ColumnRow(msgspec.Struct, kw_only=True):
    """One column of a version."""

    name: str
    type: str | None


class DatasetDetail(msgspec.Struct, kw_only=True):
    """Everything recorded about a dataset or model version.

    Attributes:
        type: `FILE`, `TABLE`, `MODEL`, ... where the event said so.
        columns: Of a model its features.
        written_by: Runs that wrote this content, oldest first.
        read_by: Runs that read it, oldest first.
        also: Other names of it, as `namespace::name`.
        facets: What else was said about it; values of columns with personal data are withheld.
        versions: All versions of the dataset, in order of first record.
        tags: What its columns hold, by column.
        drift_checks: Checks that it was the reference or the current side of, in order.
    """

    ref: str
    kind: Kind
    namespace: str
    name: str
    type: str | None
    version: str
    content: str
    entry: int
    time: str | None
    columns: list[ColumnRow]
    written_by: list[str]
    read_by: list[str]
    also: list[str]
    facets: dict[str, Any]
    versions: list[VersionRow]
    tags: dict[str, list[ColumnTag]] = {}
    drift_checks: list[DriftRow] = []


class ColumnDetail(msgspec.Struct, kw_only=True):
    """A column, what it came from and what came from it, one step away."""

    ref: str
    kind: Kind = Kind.COLUMN
    dataset: str
    name: str
    type: str | None
    position: int | None
    sources: list[Edge]
    targets: list[Edge]
    tags: list[ColumnTag] = []


def show_dataset(facts: Facts, found: Found) -> DatasetDetail:
    """Give everything recorded about a dataset or model version."""
    version = found.version
    assert version is not None
    tags = column_tags(facts, version.id)
    personal = {name for name, words in tags.items() if PERSONAL & {one.tag for one in words}}
    return DatasetDetail(
        ref=found.ref,
        kind=found.kind,
        namespace=version.namespace,
        name=version.name,
        type=version.type,
        version=version.label,
        content=version.content,
        entry=version.entry,
        time=version.time,
        columns=[
            ColumnRow(name=column.name, type=column.type)
            for column in facts.columns_of([version.id])[version.id]
        ],
        written_by=_runs(facts, version.id, "output"),
        read_by=_runs(facts, version.id, "input"),
        also=_also(facts, version.id),
        facets=_facets(facts, version.id, personal),
        versions=[
            VersionRow(version=one.label, content=one.content, entry=one.entry, time=one.time)
            for one in versions_of(facts.connection, version.dataset, facts.view)
        ],
        tags=tags,
        drift_checks=drift_checks(facts, [version]),
    )


def show_column(facts: Facts, found: Found) -> ColumnDetail:
    """Give a column with its edges."""
    assert found.version is not None
    column = facts.columns([found.id])[found.id]
    reference = Reference.parse(found.ref)
    sources, targets = (
        trace(facts.connection, reference, facts.view, direction=direction, columns=True, depth=1).edges
        for direction in (Direction.UP, Direction.DOWN)
    )
    return ColumnDetail(
        ref=found.ref,
        dataset=found.version.ref,
        name=column.name,
        type=column.type,
        position=column.position,
        sources=sources,
        targets=targets,
        tags=column_tags(facts, column.version).get(column.name, []),
    )


def _runs(facts: Facts, version: int, direction: str) -> list[str]:
    query = (
        select(run.c.uuid)
        .join(run_dataset, run_dataset.c.run == run.c.id)
        .where(
            run_dataset.c.version == version,
            run_dataset.c.direction == direction,
            facts.view.known(run_dataset),
        )
        .order_by(run_dataset.c.entry, run.c.uuid)
    )
    return [f"run:{uuid}" for uuid in facts.connection.scalars(query)]


def _also(facts: Facts, version: int) -> list[str]:
    query = (
        select(symlink.c.namespace, symlink.c.name)
        .where(symlink.c.version == version, facts.view.known(symlink))
        .order_by(symlink.c.namespace, symlink.c.name)
    )
    return [f"{row.namespace}::{row.name}" for row in facts.connection.execute(query)]


def _facets(facts: Facts, version: int, personal: Collection[str]) -> dict[str, Any]:
    query = (
        select(facet.c.name, facet.c.body)
        .where(facet.c.owner == version, facet.c.name.not_in(_TOLD), facts.view.known(facet))
        .order_by(facet.c.name, facet.c.entry)
    )
    merged: dict[str, Any] = {}
    for name, body in facts.connection.execute(query):
        merged.setdefault(name, {}).update(plain_facet(body))
    withhold(merged, personal)
    return merged
