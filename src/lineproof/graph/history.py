"""The automated log: what happened, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from lineproof.graph.facts import UNVERSIONED, Facts, dataset_ref
from lineproof.graph.view import View
from lineproof.model.entries import EntryType
from lineproof.model.identity import node_id
from lineproof.model.references import Kind, Reference
from lineproof.store import readable
from lineproof.store.schema import activity, entry, payload

__all__ = ["DatasetUse", "EventRow", "events"]

_PAGE = 200  # entries looked up together


class DatasetUse(msgspec.Struct, kw_only=True):
    """A dataset version that an event names.

    Attributes:
        dataset: Reference without a version.
        version: `v3`, or `unversioned`.
    """

    dataset: str
    version: str


class EventRow(msgspec.Struct, kw_only=True):
    """One entry, as `lineproof events` tells it.

    Attributes:
        entry: Its number.
        type: What happened.
        time: When it happened, as the event claims it.
        recorded: When it came into the ledger.
        principal: Who recorded it.
    """

    entry: int
    type: str
    time: str | None
    recorded: str
    principal: str
    run: str | None
    job: str | None
    inputs: list[DatasetUse]
    outputs: list[DatasetUse]
    model: str | None
    summary: str


class _Leaf(msgspec.Struct):
    type: str
    recorded: str
    principal: str


class _Version(msgspec.Struct):
    dataset_version: str = msgspec.field(default=UNVERSIONED, name="datasetVersion")


class _Facets(msgspec.Struct):
    version: _Version = msgspec.field(default_factory=_Version)


class _Dataset(msgspec.Struct):
    namespace: str
    name: str
    facets: _Facets = msgspec.field(default_factory=_Facets)

    @property
    def id(self) -> int:
        return node_id("version", self.namespace, self.name, self.facets.version.dataset_version)


class _Event(msgspec.Struct):
    inputs: list[_Dataset] = []
    outputs: list[_Dataset] = []


def events(
    connection: Connection, seen: View, *, since: int = 0, limit: int | None = None
) -> Iterator[EventRow]:
    """Give what happened, oldest first, page by page.

    Args:
        connection: Snapshot of the ledger's tables.
        seen: What the answer may rest on.
        since: First entry.
        limit: Most rows, the newest ones; None for all.
    """
    last = seen.as_of
    if limit is not None:
        since = max(since, last - limit + 1)
    for first in range(since, last + 1, _PAGE):
        yield from _page(Facts(connection, seen), first, min(first + _PAGE - 1, last))


def _page(facts: Facts, first: int, last: int) -> Iterator[EventRow]:
    query = (
        select(entry.c.seq, entry.c.leaf, payload.c.body, *(c for c in activity.c if c.name != "entry"))
        .outerjoin(payload, payload.c.seq == entry.c.seq)
        .outerjoin(activity, activity.c.entry == entry.c.seq)
        .where(entry.c.seq.between(first, last))
        .order_by(entry.c.seq)
    )
    rows = facts.connection.execute(query).all()
    if facts.view.at is not None:
        rows = [row for row in rows if row.time is not None and row.time <= facts.view.at]
    read = [_datasets(facts.connection, row) for row in rows]
    facts.versions({one.id for used in read for one in (*used.inputs, *used.outputs)})
    facts.runs({node_id("run", row.run) for row in rows if row.run is not None})
    for row, used in zip(rows, read, strict=True):
        yield _event(facts, row, used)


def _datasets(connection: Connection, row: Any) -> _Event:
    """Read which datasets an entry's event names; none where it is no event or was destroyed."""
    leaf = msgspec.json.decode(row.leaf, type=_Leaf)
    if row.body is None or leaf.type != EntryType.LINEAGE_EVENT:
        return _Event()
    try:
        return msgspec.json.decode(readable(connection, row.body) or b"", type=_Event)
    except msgspec.DecodeError:
        return _Event()  # taken raw from another tool; it did not fit and projected nothing either


def _event(facts: Facts, row: Any, used: _Event) -> EventRow:
    leaf = msgspec.json.decode(row.leaf, type=_Leaf)
    run = None if row.run is None else facts.runs([node_id("run", row.run)])
    return EventRow(
        entry=row.seq,
        type=row.type or leaf.type,
        time=row.time,
        recorded=leaf.recorded,
        principal=leaf.principal,
        run=None if row.run is None else f"run:{row.run}",
        job=next((about.job_ref for about in run.values()), None) if run else None,
        inputs=_uses(facts, used.inputs),
        outputs=_uses(facts, used.outputs),
        model=_model(facts, row, used),
        summary=row.summary or "its payload was destroyed",
    )


def _model(facts: Facts, row: Any, used: _Event) -> str | None:
    """Name the model that an event is about: one it made, or else one it used."""
    known = facts.versions({one.id for one in (*used.inputs, *used.outputs)})
    for one in (*used.outputs, *used.inputs):
        if one.id in known and known[one.id].kind is Kind.MODEL:
            return known[one.id].ref
    return None if row.model is None else str(Reference(kind=Kind.MODEL, name=row.model))


def _uses(facts: Facts, datasets: Sequence[_Dataset]) -> list[DatasetUse]:
    known = facts.versions({one.id for one in datasets})
    uses = []
    for one in datasets:
        version = known.get(one.id)
        ref = dataset_ref(one.namespace, one.name, version.type if version else None)
        uses.append(DatasetUse(dataset=ref, version=version.label if version else UNVERSIONED))
    return uses
