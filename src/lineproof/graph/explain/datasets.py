"""The dataset versions upstream of a prediction, and what people said of where they come from."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from lineproof.graph.explain.answer import DatasetUsed, Table
from lineproof.graph.explain.case import Case
from lineproof.graph.facts import VersionFacts
from lineproof.graph.hops import DatasetHops, Direction, Step
from lineproof.graph.sizes import rows_of_versions
from lineproof.graph.tags import deidentified
from lineproof.graph.walk import Reached, walk
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind

__all__ = ["Upstream", "upstream_of"]


class Upstream(msgspec.Struct):
    """What lies upstream, and where looking was cut off by the cap."""

    datasets: list[DatasetUsed]
    training_data: list[Table]
    cut_at: list[str]
    versions: list[VersionFacts]


def upstream_of(case: Case, limit: int) -> Upstream:
    """Give the dataset versions that went into a prediction, or into the training of its model."""
    empty = Reached({}, [], set())
    into_model = empty if case.model is None else _walk(case, case.model.id, limit)
    into_table = empty if case.table is None else _walk(case, case.table, limit)
    found = case.facts.versions({*into_model.depths, *into_table.depths})
    fed = {hop.target for hop in (*into_model.hops, *into_table.hops)}
    named = [one for one in found.values() if one.namespace != MEMORY_NAMESPACE and one != case.model]
    datasets = _described(case, named, into_model, into_table, fed)
    nowhere = [one.ref for one in datasets if one.end and one.source is None]
    if nowhere:
        case.unknown.append(f"where these come from: nobody stated a source of {', '.join(nowhere)}")
    cut = into_model.cut | into_table.cut
    return Upstream(
        datasets=datasets,
        training_data=_tables(case, into_model, found),
        cut_at=sorted(found[one].ref for one in cut),
        versions=named,
    )


class _Around:
    """Goes up without passing through the model: what lies above it went into its training."""

    def __init__(self, hops: DatasetHops, model: int | None) -> None:
        self._hops = hops
        self._model = model

    def __call__(self, level: Collection[int], budget: int) -> Step:
        step = self._hops(level, budget)
        return Step([hop for hop in step.hops if hop.source != self._model], step.cut)


def _walk(case: Case, start: int, limit: int) -> Reached:
    around = _Around(DatasetHops(case.facts, Direction.UP), None if case.model is None else case.model.id)
    return walk(around, [start], Direction.UP, depth=None, limit=limit)


def _described(
    case: Case, named: list[VersionFacts], into_model: Reached, into_table: Reached, fed: set[int]
) -> list[DatasetUsed]:
    ids = [one.id for one in named]
    rows = rows_of_versions(case.facts, ids)
    sources = case.statements.sources(ids)
    writers = case.facts.producers(ids)
    runs = case.facts.runs(set(writers.values()))
    masked = deidentified(case.facts)
    shown = []
    for one in named:
        both = one.id in into_model.depths and one.id in into_table.depths
        source = sources.get(one.id)
        writer = runs.get(writers.get(one.id, 0))
        shown.append(
            DatasetUsed(
                ref=one.ref,
                content=one.content,
                during="both" if both else "training" if one.id in into_model.depths else "prediction",
                end=one.id not in fed,
                rows=rows.get(one.id),
                written_by=None if writer is None else writer.ref,
                deidentified=None if writer is None else masked.get(writer.id),
                source=None if source is None else source.fields,
                source_entries=[] if source is None else list(source.entries),
                entry=one.entry,
            )
        )
    return sorted(shown, key=lambda one: (not one.end, one.ref))


def _tables(case: Case, into_model: Reached, found: dict[int, VersionFacts]) -> list[Table]:
    """Give the tables in memory that reached the fit: those next to the model, or to what it was saved from."""
    models = {one for one in into_model.depths if found[one].kind is Kind.MODEL}
    tables = {
        hop.source
        for hop in into_model.hops
        if hop.target in models
        and hop.source not in models
        and found[hop.source].namespace == MEMORY_NAMESPACE
    }
    rows = rows_of_versions(case.facts, tables)
    fitted = sorted((found[one] for one in tables), key=lambda one: one.ref)
    return [Table(ref=one.ref, content=one.content, rows=rows.get(one.id)) for one in fitted]
