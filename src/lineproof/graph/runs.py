"""The log of runs: a row each, with what happened inside a run counted to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from lineproof.graph.facts import Facts, VersionFacts, batches, plain_facet
from lineproof.graph.states import RunTimes, descendants, run_times
from lineproof.graph.view import View
from lineproof.model.lineage import RunState
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind
from lineproof.store.schema import entry, facet, metric, run, run_dataset, run_event, run_parent

__all__ = ["MetricValue", "RunRow", "facets_of", "rows_of", "runs"]

_PAGE = 50  # runs looked up together


class MetricValue(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One measured figure; `value` is None where it is no finite number, and `text` holds it."""

    name: str
    value: float | None
    text: str | None = None
    step: int | None = None


class RunRow(msgspec.Struct, kw_only=True):
    """One run, as `lineproof log` tells it.

    Attributes:
        run: Reference.
        job: Reference of the job.
        start: Time of its first event, as the event claims it.
        end: Time of its terminal event; None while there is none.
        principal: Who recorded it.
        commit: Git commit of its code; None when there was none or it is not known.
        inputs: Dataset versions it read and did not make, without those that lived in memory only.
        outputs: Dataset and model versions it wrote, likewise.
        models: Those of the outputs that are models.
        metrics: Name to last value, those of the runs inside it included.
        coverage: How much of the run the record holds; None until it has ended.
    """

    run: str
    job: str
    state: RunState
    start: str | None
    end: str | None
    principal: str | None
    commit: str | None
    inputs: list[str]
    outputs: list[str]
    models: list[str]
    metrics: dict[str, float | str | None]
    coverage: dict[str, Any] | None


def runs(
    connection: Connection, seen: View, *, limit: int | None = None, inner: bool = False
) -> Iterator[RunRow]:
    """Give the runs, newest first.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What the answer may rest on.
        limit: Most rows; None for all.
        inner: Also give runs that happened inside another one, such as fits.
    """
    query = select(run.c.id).where(seen.known(run)).order_by(run.c.entry.desc(), run.c.uuid.desc())
    if seen.at is not None:
        query = query.where(run.c.id.in_(select(run_event.c.run).where(seen.held(run_event))))
    if not inner:
        query = query.where(run.c.id.not_in(select(run_parent.c.run).where(seen.known(run_parent))))
    ids = list(connection.scalars(query.limit(limit)))
    for first in range(0, len(ids), _PAGE):
        yield from rows_of(Facts(connection, seen), ids[first : first + _PAGE])


def rows_of(facts: Facts, ids: Collection[int]) -> list[RunRow]:
    """Give the rows of these runs, in this order."""
    within = descendants(facts, ids)
    about = facts.runs(ids)
    times = run_times(facts, ids)
    read, written = _datasets(facts, within)
    metrics = _metrics(facts, within)
    code = facets_of(facts, ids, "lineproof_code")
    coverage = facets_of(facts, ids, "lineproof_coverage")
    principals = _principals(facts, ids)
    return [
        _row(
            about[one],
            times[one],
            principal=principals.get(one),
            commit=code.get(one, {}).get("commit"),
            read=[version for version in read[one] if version not in written[one]],
            written=written[one],
            metrics=metrics[one],
            coverage=coverage.get(one),
        )
        for one in ids
    ]


def _row(
    about: Any,
    times: RunTimes,
    *,
    read: list[VersionFacts],
    written: list[VersionFacts],
    **rest: Any,
) -> RunRow:
    return RunRow(
        run=about.ref,
        job=about.job_ref,
        state=times.state,
        start=times.start,
        end=times.end,
        inputs=[version.ref for version in read],
        outputs=[version.ref for version in written],
        models=[version.ref for version in written if version.kind is Kind.MODEL],
        **rest,
    )


_ADDING_UP = {"lineproof_code": ("cells",)}  # lists that events add to


def facets_of(facts: Facts, owners: Collection[int], name: str) -> dict[int, dict[str, Any]]:
    """Give a facet of each owner as JSON, the fields of later entries over those of earlier ones.

    Cells of a notebook add up.
    """
    merged: dict[int, dict[str, Any]] = {}
    for piece in batches(owners):
        query = (
            select(facet.c.owner, facet.c.body)
            .where(facet.c.owner.in_(piece), facet.c.name == name, facts.view.known(facet))
            .order_by(facet.c.entry)
        )
        for owner, body in facts.connection.execute(query):
            fields = merged.setdefault(owner, {})
            new = plain_facet(body)
            for field in _ADDING_UP.get(name, ()):
                if field in fields and field in new:
                    new[field] = [*fields[field], *new[field]]
            fields.update(new)
    return merged


def _datasets(
    facts: Facts, within: dict[int, int]
) -> tuple[dict[int, list[VersionFacts]], dict[int, list[VersionFacts]]]:
    """Give what each run, with the runs inside it, read and wrote, without what lived in memory only."""
    touched: dict[str, dict[int, list[int]]] = {
        direction: {one: [] for one in within.values()} for direction in ("input", "output")
    }
    for piece in batches(within):
        query = (
            select(run_dataset.c.run, run_dataset.c.version, run_dataset.c.direction)
            .where(run_dataset.c.run.in_(piece), facts.view.known(run_dataset))
            .order_by(run_dataset.c.entry)
        )
        for one, version, direction in facts.connection.execute(query):
            touched[direction][within[one]].append(version)
    every = {version for lists in touched.values() for found in lists.values() for version in found}
    known = facts.versions(every)
    read, written = (
        {one: _shown(found, known) for one, found in touched[direction].items()}
        for direction in ("input", "output")
    )
    return read, written


def _shown(versions: list[int], known: dict[int, VersionFacts]) -> list[VersionFacts]:
    found = (known[one] for one in dict.fromkeys(versions))
    return [one for one in found if one.namespace != MEMORY_NAMESPACE]


def _metrics(facts: Facts, within: dict[int, int]) -> dict[int, dict[str, float | str | None]]:
    found: dict[int, dict[str, float | str | None]] = {one: {} for one in within.values()}
    for piece in batches(within):
        query = (
            select(metric.c.run, metric.c.name, metric.c.value, metric.c.text)
            .where(metric.c.run.in_(piece), facts.view.known(metric))
            .order_by(metric.c.entry, metric.c.ordinal)
        )
        for one, name, value, text in facts.connection.execute(query):
            found[within[one]][name] = text if value is None else value
    return found


def _principals(facts: Facts, ids: Collection[int]) -> dict[int, str]:
    """Give for each run the principal whose entry recorded it first."""
    found: dict[int, str] = {}
    for piece in batches(ids):
        query = select(run.c.id, entry.c.leaf).join(entry, entry.c.seq == run.c.entry)
        for one, leaf in facts.connection.execute(query.where(run.c.id.in_(piece))):
            found[one] = msgspec.json.decode(leaf)["principal"]
    return found
