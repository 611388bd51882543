"""What the spools of one run say, gathered line by line, so that its end can be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType, field

from lineproof.model.entries import EntryType
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.spool import FileFact, ProcessEnd, ProcessStart, SpoolRecord

__all__ = ["PROCESS_FACET", "DatasetKey", "OpenChild", "ProcessAccount", "RunAccount"]

CODE_FACET = "lineproof_code"
PROCESS_FACET = "lineproof_process"


class DatasetKey(msgspec.Struct, frozen=True, order=True):
    """A dataset version as events name it; `content` is None when the event gives no version."""

    namespace: str
    name: str
    content: str | None = None


class OpenChild(msgspec.Struct):
    """A child run that has started; `job` and `parent` are as in its START event."""

    job: dict[str, Any]
    parent: dict[str, Any] | None


class ProcessAccount:
    """What one process wrote about itself.

    Attributes:
        name: Name of its spool file.
        start: Its first line.
        end: Its last, or None when it ended without a word.
        facts: Files it saw, in order.
        last_sign: When it last wrote to its spool, RFC 3339.
        exit_code: What it returned, where that was left beside its spool.
        gap: Why part of its spool was not taken, in words.
    """

    def __init__(self, name: str, start: ProcessStart, last_sign: str) -> None:
        self.name = name
        self.start = start
        self.last_sign = last_sign
        self.end: ProcessEnd | None = None
        self.facts: list[FileFact] = []
        self.exit_code: int | None = None
        self.gap: str | None = None


class RunAccount:
    """What all ended processes of one run wrote.

    Attributes:
        run: UUID of the run.
        processes: The processes, in order of start.
        process: The facet `lineproof_process` of the run's own events so far.
        open_children: Child runs that have started and not ended, by UUID.
        inputs: Dataset versions that events of the run name as inputs, those in memory left out.
        outputs: Likewise the outputs.
        input_links: Further names of the inputs, such as the file that holds a model.
        output_links: Likewise of the outputs.
        modules: Path and digest of each module that a program of the run imported from beside it.
        unkept: Why modules are not kept, in words.
        queries: Results of SQL queries: the facet that holds the query, and the result's columns.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        self.processes: list[ProcessAccount] = []
        self.process: dict[str, Any] = {}
        self.open_children: dict[str, OpenChild] = {}
        self.inputs: set[DatasetKey] = set()
        self.outputs: set[DatasetKey] = set()
        self.input_links: set[DatasetKey] = set()
        self.output_links: set[DatasetKey] = set()
        self.modules: set[tuple[str, str]] = set()
        self.unkept: list[str] = []
        self.queries: dict[DatasetKey, tuple[msgspec.Raw, list[str]]] = {}

    @property
    def owner(self) -> ProcessAccount | None:
        """The process whose end ends the run; None when it never began to record."""
        return next((process for process in self.processes if process.start.owner), None)

    def add(self, process: ProcessAccount, record: SpoolRecord) -> None:
        """Take note of one line of a process; one that makes no sense costs itself and no more."""
        try:
            if record.kind == "file":
                process.facts.append(msgspec.json.decode(record.body, type=FileFact))
            elif record.kind == "end":
                process.end = msgspec.json.decode(record.body, type=ProcessEnd)
                self._add_modules(process.end.run_facets)
            elif record.kind == "entry" and record.type == EntryType.LINEAGE_EVENT:
                self._add_event(record.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            process.gap = f"record {record.seq} of its spool is not understood"

    def _add_event(self, payload: msgspec.Raw) -> None:
        event = _decoder.decode(payload)
        self.inputs.update(_keys(event.inputs))
        self.outputs.update(_keys(event.outputs))
        self.input_links.update(_symlinks(event.inputs))
        self.output_links.update(_symlinks(event.outputs))
        for dataset in event.outputs:
            if dataset.facets.query is not UNSET:
                key = DatasetKey(dataset.namespace, dataset.name, dataset.facets.content)
                self.queries[key] = (
                    dataset.facets.query,
                    [each.name for each in dataset.facets.schema.fields],
                )
        self._add_modules(event.run.facets)
        run = event.run.run_id
        if run == self.run:
            if PROCESS_FACET in event.run.facets:
                self.process |= msgspec.json.decode(event.run.facets[PROCESS_FACET], type=dict[str, Any])
        elif event.event_type == "START":
            parent = event.run.facets.get("parent")
            self.open_children[run] = OpenChild(
                event.job, None if parent is None else msgspec.json.decode(parent)
            )
        elif event.event_type in _TERMINAL:
            self.open_children.pop(run, None)

    def _add_modules(self, facets: Mapping[str, Any]) -> None:
        if CODE_FACET in facets:
            code = msgspec.json.decode(facets[CODE_FACET], type=_Code)
            self.modules.update((each.path, each.digest) for each in code.modules)


_TERMINAL = frozenset({"COMPLETE", "FAIL", "ABORT"})


class _Module(msgspec.Struct, frozen=True):
    path: str
    digest: str


class _Code(msgspec.Struct, frozen=True):
    modules: list[_Module] = []


class _Version(msgspec.Struct, frozen=True):
    content: str = field(name="datasetVersion")


class _Symlink(msgspec.Struct, frozen=True):
    namespace: str
    name: str


class _Symlinks(msgspec.Struct, frozen=True):
    identifiers: list[_Symlink] = []


class _Column(msgspec.Struct, frozen=True):
    name: str


class _Schema(msgspec.Struct, frozen=True):
    fields: list[_Column] = []


class _DatasetFacets(msgspec.Struct, frozen=True):
    version: _Version | UnsetType = UNSET
    symlinks: _Symlinks = _Symlinks()
    schema: _Schema = _Schema()
    query: msgspec.Raw | UnsetType = field(default=UNSET, name="lineproof_query")

    @property
    def content(self) -> str | None:
        return None if self.version is UNSET else self.version.content


class _Dataset(msgspec.Struct):
    namespace: str
    name: str
    facets: _DatasetFacets = _DatasetFacets()


class _Run(msgspec.Struct):
    run_id: str = field(name="runId")
    facets: dict[str, msgspec.Raw] = {}


class _Event(msgspec.Struct):
    """The parts of our own events that matter here; the rest is skipped, not decoded."""

    run: _Run
    job: dict[str, Any]
    event_type: str | None = field(default=None, name="eventType")
    inputs: list[_Dataset] = []
    outputs: list[_Dataset] = []


_decoder = msgspec.json.Decoder(_Event)


def _keys(datasets: list[_Dataset]) -> set[DatasetKey]:
    return {
        DatasetKey(dataset.namespace, dataset.name, dataset.facets.content)
        for dataset in datasets
        if dataset.namespace != MEMORY_NAMESPACE
    }


def _symlinks(datasets: list[_Dataset]) -> set[DatasetKey]:
    return {
        DatasetKey(link.namespace, link.name, dataset.facets.content)
        for dataset in datasets
        for link in dataset.facets.symlinks.identifiers
    }
