"""Entries that together leave a row in every projected table, and the database as an attacker has it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from lineproof.ledger import Checkpoint, Frontier, leaf_hash, origin_of, sign_checkpoint
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.subjects import Subject
from lineproof.store import Ledger, NewEntry, schema
from lineproof.store.database import SqliteDatabase
from lineproof.store.keys import signing_key
from lineproof.store.sequencer import _write_tiles

RUN = "01990000-0000-7000-8000-000000000001"
PARENT = "01990000-0000-7000-8000-000000000002"


def facet(**body: Any) -> dict[str, Any]:
    return {"_producer": "urn:test", "_schemaURL": "urn:test", **body}


def dataset(name: str, content: str | None = None, **facets: Any) -> dict[str, Any]:
    """A dataset of namespace `file` (or `namespace/name`); `columns` and `sources` are short forms."""
    namespace, _, name = name.rpartition("::")
    if content is not None:
        facets["version"] = facet(datasetVersion=content)
    if columns := facets.pop("columns", None):
        facets["schema"] = facet(fields=[{"name": column, "type": "text"} for column in columns])
    if sources := facets.pop("sources", None):
        facets["columnLineage"] = facet(fields=sources)
    return {"namespace": namespace or "file", "name": name, "facets": facets}


def source(name: str, field: str, kind: str = "DIRECT", **more: Any) -> dict[str, Any]:
    namespace, _, name = name.rpartition("::")
    return {
        "namespace": namespace or "file",
        "name": name,
        "field": field,
        "transformations": [{"type": kind}],
        **more,
    }


def event(
    event_type: str = "RUNNING",
    *,
    run: str = RUN,
    job: str = "prepare.py",
    inputs: Any = (),
    outputs: Any = (),
    **facets: Any,
) -> NewEntry:
    body = {
        "eventTime": now(),
        "eventType": event_type,
        "producer": "urn:test",
        "schemaURL": "urn:test",
        "run": {"runId": run, "facets": facets},
        "job": {"namespace": "test", "name": job},
        "inputs": list(inputs),
        "outputs": list(outputs),
    }
    return NewEntry(EntryType.LINEAGE_EVENT, json.dumps(body).encode(), uuid7())


def everything() -> list[NewEntry]:
    """Entries that together leave a row in every projected table but `tombstone`."""
    train = dataset(
        "train.csv",
        "sha256:bb",
        columns=["age", "label"],
        sources={
            "age": {
                "inputFields": [source("raw.csv", "birth", version="sha256:aa")],
                "how": "observed",
                "precision": "exact",
                "rule": "pandas.sub",
            },
            "label": {"inputFields": [source("raw.csv", "label", "INDIRECT", version="sha256:aa")]},
        },
        symlinks=facet(identifiers=[{"namespace": "file", "name": "/data/train.csv", "type": "LOCATION"}]),
    )
    raw = dataset("raw.csv", "sha256:aa", columns=["birth", "label"])
    model = dataset("model::credit", "sha256:cc", columns=["age"], datasetType=facet(datasetType="MODEL"))
    decision = {
        "decision": uuid7(),
        "run": RUN,
        "kind": "threshold",
        "chosen": 0.5,
        "candidates": [0.4, 0.5],
        "reason": "recall",
        "made_by": "code",
        "site": "train.py:3",
        "time": now(),
    }
    segment = {
        "segment": uuid7(),
        "run": RUN,
        "model_name": "credit",
        "model_version": "sha256:cc",
        "ids": ["p1", "p2", "p3"],
        "outputs": {"score": [0.1, 0.2, 0.3]},
        "time": now(),
    }
    approval = {
        "approval": uuid7(),
        "model_name": "credit",
        "model_version": "sha256:cc",
        "time": now(),
    }
    parent = facet(run={"runId": PARENT}, job={"namespace": "test", "name": "all.sh"})
    metrics = facet(metrics=[{"name": "auc", "value": 0.9, "step": 1}, {"name": "note", "text": "nan"}])
    return [
        event("START", parent=parent),
        event(inputs=[raw], outputs=[train]),
        event("COMPLETE", inputs=[train], outputs=[model], lineproof_metrics=metrics),
        NewEntry(EntryType.DECISION, json.dumps(decision).encode(), subject=Subject("people", "7")),
        NewEntry(EntryType.APPROVAL, json.dumps(approval).encode()),
        NewEntry(EntryType.PREDICTION_SEGMENT, json.dumps(segment).encode()),
    ]


def many(count: int) -> list[NewEntry]:
    """Events of one run, each with a dataset of its own."""
    return [
        event(
            run=f"01990000-0000-7000-8000-{number:012x}", inputs=[dataset(f"d{number}", f"sha256:{number}")]
        )
        for number in range(count)
    ]


def grow_tree(ledger: Ledger, size: int) -> None:
    """Give a ledger the tree and the signed head of one with so many entries, without the entries."""
    with database(ledger) as connection, closing(connection.cursor()) as cursor:
        old, state, last = cursor.execute("SELECT size, frontier, leaves FROM head").fetchone()
        frontier = Frontier.from_bytes(old, state)
        hashes = [leaf_hash(b"%d" % number) for number in range(old, size)]
        frontier.extend(hashes)
        cursor.execute("BEGIN")
        last = _write_tiles(cursor, old, last + b"".join(hashes))
        checkpoint = Checkpoint(origin_of(ledger.id), size, frontier.root())
        signed = sign_checkpoint(checkpoint, signing_key(ledger.folder / "keys"))
        cursor.execute(
            "UPDATE head SET size = ?, frontier = ?, leaves = ?, checkpoint = ?",
            (size, frontier.to_bytes(), last, signed),
        )
        cursor.execute("COMMIT")


@contextmanager
def database(ledger: Ledger) -> Iterator[Any]:
    """The database as an attacker has it: a file, or the owner's login."""
    if isinstance(ledger._database, SqliteDatabase):
        with closing(sqlite3.connect(ledger.folder / "ledger.db", isolation_level=None)) as connection:
            yield connection
    else:
        with ledger._database.writing() as session:
            yield session


def dump(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """All projected rows."""
    with database(ledger) as connection:
        return {
            table.name: connection.execute(
                f"SELECT * FROM {table.name} ORDER BY "
                + ", ".join(column.name for column in table.primary_key.columns)
            ).fetchall()
            for table in schema.PROJECTED
        }
