"""What one OpenLineage event projects.

Reading is lenient: what is not understood stays in the payload and in the `facet` table. Where an
output says which columns it came from, that makes its edges; where it says nothing, every input of
the event may have reached it, and the edge says so (`inputs*outputs`, superset).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from lineproof.model.lineage import EdgeKind, How, Precision
from lineproof.model.openlineage import MODEL_NAMESPACE
from lineproof.store.project.rows import UNVERSIONED, Rows

__all__ = ["project_lineage"]

_BY_COLUMNS = "columnLineage"
_BY_POSITION = "inputs*outputs"
_BY_MODEL = "model"

Key = tuple[str, str, str]  # namespace, name, content


class _Job(msgspec.Struct):
    namespace: str
    name: str
    facets: dict[str, msgspec.Raw] | None = None


class _Run(msgspec.Struct):
    runId: str  # noqa: N815 - the name on the wire
    facets: dict[str, msgspec.Raw] | None = None


class _Dataset(msgspec.Struct):
    namespace: str
    name: str
    facets: dict[str, msgspec.Raw] | None = None
    inputFacets: dict[str, msgspec.Raw] | None = None  # noqa: N815
    outputFacets: dict[str, msgspec.Raw] | None = None  # noqa: N815


class _Event(msgspec.Struct):
    eventTime: str | None = None  # noqa: N815
    eventType: str | None = None  # noqa: N815
    run: _Run | None = None
    job: _Job | None = None
    dataset: _Dataset | None = None
    inputs: list[_Dataset] | None = None
    outputs: list[_Dataset] | None = None


class _Version(msgspec.Struct):
    datasetVersion: str  # noqa: N815


class _Type(msgspec.Struct):
    datasetType: str | None = None  # noqa: N815


class _Field(msgspec.Struct):
    name: str
    type: str | None = None


class _Schema(msgspec.Struct):
    fields: list[_Field] = []


class _Transformation(msgspec.Struct):
    type: str | None = None


class _InputField(msgspec.Struct):
    namespace: str
    name: str
    field: str
    version: str | None = None
    transformations: list[_Transformation] | None = None


class _OutputField(msgspec.Struct):
    inputFields: list[_InputField] = []  # noqa: N815
    how: str | None = None
    precision: str | None = None
    rule: str | None = None


class _ColumnLineage(msgspec.Struct):
    fields: dict[str, _OutputField] = {}
    dataset: list[_InputField] | None = None


class _Symlink(msgspec.Struct):
    namespace: str
    name: str


class _Symlinks(msgspec.Struct):
    identifiers: list[_Symlink] = []


class _Parent(msgspec.Struct):
    run: _Run
    job: _Job | None = None


class _Metric(msgspec.Struct):
    name: str
    value: float | None = None
    text: str | None = None
    step: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None


class _Metrics(msgspec.Struct):
    metrics: list[_Metric] = []


_event = msgspec.json.Decoder(_Event)
_decoders = {
    kind: msgspec.json.Decoder(kind)
    for kind in (_Version, _Type, _Schema, _ColumnLineage, _Symlinks, _Parent, _Metrics)
}


def project_lineage(entry: int, payload: bytes, rows: Rows) -> None:
    """Add the rows of one event.

    Raises:
        msgspec.DecodeError: The payload is not an event; nothing was added.
    """
    event = _event.decode(payload)
    _Projection(entry, event, rows).project()


class _Projection:
    """One event on its way into rows."""

    def __init__(self, entry: int, event: _Event, rows: Rows) -> None:
        self.entry = entry
        self.event = event
        self.rows = rows
        self.time = event.eventTime
        self.run: int | None = None
        self.keys: dict[tuple[str, str], list[Key]] = {}  # contents this event names, by dataset
        self.versions: dict[Key, int] = {}
        self.columns: dict[tuple[Key, str], int] = {}

    def project(self) -> None:
        event, rows = self.event, self.rows
        job = None
        if event.job is not None:
            job = rows.job(event.job.namespace, event.job.name, self.entry)
            self.facets(job, event.job.facets)
        if event.run is not None and job is not None:
            self.run = rows.run(event.run.runId, job, self.entry)
            rows.add("run_event", self.run, self.entry, event.eventType, self.time)
            self.run_facets(event.run)
        inputs = [self.dataset(one, "input") for one in event.inputs or ()]
        outputs = [self.dataset(one, "output") for one in event.outputs or ()]
        if event.dataset is not None:
            self.dataset(event.dataset, None)
        for described, key, node in outputs:
            lineage = _read(described.facets, "columnLineage", _ColumnLineage)
            if lineage is None:
                self.from_all_inputs(inputs, node)
            else:
                self.from_columns(lineage, key, node)
                self.from_models(inputs, node)
        self.activity()

    def run_facets(self, run: _Run) -> None:
        assert self.run is not None
        self.facets(self.run, run.facets)
        parent = _read(run.facets, "parent", _Parent)
        if parent is not None:
            job = parent.job or _Job("", "")
            above = self.rows.run(
                parent.run.runId, self.rows.job(job.namespace, job.name, self.entry), self.entry
            )
            self.rows.add("run_parent", self.run, above, self.entry)
        measured = _read(run.facets, "lineproof_metrics", _Metrics)
        for ordinal, metric in enumerate(measured.metrics if measured else ()):
            self.rows.add(
                "metric", self.run, self.entry, ordinal, metric.name, metric.value, metric.text, metric.step
            )

    def dataset(self, described: _Dataset, direction: str | None) -> tuple[_Dataset, Key, int]:
        stated = _read(described.facets, "version", _Version)
        kind = _read(described.facets, "datasetType", _Type)
        key = (described.namespace, described.name, stated.datasetVersion if stated else UNVERSIONED)
        node = self.version(key, kind.datasetType if kind else None)
        self.keys.setdefault(key[:2], []).append(key)
        if direction is not None and self.run is not None:
            self.rows.add("run_dataset", self.run, node, direction, self.entry)
        for group in (described.facets, described.inputFacets, described.outputFacets):
            self.facets(node, group)
        columns = _read(described.facets, "schema", _Schema)
        for position, column in enumerate(columns.fields if columns else ()):
            self.column(key, node, column.name, type_=column.type, position=position)
        links = _read(described.facets, "symlinks", _Symlinks)
        for link in links.identifiers if links else ():
            self.rows.add("symlink", node, link.namespace, link.name, self.entry)
        return described, key, node

    def version(self, key: Key, type_: str | None = None) -> int:
        if key not in self.versions:
            self.versions[key] = self.rows.version(
                *key, type_=type_, entry=self.entry, ordinal=len(self.versions), time=self.time
            )
        return self.versions[key]

    def column(
        self, key: Key, version: int, name: str, *, type_: str | None = None, position: int | None = None
    ) -> int:
        if (key, name) not in self.columns:
            self.columns[key, name] = self.rows.column(
                key, version, name, type_=type_, position=position, entry=self.entry
            )
        return self.columns[key, name]

    def facets(self, owner: int, facets: dict[str, msgspec.Raw] | None) -> None:
        for name, body in (facets or {}).items():
            self.rows.add("facet", owner, name, self.entry, bytes(body).decode("utf-8", "replace"))

    def edge(self, source: int, target: int, kind: str, how: str, precision: str, rule: str) -> None:
        self.rows.add("edge", source, target, kind, how, precision, rule, self.run, self.entry, self.time)

    def from_all_inputs(self, inputs: list[tuple[_Dataset, Key, int]], target: int) -> None:
        for _, _, source in inputs:
            if source != target:
                self.edge(source, target, EdgeKind.DIRECT, How.OBSERVED, Precision.SUPERSET, _BY_POSITION)

    def from_models(self, inputs: list[tuple[_Dataset, Key, int]], target: int) -> None:
        """A model has no columns that flow, yet it decided every value that came out."""
        for described, key, source in inputs:
            kind = _read(described.facets, "datasetType", _Type)
            if source != target and (
                key[0] == MODEL_NAMESPACE or (kind is not None and kind.datasetType == "MODEL")
            ):
                self.edge(source, target, EdgeKind.DIRECT, How.OBSERVED, Precision.EXACT, _BY_MODEL)

    def from_columns(self, lineage: _ColumnLineage, key: Key, target: int) -> None:
        above = _DatasetEdges()
        for name, field in lineage.fields.items():
            column = self.column(key, target, name)
            how = field.how or How.OBSERVED
            precision = field.precision or Precision.EXACT
            rule = field.rule or _BY_COLUMNS
            for source, version, kind in self.sources(field.inputFields):
                self.edge(source, column, kind, how, precision, rule)
                above.note(version, kind, how, precision)
        for source, version, _ in self.sources(lineage.dataset or ()):
            how, precision = How.OBSERVED, Precision.EXACT
            self.edge(source, target, EdgeKind.INDIRECT, how, precision, _BY_COLUMNS)
            above.note(version, EdgeKind.INDIRECT, how, precision)
        for version, (kind, how, precision) in above.found.items():
            if version != target:
                self.edge(version, target, kind, how, precision, _BY_COLUMNS)

    def sources(self, fields: Iterable[_InputField]) -> Iterable[tuple[int, int, str]]:
        """Give column node, version node and kind of each source column."""
        for field in fields:
            for key in self.contents(field):
                version = self.version(key)
                column = self.column(key, version, field.field)
                for kind in _kinds(field.transformations):
                    yield column, version, kind

    def contents(self, field: _InputField) -> list[Key]:
        """Give the content a source column was read from: stated, or as the event's inputs say."""
        if field.version is not None:
            return [(field.namespace, field.name, field.version)]
        unknown = (field.namespace, field.name, UNVERSIONED)
        return self.keys.get((field.namespace, field.name), [unknown])

    def activity(self) -> None:
        event = self.event
        job = None if event.job is None else event.job.name
        model = next(
            (one.name for one in event.outputs or () if one.namespace == MODEL_NAMESPACE), None
        ) or next((one.name for one in event.inputs or () if one.namespace == MODEL_NAMESPACE), None)
        run = None if event.run is None else event.run.runId
        self.rows.add("activity", self.entry, "lineage.event", self.time, run, job, model, _summary(event))


class _DatasetEdges:
    """What the columns of two datasets together say of the datasets: the strongest of each."""

    _PRECISIONS = (Precision.EXACT, Precision.SUPERSET, Precision.UNKNOWN)

    def __init__(self) -> None:
        self.found: dict[int, tuple[str, str, str]] = {}

    def note(self, version: int, kind: str, how: str, precision: str) -> None:
        before = self.found.get(version)
        if before is not None:
            if before[0] == EdgeKind.DIRECT:
                kind = before[0]
            how = before[1]
            precision = min(before[2], precision, key=self._rank)
        self.found[version] = (kind, how, precision)

    def _rank(self, precision: str) -> int:
        known = [str(one) for one in self._PRECISIONS]
        return known.index(precision) if precision in known else len(known)


def _kinds(transformations: list[_Transformation] | None) -> list[str]:
    kinds = sorted({one.type for one in transformations or () if one.type in set(EdgeKind)} - {None})
    return [str(kind) for kind in kinds] or [EdgeKind.DIRECT]


def _read(facets: dict[str, msgspec.Raw] | None, name: str, kind: type[Any]) -> Any:
    """Give a facet as a struct, or None when it is absent or of another form (its text is kept)."""
    raw = (facets or {}).get(name)
    if raw is None:
        return None
    try:
        return _decoders[kind].decode(raw)
    except msgspec.DecodeError:
        return None


def _summary(event: _Event) -> str:
    """Say in a few words what the event tells."""
    what = (event.eventType or "event").lower()
    read = ", ".join(one.name for one in (event.inputs or ())[:3])
    wrote = ", ".join(one.name for one in (event.outputs or ())[:3])
    more = " …" if max(len(event.inputs or ()), len(event.outputs or ())) > 3 else ""  # noqa: PLR2004
    flow = f": {read} -> {wrote}" if wrote else (f": {read}" if read else "")
    return f"{what}{flow}{more}"
