"""From a reference to the thing it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from lineproof.errors import ReferenceSyntaxError, UnknownReferenceError
from lineproof.graph.facts import Facts, VersionFacts
from lineproof.graph.named import column_named, version_named
from lineproof.graph.nearest import LISTED, ambiguous, near, unknown
from lineproof.graph.view import View
from lineproof.model.identity import node_id
from lineproof.model.references import Kind, Reference, quote
from lineproof.store.schema import decision, entry, job, prediction, principal, run

__all__ = ["Found", "resolve"]

_SHORTEST_RUN_PREFIX = 8
_DIGITS = 19  # of a number that fits the database's integers


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a reference names.

    Attributes:
        kind: What it is.
        ref: Its canonical reference, version included.
        id: Its node in the graph; the entry for what is none (entries, decisions, principals).
        name: Of a dataset, column or job its name; of a run its uuid; of the others their id.
        version: The version it is, belongs to or (a prediction) was made by; None for other kinds,
            and for a prediction of a model that was never registered.
    """

    kind: Kind
    ref: str
    id: int
    name: str
    version: VersionFacts | None = None


def resolve(connection: Connection, reference: Reference, seen: View) -> Found:
    """Find what a reference names, as far as it was known in `seen`.

    Raises:
        UnknownReferenceError: Nothing recorded answers to it; the message lists the nearest names.
        AmbiguousReferenceError: Several things do; the message lists them.
        ReferenceSyntaxError: The reference is too short to be looked up.
    """
    return _RESOLVERS[reference.kind](connection, reference, seen)


def _dataset(connection: Connection, reference: Reference, seen: View) -> Found:
    found = version_named(connection, reference, seen)
    return Found(kind=found.kind, ref=found.ref, id=found.id, name=found.name, version=found)


def _column(connection: Connection, reference: Reference, seen: View) -> Found:
    owner, column = column_named(connection, reference, seen)
    ref = owner.column_ref(column.name)
    return Found(kind=Kind.COLUMN, ref=ref, id=column.id, name=column.name, version=owner)


def _run(connection: Connection, reference: Reference, seen: View) -> Found:
    prefix = reference.name.lower()
    if len(prefix) < _SHORTEST_RUN_PREFIX:
        raise ReferenceSyntaxError(f"{reference} is too short", "give at least 8 characters of the run's id")
    query = select(run.c.id, run.c.uuid).where(
        run.c.uuid.startswith(prefix, autoescape=True), seen.known(run)
    )
    rows = connection.execute(query.order_by(run.c.uuid).limit(LISTED)).all()
    rows = [row for row in rows if row.uuid == prefix] or rows
    if len(rows) > 1:
        raise ambiguous(reference, [f"run:{row.uuid}" for row in rows])
    if not rows:
        raise unknown(f"no run {prefix!r} is recorded", near(connection, reference, seen))
    return Found(kind=Kind.RUN, ref=f"run:{rows[0].uuid}", id=rows[0].id, name=rows[0].uuid)


def _job(connection: Connection, reference: Reference, seen: View) -> Found:
    query = select(job.c.id, job.c.namespace, job.c.name).where(job.c.name == reference.name, seen.known(job))
    if reference.namespace is not None:
        query = query.where(job.c.namespace == reference.namespace)
    rows = connection.execute(query.order_by(job.c.namespace).limit(LISTED)).all()
    if len(rows) > 1:
        raise ambiguous(reference, [_job_ref(row) for row in rows])
    if not rows:
        raise unknown(f"no job {reference.name!r} is recorded", near(connection, reference, seen))
    return Found(kind=Kind.JOB, ref=_job_ref(rows[0]), id=rows[0].id, name=rows[0].name)


def _job_ref(row: Any) -> str:
    return str(Reference(kind=Kind.JOB, namespace=row.namespace, name=row.name))


def _prediction(connection: Connection, reference: Reference, seen: View) -> Found:
    query = select(prediction.c.model_version).where(
        prediction.c.id == reference.name, seen.known(prediction)
    )
    if reference.model is not None:
        namespace, _, name = reference.model.rpartition("::")
        model = Reference(kind=Kind.MODEL, name=name, namespace=namespace or None, version=reference.version)
        query = query.where(prediction.c.model_version == version_named(connection, model, seen).id)
    ids = list(connection.scalars(query.order_by(prediction.c.model_version).limit(LISTED)))
    models = Facts(connection, seen).versions(ids)
    refs = [_prediction_ref(models.get(one), reference.name) for one in ids]
    if len(ids) > 1:
        raise ambiguous(reference, refs)
    if not ids:
        raise unknown(f"no prediction {reference.name!r} is recorded", near(connection, reference, seen))
    return Found(
        kind=Kind.PREDICTION,
        ref=refs[0],
        id=node_id("prediction", str(ids[0]), reference.name),
        name=reference.name,
        version=models.get(ids[0]),
    )


def _prediction_ref(model: VersionFacts | None, identifier: str) -> str:
    of_model = "" if model is None else model.ref.removeprefix("model:") + "/"
    return f"prediction:{of_model}{quote(identifier)}"


def _entry(connection: Connection, reference: Reference, seen: View) -> Found:
    number = int(reference.name) if reference.name.isdecimal() and len(reference.name) < _DIGITS else -1
    known = connection.scalar(select(entry.c.seq).where(entry.c.seq == number, entry.c.seq <= seen.as_of))
    if known is None:
        raise UnknownReferenceError(f"{reference} is not recorded; the last one is entry:{seen.as_of}")
    return Found(kind=Kind.ENTRY, ref=f"entry:{number}", id=number, name=str(number))


def _decision(connection: Connection, reference: Reference, seen: View) -> Found:
    return _by_id(connection, reference, decision.c.id, decision, seen)


def _principal(connection: Connection, reference: Reference, seen: View) -> Found:
    return _by_id(connection, reference, principal.c.ref, principal, seen)


def _by_id(connection: Connection, reference: Reference, key: Any, table: Any, seen: View) -> Found:
    stored = f"{reference.kind}:" if reference.kind is Kind.PRINCIPAL else ""
    query = select(key.label("key"), table.c.entry).where(
        key.startswith(stored + reference.name, autoescape=True), seen.known(table)
    )
    rows = connection.execute(query.order_by(key).limit(LISTED)).all()
    names = [row.key.removeprefix(stored) for row in rows]
    if len(rows) > 1:
        raise ambiguous(reference, [f"{reference.kind}:{name}" for name in names])
    if not rows:
        raise unknown(f"no {reference.kind} {reference.name!r} is recorded")
    return Found(kind=reference.kind, ref=f"{reference.kind}:{names[0]}", id=rows[0].entry, name=names[0])


def _none_yet(_connection: Connection, reference: Reference, _seen: View) -> Found:
    raise unknown(f"no {reference.kind} is recorded in this ledger")


_RESOLVERS: dict[Kind, Callable[[Connection, Reference, View], Found]] = {
    Kind.DATASET: _dataset,
    Kind.MODEL: _dataset,
    Kind.COLUMN: _column,
    Kind.RUN: _run,
    Kind.JOB: _job,
    Kind.PREDICTION: _prediction,
    Kind.ENTRY: _entry,
    Kind.DECISION: _decision,
    Kind.PRINCIPAL: _principal,
    Kind.FINDING: _none_yet,
}
