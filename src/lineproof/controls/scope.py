"""The part of the record that one system's controls look at: its models, and what led to and from them.

Reading goes in batches: its cost follows the number of runs and versions in scope.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import func, select

from lineproof.controls.record import LEDGER, Record
from lineproof.graph.facts import UNREGISTERED, VersionFacts, batches
from lineproof.graph.hops import DatasetHops, Direction
from lineproof.graph.named import versions_of
from lineproof.graph.runs import RunRow, facets_of, rows_of
from lineproof.graph.statements import Source, Stated, serves
from lineproof.graph.states import descendants
from lineproof.graph.walk import walk
from lineproof.model.entries import EntryType
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind
from lineproof.model.statements import Deployment, Purpose, System
from lineproof.store.schema import (
    activity,
    dataset,
    metric,
    prediction,
    principal,
    run_dataset,
    run_parent,
)

__all__ = ["Run", "Scope", "Served"]

PRODUCTION = ("prod", "production")
_FARTHEST = 5_000_000  # versions above a system's models


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a program, with all that happened inside it.

    Attributes:
        purposes: Purposes it serves, by its own word or that of a person, and the entries that say so.
        inputs: Versions that it read and that do not live in memory only.
        principal: Name of whoever recorded it.
        code: Fields of `lineproof_code`.
        measured: Whether something was measured in it.
        leads: Whether something that it made led to a model.
    """

    id: int
    row: RunRow
    purposes: dict[str, tuple[int, ...]]
    inputs: tuple[int, ...]
    principal: str | None
    code: dict[str, Any]
    measured: bool
    leads: bool

    @property
    def day(self) -> str:
        """Day on which it started."""
        return (self.row.start or "")[:10]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record of the predictions of one model version.

    Attributes:
        last: Event time of the last of them; None when there is none.
    """

    count: int = 0
    last: str | None = None
    entry: int | None = None


class Scope:
    """What one system's controls look at.

    Args:
        record: The ledger.
        system: The system; None when nobody stated one.
        entries: Entries that state it.
    """

    def __init__(self, record: Record, system: System | None, entries: Sequence[int] = ()) -> None:
        self.record = record
        self.system = system
        self.entries = tuple(entries)

    @property
    def subject(self) -> str:
        """The system as results name it."""
        return LEDGER if self.system is None else f"system:{self.system.name}"

    @cached_property
    def models(self) -> list[VersionFacts]:
        """The versions of its models, in order of first record."""
        if self.system is None:
            return []
        connection, seen = self.record.connection, self.record.view
        query = select(dataset.c.id, dataset.c.name).where(
            dataset.c.type == Kind.MODEL.upper(), seen.known(dataset)
        )
        owners = [one for one, name in connection.execute(query) if serves(self.system, name)]
        found = [one for owner in owners for one in versions_of(connection, owner, seen)]
        return [one for one in found if one.namespace != MEMORY_NAMESPACE and one.rank is not None]

    @cached_property
    def _by_node(self) -> dict[int, VersionFacts]:
        return {model.id: model for model in self.models}

    @cached_property
    def upstream(self) -> dict[int, VersionFacts]:
        """Everything that its models came from, themselves included."""
        return self.record.facts.versions(set(self._walked.depths))

    @cached_property
    def roots(self) -> list[VersionFacts]:
        """Where its data begins: versions that nothing recorded was made of."""
        made = {hop.target for hop in self._walked.hops}
        kinds = (Kind.MODEL,)
        return [
            one
            for one in self.upstream.values()
            if one.id not in made and one.namespace != MEMORY_NAMESPACE and one.kind not in kinds
        ]

    @cached_property
    def runs(self) -> list[Run]:
        """The runs that made its models, prepared their data, or predicted with them; oldest first."""
        record = self.record
        makers = {hop.run for hop in self._walked.hops if hop.run is not None}
        makers |= set(record.facts.producers(set(self.upstream)).values())
        training = self._tops(makers)
        down = DatasetHops(record.facts, Direction.DOWN)([one.id for one in self.models], _FARTHEST)
        tops = training | self._tops({hop.run for hop in down.hops if hop.run is not None})
        return self._described(sorted(tops), training)

    @cached_property
    def sources(self) -> dict[int, Source]:
        """Stated sources of its data."""
        return self.record.statements.sources(set(self.upstream))

    @cached_property
    def deployments(self) -> list[tuple[Stated, Deployment]]:
        """Its deployments to production, retirements left out, in order."""
        if self.system is None:
            return []
        return [
            (one, one.body)
            for one in self.record.statements.deployments()
            if isinstance(one.body, Deployment)
            and one.body.action == "deploy"
            and one.body.env.lower() in PRODUCTION
            and serves(self.system, one.body.model_name)
        ]

    @cached_property
    def in_production(self) -> list[tuple[Stated, Deployment]]:
        """Those of its deployments that are in force."""
        names = {body.model_name for _, body in self.deployments}
        serving = {one.entry for name in names for one in self.record.statements.in_force(name).values()}
        return [found for found in self.deployments if found[0].entry in serving]

    @cached_property
    def served(self) -> dict[int, Served]:
        """Predictions on record, by model version."""
        found: dict[int, Served] = {}
        seen = self.record.view
        for piece in batches([one.id for one in self.models]):
            query = (
                select(prediction.c.model_version, func.count(), func.max(prediction.c.entry))
                .where(prediction.c.model_version.in_(piece), seen.known(prediction))
                .group_by(prediction.c.model_version)
            )
            for model, count, entry in self.record.connection.execute(query):
                time = self.record.connection.scalar(select(activity.c.time).where(activity.c.entry == entry))
                found[model] = Served(count=count, last=time, entry=entry)
        return found

    @cached_property
    def unregistered_predictions(self) -> list[int]:
        """Entries with predictions of its models by name, of which nobody knows the version."""
        if self.system is None:
            return []
        query = (
            select(activity.c.entry, activity.c.model)
            .where(activity.c.type == EntryType.PREDICTION_SEGMENT.value, self.record.view.known(activity))
            .where(
                activity.c.entry.in_(
                    select(prediction.c.entry).where(prediction.c.model_version == UNREGISTERED)
                )
            )
        )
        rows = self.record.connection.execute(query.order_by(activity.c.entry))
        return [entry for entry, model in rows if model and serves(self.system, model)]

    def deployed(self, deployment: Stated) -> str:
        """Give the reference of the model version that a deployment is about."""
        model = self.model(deployment)
        return deployment.subject if model is None else model.ref

    def model(self, deployment: Stated) -> VersionFacts | None:
        """Give the model version that a deployment is about, when it is on record."""
        return self._by_node.get(deployment.node or 0)

    def purpose(self, run: Run) -> dict[str, Purpose]:
        """Give the purposes of a run that somebody described."""
        known = self.record.purposes
        return {name: known[name][0] for name in run.purposes if name in known}

    def personal(self, versions: Iterable[int]) -> dict[str, set[int]]:
        """Give the personal tags among the columns of versions, each with the entries that state it."""
        found: dict[str, set[int]] = {}
        for version in versions:
            for tag, entries in self.record.personal.get(version, {}).items():
                found[tag] = found.get(tag, set()) | entries
        return found

    @cached_property
    def unclassified(self) -> list[VersionFacts]:
        """Sources of its models, and of what its runs read besides, of whose columns nothing is known."""
        read = {one for run in self.runs for one in run.inputs} - set(self.upstream)
        besides = self.record.facts.versions(read - set(self.record.facts.producers(read)))
        return [one for one in (*self.roots, *besides.values()) if self.record.spoken_of(one) is None]

    @cached_property
    def _walked(self) -> Any:
        hops = DatasetHops(self.record.facts, Direction.UP)
        start = [one.id for one in self.models]
        return walk(hops, start, Direction.UP, depth=None, limit=_FARTHEST)

    @cached_property
    def _parents(self) -> dict[int, int]:
        query = select(run_parent.c.run, run_parent.c.parent).where(self.record.view.known(run_parent))
        return {row.run: row.parent for row in self.record.connection.execute(query)}

    def top(self, run: int) -> int:
        """Give the outermost run in which one happened."""
        seen = {run}
        while (above := self._parents.get(run)) is not None and above not in seen:
            seen.add(above)
            run = above
        return run

    def _tops(self, runs: Iterable[int]) -> set[int]:
        return {self.top(run) for run in runs}

    def _described(self, ids: list[int], leading: set[int]) -> list[Run]:
        facts = self.record.facts
        rows = dict(zip(ids, rows_of(facts, ids), strict=True))
        within = descendants(facts, ids)
        code = facets_of(facts, ids, "lineproof_code")
        process = facets_of(facts, set(within), "lineproof_process")
        stated: dict[int, set[str]] = defaultdict(set)
        for run, fields in process.items():
            if fields.get("purpose"):
                stated[within[run]].add(str(fields["purpose"]))
        measured = self._measured(within)
        who = self.record.connection.execute(select(principal.c.ref, principal.c.name))
        names = {row.ref: row.name for row in who}
        inputs = _inputs(self.record, within)
        jobs = {one: about.job for one, about in facts.runs(ids).items()}
        made = [
            Run(
                id=one,
                row=rows[one],
                purposes=dict.fromkeys(stated[one], ()) | self.record.purposes_of_job(jobs[one]),
                inputs=tuple(inputs[one]),
                principal=names.get(rows[one].principal or ""),
                code=code.get(one, {}),
                measured=one in measured,
                leads=one in leading,
            )
            for one in ids
        ]
        return sorted(made, key=lambda run: (run.row.start or "", run.row.run))

    def _measured(self, within: dict[int, int]) -> set[int]:
        found: set[int] = set()
        for piece in batches(within):
            query = (
                select(metric.c.run).where(metric.c.run.in_(piece), self.record.view.known(metric)).distinct()
            )
            found |= {within[one] for one in self.record.connection.scalars(query)}
        return found


def _inputs(record: Record, within: dict[int, int]) -> dict[int, list[int]]:

    read: dict[int, dict[int, None]] = {one: {} for one in within.values()}
    for piece in batches(within):
        query = (
            select(run_dataset.c.run, run_dataset.c.version)
            .where(
                run_dataset.c.run.in_(piece),
                run_dataset.c.direction == "input",
                record.view.known(run_dataset),
            )
            .order_by(run_dataset.c.entry)
        )
        for run, version in record.connection.execute(query):
            read[within[run]][version] = None
    known = record.facts.versions({version for versions in read.values() for version in versions})
    return {
        run: [
            one
            for one in versions
            if known[one].namespace != MEMORY_NAMESPACE and known[one].kind is not Kind.MODEL
        ]
        for run, versions in read.items()
    }
