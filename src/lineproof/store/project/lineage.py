"""What one OpenLineage event projects: its run and job, the datasets it names, facets and edges."""

from __future__ import annotations

from lineproof.model.entries import EntryType
from lineproof.model.openlineage import MODEL_NAMESPACE
from lineproof.store.project.edges import Edges, Flow
from lineproof.store.project.nodes import Nodes
from lineproof.store.project.rows import UNVERSIONED, Rows
from lineproof.store.project.wire import (
    ColumnLineage,
    Dataset,
    DatasetType,
    Event,
    Facets,
    Job,
    Metrics,
    Parent,
    Run,
    Schema,
    Symlinks,
    Version,
    decode_event,
    read_facet,
)

__all__ = ["project_lineage"]

_NAMES_SHOWN = 3  # datasets in a summary


def project_lineage(entry: int, payload: bytes, rows: Rows) -> None:
    """Add the rows of one event.

    Raises:
        msgspec.DecodeError: The payload is not an event; nothing was added.
    """
    event = decode_event(payload)
    job = None if event.job is None else rows.job(event.job.namespace, event.job.name, entry)
    if event.job is not None and job is not None:
        _facets(rows, job, entry, event.job.facets)
    run = None
    if event.run is not None and job is not None:
        run = _run(event, event.run, job, entry, rows)
    nodes = Nodes(entry, event.event_time, rows)
    inputs = [_dataset(one, "input", run, entry, nodes, rows) for one in event.inputs or ()]
    outputs = [_dataset(one, "output", run, entry, nodes, rows) for one in event.outputs or ()]
    if event.dataset is not None:
        _dataset(event.dataset, None, run, entry, nodes, rows)
    edges = Edges(entry, run, event.event_time, nodes, rows)
    silent: list[Flow] = []
    for described, flow in zip(event.outputs or (), outputs, strict=True):
        lineage = read_facet(described.facets, "columnLineage", ColumnLineage)
        if lineage is not None and edges.from_columns(lineage, flow[0], flow[1]):
            edges.from_models(inputs, flow[1])
        else:
            silent.append(flow)
    edges.from_inputs(inputs, silent)
    _activity(event, entry, rows)


def _run(event: Event, run: Run, job: int, entry: int, rows: Rows) -> int:
    node = rows.run(run.run_id, job, entry)
    rows.add("run_event", node, entry, event.event_type, event.event_time)
    _facets(rows, node, entry, run.facets)
    parent = read_facet(run.facets, "parent", Parent)
    if parent is not None:
        above = parent.job or Job("", "")
        owner = rows.run(parent.run.run_id, rows.job(above.namespace, above.name, entry), entry)
        rows.add("run_parent", node, owner, entry)
    measured = read_facet(run.facets, "lineproof_metrics", Metrics)
    for ordinal, metric in enumerate(measured.metrics if measured else ()):
        rows.add("metric", node, entry, ordinal, metric.name, metric.value, metric.text, metric.step)
    return node


def _dataset(
    described: Dataset, direction: str | None, run: int | None, entry: int, nodes: Nodes, rows: Rows
) -> Flow:
    facets = described.facets
    stated = read_facet(facets, "version", Version)
    typed = read_facet(facets, "datasetType", DatasetType)
    kind = typed.dataset_type if typed else None
    key = (described.namespace, described.name, stated.dataset_version if stated else UNVERSIONED)
    node = nodes.version(key, kind)
    nodes.note(key, read=direction == "input")
    if direction is not None and run is not None:
        rows.add("run_dataset", run, node, direction, entry)
    for group in (facets, described.input_facets, described.output_facets):
        _facets(rows, node, entry, group)
    columns = read_facet(facets, "schema", Schema)
    for position, column in enumerate(columns.fields if columns else ()):
        nodes.column(key, node, column.name, column.type, position)
    links = read_facet(facets, "symlinks", Symlinks)
    for link in links.identifiers if links else ():
        rows.add("symlink", node, link.namespace, link.name, entry)
    return key, node, kind


def _facets(rows: Rows, owner: int, entry: int, facets: Facets) -> None:
    for name, body in (facets or {}).items():
        rows.add("facet", owner, name, entry, bytes(body).decode("utf-8", "replace"))


def _activity(event: Event, entry: int, rows: Rows) -> None:
    models = [
        one.name
        for one in (*(event.outputs or ()), *(event.inputs or ()))
        if one.namespace == MODEL_NAMESPACE
    ]
    rows.add(
        "activity",
        entry,
        EntryType.LINEAGE_EVENT.value,
        event.event_time,
        None if event.run is None else event.run.run_id,
        None if event.job is None else event.job.name,
        models[0] if models else None,
        _summary(event),
    )


def _summary(event: Event) -> str:
    """Say in a few words what the event tells."""
    if event.dataset is not None:
        return f"said of {event.dataset.name}: {', '.join(event.dataset.facets or ()) or 'nothing'}"
    what = (event.event_type or "event").lower()
    read, wrote = _names(event.inputs), _names(event.outputs)
    if wrote:
        return f"{what}: {read} -> {wrote}"
    return f"{what}: {read}" if read else what


def _names(datasets: list[Dataset] | None) -> str:
    named = [one.name for one in (datasets or ())[: _NAMES_SHOWN + 1]]
    return ", ".join(named[:_NAMES_SHOWN]) + (", …" if len(named) > _NAMES_SHOWN else "")
