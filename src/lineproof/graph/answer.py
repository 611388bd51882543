"""The answer to a trace, in the form that the contracts give it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import msgspec

from lineproof.graph.facts import Facts
from lineproof.graph.hops import Hop
from lineproof.graph.resolve import Found
from lineproof.graph.states import RunTimes, run_times
from lineproof.graph.tags import Tags
from lineproof.model.lineage import RunState
from lineproof.model.references import Kind

__all__ = ["Describe", "Edge", "Node", "Trace"]


class Node(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One thing in an answer. What does not apply to its kind, or is not known, is left out.

    Attributes:
        ref: Canonical reference.
        kind: `dataset`, `model`, `column`, `run` or `prediction`.
        dataset: Reference of the version a column belongs to.
        version: `v3`, or `unversioned` when the event did not say which content it was.
        content: Identity of the content, such as `sha256:...`.
        type: Of a dataset (`FILE`, `MODEL`, ...) or of a column's values.
        run: Run that wrote it first.
        time: Event time of its first record; of a run its start.
        entry: Entry of its first record.
        sources: `unknown` when the record says, or leaves open, that it does not know them.
        tags: What it holds of persons, as found, stated, or carried along lineage; of a dataset that of
            all its columns.
    """

    ref: str
    kind: str
    name: str
    namespace: str | None = None
    dataset: str | None = None
    version: str | None = None
    content: str | None = None
    type: str | None = None
    run: str | None = None
    job: str | None = None
    state: RunState | None = None
    time: str | None = None
    end: str | None = None
    entry: int | None = None
    sources: str | None = None
    tags: list[str] = []


class Edge(msgspec.Struct, kw_only=True):
    """One edge; `from` is upstream of `to`."""

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    kind: str
    how: str
    precision: str
    rule: str
    run: str | None
    entry: int


class Trace(msgspec.Struct, kw_only=True):
    """Where something came from, or what came from it.

    Attributes:
        root: Reference of what was asked about.
        direction: `up` or `down`.
        as_of: Last entry that the answer rests on.
        nodes: What was found, nearest first; runs that made the edges come last.
        edges: How it hangs together; they point downstream.
        complete: Whether the answer holds all that is recorded.
        cut_at: References beyond which it does not look, because of a cap.
    """

    root: str
    direction: str
    as_of: int
    nodes: list[Node]
    edges: list[Edge]
    complete: bool
    cut_at: list[str]


class Describe:
    """Gives names to the node ids of an answer."""

    def __init__(self, facts: Facts, root: Found) -> None:
        self._facts = facts
        self._root = root
        self._nodes: dict[int, Node] = {}

    def learn(self, ids: Collection[int], unknown_sources: Collection[int] = ()) -> None:
        """Look up the nodes of an answer."""
        columns = self._facts.columns(ids)
        owners = {column.version for column in columns.values()}
        versions = self._facts.versions({*ids, *owners})
        producers = self._facts.producers(versions)
        makers = self._facts.runs(set(producers.values()))
        tags = self._tags(columns, versions)
        for one, facts in versions.items():
            maker = makers.get(producers.get(one, 0))
            self._nodes[one] = Node(
                ref=facts.ref,
                kind=facts.kind,
                name=facts.name,
                namespace=facts.namespace,
                version=facts.label,
                content=facts.content,
                type=facts.type,
                run=maker.ref if maker else None,
                job=maker.job_ref if maker else None,
                time=facts.time,
                entry=facts.entry,
                sources="unknown" if one in unknown_sources else None,
                tags=tags.get(one, []),
            )
        for one, column in columns.items():
            owner = versions[column.version]
            self._nodes[one] = Node(
                ref=owner.column_ref(column.name),
                kind=Kind.COLUMN,
                name=column.name,
                dataset=owner.ref,
                type=column.type,
                sources="unknown" if one in unknown_sources else None,
                tags=tags.get(one, []),
            )
        self._learn_runs([one for one in ids if one not in self._nodes])

    def _tags(self, columns: Collection[int], versions: Collection[int]) -> dict[int, list[str]]:
        """Give the tags of columns, and of versions all those of their columns."""
        owned_by = self._facts.columns_of(versions)
        within = [one.id for owned in owned_by.values() for one in owned]
        carried = Tags.near(self._facts, {*columns, *versions, *within}).carried
        if not carried:
            return {}
        found = {one: set(carried[one]) for one in (*columns, *versions) if one in carried}
        for version, owned in owned_by.items():
            of_columns = {tag for column in owned for tag in carried.get(column.id, ())}
            if of_columns:
                found[version] = found.get(version, set()) | of_columns
        return {one: sorted(tags) for one, tags in found.items()}

    def _learn_runs(self, ids: Collection[int]) -> None:
        runs = self._facts.runs(ids)
        times = run_times(self._facts, runs)
        for one, facts in runs.items():
            self._nodes[one] = _run_node(facts.ref, facts.job, facts.job_ref, times[one])
        if self._root.kind is Kind.PREDICTION:
            self._nodes[self._root.id] = Node(ref=self._root.ref, kind=Kind.PREDICTION, name=self._root.name)

    def nodes(self, depths: Mapping[int, int], hops: Iterable[Hop]) -> list[Node]:
        """Give the root, the other nodes nearest first, and after them the runs that made the edges."""
        order = sorted(depths, key=lambda one: (one != self._root.id, depths[one], self._nodes[one].ref))
        makers = {hop.run for hop in hops if hop.run is not None} - set(depths)
        self._learn_runs([one for one in makers if one not in self._nodes])
        runs = sorted(
            (self._nodes[one] for one in makers if one in self._nodes),
            key=lambda node: (node.time or "", node.ref),
        )
        return [self._nodes[one] for one in order] + runs

    def edges(self, hops: Iterable[Hop]) -> list[Edge]:
        """Give the edges by name, each once, in a fixed order."""
        found: dict[tuple[str, ...], Edge] = {}
        for hop in hops:
            edge = Edge(
                source=self.ref(hop.source),
                target=self.ref(hop.target),
                kind=hop.kind,
                how=hop.how,
                precision=hop.precision,
                rule=hop.rule,
                run=self.ref(hop.run) if hop.run in self._nodes else None,
                entry=hop.entry,
            )
            key = (edge.source, edge.target, edge.kind, edge.how, edge.precision, edge.rule)
            if key not in found or found[key].entry > edge.entry:
                found[key] = edge
        return [found[key] for key in sorted(found)]

    def ref(self, one: int) -> str:
        """Give the reference of a node."""
        return self._nodes[one].ref


def _run_node(ref: str, job: str, job_ref: str, times: RunTimes) -> Node:
    return Node(
        ref=ref,
        kind=Kind.RUN,
        name=job,
        job=job_ref,
        state=times.state,
        time=times.start,
        end=times.end,
    )
