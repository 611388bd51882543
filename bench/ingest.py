"""Appending to a ledger beside raw sqlite3 that inserts the same bytes and rows.

Both write the same tables with the same indexes, in the same groups, one durable transaction each
(WAL, synchronous=FULL). Raw gets every row ready made. What turns an event into rows is timed apart:
it is not a matter of storing. Leaves, salted commitments, the tree, its signature and the look-ups
that keep an entry from being recorded twice are part of ours.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from measure import show
from sqlalchemy import create_engine

from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.store import Ledger, NewEntry, schema, sequencer
from lineproof.store.project import project

LIMIT = ">= 0.60"
LOG_TABLES = (schema.entry, schema.payload)


def event(number: int) -> NewEntry:
    """An event of about 1.4 KB: a dataset read, one written, three columns traced; a run per 20 events."""
    run = f"01990000-0000-7000-8000-{number // 20:012x}"

    def dataset(name: str, columns: list[str], **facets: object) -> dict[str, object]:
        version = {"_producer": "urn:bench", "_schemaURL": "urn:bench", "datasetVersion": f"sha256:{name}"}
        fields = {
            "_producer": "urn:bench",
            "_schemaURL": "urn:bench",
            "fields": [{"name": column, "type": "double"} for column in columns],
        }
        return {"namespace": "file", "name": name, "facets": {"version": version, "schema": fields, **facets}}

    source = f"raw/{number // 20}.csv"
    lineage = {
        "_producer": "urn:bench",
        "_schemaURL": "urn:bench",
        "fields": {
            column: {
                "inputFields": [
                    {
                        "namespace": "file",
                        "name": source,
                        "version": f"sha256:{source}",
                        "field": column,
                        "transformations": [{"type": "DIRECT"}],
                    }
                ],
                "precision": "exact",
                "rule": "bench",
            }
            for column in ("a", "b", "c")
        },
    }
    body = {
        "eventTime": now(),
        "eventType": "RUNNING",
        "producer": "urn:bench",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run, "facets": {}},
        "job": {"namespace": "bench", "name": f"job{number // 20 % 7}.py"},
        "inputs": [dataset(source, ["a", "b", "c"])],
        "outputs": [dataset(f"out/{number}.csv", ["a", "b", "c"], columnLineage=lineage)],
    }
    return NewEntry(EntryType.LINEAGE_EVENT, json.dumps(body, separators=(",", ":")).encode(), uuid7())


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Give (wall, CPU) seconds."""
    wall, cpu = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - wall, time.thread_time() - cpu


def append_all(folder: Path, groups: list[list[NewEntry]]) -> tuple[Ledger, tuple[float, float], Mapping]:
    """Append to a new ledger."""
    ledger = Ledger.create(folder)
    ledger.append([])  # the key is read and a connection is open before the clock starts
    mapping = sequencer.project = Mapping()

    def work() -> None:
        for group in groups:
            ledger.append(group)

    spent = timed(work)
    sequencer.project = project
    return ledger, spent, mapping


class Mapping:
    """Adds up what projecting costs inside of an append."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __call__(self, *arguments: object) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        project(*arguments)
        self.cpu += time.thread_time() - cpu
        self.wall += time.perf_counter() - wall


def stored_rows(ledger: Ledger, size: int) -> list[list[tuple[str, list[tuple]]]]:
    """Give what a ledger holds, as the statements and rows of each group that made it."""
    groups = []
    with closing(sqlite3.connect(ledger.folder / "ledger.db")) as connection:
        (total,) = connection.execute("SELECT count(*) FROM entry").fetchone()
        head = connection.execute("SELECT size, frontier, leaves, checkpoint FROM head").fetchone()
        for start in range(2, total, size):
            stop = min(start + size, total)
            group = []
            for table in (*LOG_TABLES, *schema.PROJECTED):
                key = "seq" if table in LOG_TABLES else "entry"
                marks = ", ".join("?" * len(table.columns))
                found = connection.execute(
                    f"SELECT * FROM {table.name} WHERE {key} >= ? AND {key} < ?", (start, stop)
                ).fetchall()
                if found:
                    group.append((f"INSERT INTO {table.name} VALUES ({marks})", found))
            tiles = connection.execute(
                "SELECT * FROM tile WHERE level = 0 AND idx >= ? AND idx < ?", (start // 256, stop // 256)
            ).fetchall()
            if tiles:
                group.append(("INSERT INTO tile VALUES (?, ?, ?)", tiles))
            group.append(("UPDATE head SET size = ?, frontier = ?, leaves = ?, checkpoint = ?", [head]))
            groups.append(group)
    return groups


def insert_all(path: Path, groups: list[list[tuple[str, list[tuple]]]]) -> tuple[float, float]:
    """Insert the same rows by hand."""
    engine = create_engine(f"sqlite:///{path}")
    schema.metadata.create_all(engine)
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("INSERT INTO head VALUES (1, 0, x'', x'', '')")

        def work() -> None:
            for group in groups:
                connection.execute("BEGIN IMMEDIATE")
                for statement, rows in group:
                    connection.executemany(statement, rows)
                connection.execute("COMMIT")

        return timed(work)


def measure(size: int, count: int, rounds: int) -> None:
    """Print the figures for one size of group."""
    items = [event(number) for number in range(count)]
    groups = [items[at : at + size] for at in range(0, count, size)]
    mean = sum(len(item.payload) for item in items) / count
    walls, cpus, mapping, rate = [], [], [], []
    with tempfile.TemporaryDirectory(prefix="lineproof-bench-") as place:
        ledger, _, _ = append_all(Path(place) / "first" / ".lineproof", groups)
        rows = stored_rows(ledger, size)
        number = sum(len(found) for group in rows for _, found in group) / count
        print(f"  groups of {size}: {count} entries of {mean:.0f} bytes, {number:.1f} rows each")
        for turn in range(rounds):
            _, ours, mapped = append_all(Path(place) / f"ours{turn}" / ".lineproof", groups)
            raw = insert_all(Path(place) / f"raw{turn}.db", rows)
            walls.append(raw[0] / (ours[0] - mapped.wall))
            cpus.append(raw[1] / (ours[1] - mapped.cpu))
            mapping.append(mapped.cpu / count)
            rate.append(count / ours[0])
    show("speed beside raw sqlite3, event mapping apart (wall)", walls, "", LIMIT)
    show("the same in CPU", cpus, "", LIMIT)
    show("event mapping, CPU for one entry", mapping, "us", scale=1e6)
    show("entries per second, event mapping included", rate, "1/s")


def main(*, quick: bool = False) -> None:
    """Measure groups of 100 and 1,000."""
    count, rounds = (2_000, 3) if quick else (10_000, 7)
    for size in (100, 1_000):
        measure(size, count, rounds)


if __name__ == "__main__":
    main()
