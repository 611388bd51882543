"""What is known about a run, and about the job that runs execute."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from lineproof.graph.facts import Facts, batches
from lineproof.graph.resolve import Found
from lineproof.graph.runs import MetricValue, RunRow, facets_of, rows_of
from lineproof.graph.statements import Statements
from lineproof.graph.states import descendants, run_times
from lineproof.model.entries import EntryType
from lineproof.model.lineage import RunState
from lineproof.model.references import Kind
from lineproof.model.statements import Approval
from lineproof.store.schema import decision, job, metric, run, run_dataset, run_event, run_parent

__all__ = ["InnerRun", "JobDetail", "RunDetail", "Use", "show_job", "show_run"]

_RUNS_OF_JOB = 20  # newest runs told with a job
_OWN_FACETS = {
    "process": "lineproof_process",
    "code": "lineproof_code",
    "environment": "lineproof_environment",
    "coverage": "lineproof_coverage",
    "error": "errorMessage",
}


class Use(msgspec.Struct, kw_only=True):
    """A dataset version that a run read or wrote."""

    ref: str
    content: str
    type: str | None


class InnerRun(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A run that happened inside another one, with its estimator where it fitted or used one."""

    run: str
    job: str
    state: RunState
    start: str | None = None
    end: str | None = None
    estimator: str | None = None
    given: dict[str, Any] | None = None
    resolved: dict[str, Any] | None = None
    splits: dict[str, Any] | None = None


class Deidentification(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A word on whether the run takes personal data away; the last one holds.

    Attributes:
        by: Name of whose word it is; None when it is destroyed.
    """

    entry: int
    outcome: str
    by: str | None
    time: str
    method: str | None = None
    reason: str | None = None


class RunDetail(msgspec.Struct, kw_only=True):
    """Everything recorded about a run.

    Attributes:
        log: The row that `lineproof log` gives for it.
        parent: Run in which it happened.
        inner: Runs that happened in it, at any depth, in order; first itself when it has settings.
        inputs: What it and the runs inside it read, tables in memory included.
        outputs: What they wrote, likewise.
        metrics: All figures in order, not only the last of each name.
        entries: Entries that tell of it.
        deidentification: Words on whether it is de-identification, in which tags of personal data end.
    """

    ref: str
    kind: Kind = Kind.RUN
    log: RunRow
    parent: str | None
    inner: list[InnerRun]
    inputs: list[Use]
    outputs: list[Use]
    metrics: list[MetricValue]
    decisions: list[str]
    entries: list[int]
    process: dict[str, Any] | None = None
    code: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None
    coverage: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    deidentification: list[Deidentification] = []


class JobDetail(msgspec.Struct, kw_only=True):
    """A job and its newest runs."""

    ref: str
    kind: Kind = Kind.JOB
    namespace: str
    name: str
    facets: dict[str, Any]
    runs: list[RunRow]


def show_run(facts: Facts, found: Found) -> RunDetail:
    """Give everything recorded about a run."""
    within = set(descendants(facts, [found.id]))
    own: dict[str, Any] = {
        name: facets_of(facts, [found.id], key).get(found.id) for name, key in _OWN_FACETS.items()
    }
    inputs, outputs = (_uses(facts, within, direction) for direction in ("input", "output"))
    return RunDetail(
        ref=found.ref,
        log=rows_of(facts, [found.id])[0],
        parent=_parent(facts, found.id),
        inner=_inner(facts, within, found.id),
        inputs=inputs,
        outputs=outputs,
        metrics=_metrics(facts, within),
        decisions=_decisions(facts, within),
        entries=_entries(facts, within),
        deidentification=_deidentification(facts, found.id),
        **own,
    )


def _deidentification(facts: Facts, run_id: int) -> list[Deidentification]:
    words = Statements(facts.connection, facts.view).of(EntryType.APPROVAL, nodes=[run_id])
    return [
        Deidentification(
            entry=one.entry,
            outcome=one.body.outcome,
            by=one.name,
            time=one.body.time,
            method=one.body.method,
            reason=one.body.reason,
        )
        for one in words
        if isinstance(one.body, Approval)
    ]


def show_job(facts: Facts, found: Found) -> JobDetail:
    """Give a job and its newest runs."""
    row = facts.connection.execute(select(job).where(job.c.id == found.id)).one()
    query = (
        select(run.c.id)
        .where(run.c.job == found.id, facts.view.known(run))
        .order_by(run.c.entry.desc(), run.c.uuid.desc())
        .limit(_RUNS_OF_JOB)
    )
    facets = {
        key: facets_of(facts, [found.id], key).get(found.id)
        for key in ("jobType", "sourceCodeLocation", "documentation")
    }
    return JobDetail(
        ref=found.ref,
        namespace=row.namespace,
        name=row.name,
        facets={key: body for key, body in facets.items() if body},
        runs=rows_of(facts, list(facts.connection.scalars(query))),
    )


def _parent(facts: Facts, run_id: int) -> str | None:
    query = select(run_parent.c.parent).where(run_parent.c.run == run_id, facts.view.known(run_parent))
    parent = facts.connection.scalar(query)
    known = facts.runs([] if parent is None else [parent])
    return known[parent].ref if parent in known else None


def _inner(facts: Facts, within: set[int], outer: int) -> list[InnerRun]:
    about = facts.runs(within)
    times = run_times(facts, within)
    settings = facets_of(facts, within, "lineproof_hyperparameters")
    shown = [one for one in about if one != outer or one in settings]
    shown.sort(key=lambda one: (one != outer, times[one].start or "", about[one].uuid))
    return [
        InnerRun(
            run=about[one].ref,
            job=about[one].job_ref,
            state=times[one].state,
            start=times[one].start,
            end=times[one].end,
            **{key: settings.get(one, {}).get(key) for key in ("estimator", "given", "resolved", "splits")},
        )
        for one in shown
    ]


def _uses(facts: Facts, within: set[int], direction: str) -> list[Use]:
    order: dict[int, int] = {}
    for piece in batches(within):
        query = select(run_dataset.c.version, run_dataset.c.entry).where(
            run_dataset.c.run.in_(piece),
            run_dataset.c.direction == direction,
            facts.view.known(run_dataset),
        )
        for version, entry in facts.connection.execute(query):
            order[version] = min(entry, order.get(version, entry))
    known = facts.versions(order)
    ordered = sorted(known.values(), key=lambda one: (order[one.id], one.ref))
    return [Use(ref=one.ref, content=one.content, type=one.type) for one in ordered]


def _metrics(facts: Facts, within: set[int]) -> list[MetricValue]:
    found: list[Any] = []
    for piece in batches(within):
        query = select(metric).where(metric.c.run.in_(piece), facts.view.known(metric))
        found += facts.connection.execute(query).all()
    found.sort(key=lambda row: (row.entry, row.ordinal))
    return [MetricValue(name=row.name, value=row.value, text=row.text, step=row.step) for row in found]


def _decisions(facts: Facts, within: set[int]) -> list[str]:
    found: list[Any] = []
    for piece in batches(within):
        query = select(decision.c.entry, decision.c.id)
        query = query.where(decision.c.run.in_(piece), facts.view.known(decision))
        found += facts.connection.execute(query).all()
    return [f"decision:{row.id}" for row in sorted(found, key=lambda row: row.entry)]


def _entries(facts: Facts, within: set[int]) -> list[int]:
    found: set[int] = set()
    for piece in batches(within):
        query = select(run_event.c.entry).where(run_event.c.run.in_(piece), facts.view.known(run_event))
        found.update(facts.connection.scalars(query))
    return sorted(found)
