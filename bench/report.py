"""What a report on a model with 10,000 upstream dataset versions costs: time to make, size, time to check.

The tables form a binary tree that ends in the training table; each has three columns, each column comes from
the same column of both tables before it. Every edge is in the ledger as an event, so that evidence is real.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import msgspec

from lineproof.model.entries import EntryType
from lineproof.model.identity import uuid7
from lineproof.questions import Ledger
from lineproof.reports.offline import verify_report
from lineproof.store import Ledger as Stored
from lineproof.store import NewEntry

NODES = 10_000
COLUMNS = ("age", "radius", "texture")
TIME_LIMIT_S = 5
SIZE_LIMIT_MB = 5


def _key(one: int) -> tuple[str, str, str]:
    return ("file", f"lake/part {one}.parquet", f"sha256:{one:064x}")


def _dataset(key: tuple[str, str, str], sources: list[tuple[str, str, str]], **facets: object) -> dict:
    namespace, name, content = key
    made = {
        "version": {"datasetVersion": content},
        "schema": {"fields": [{"name": column, "type": "double"} for column in COLUMNS]},
        **facets,
    }
    if sources:
        fields = {
            column: {
                "inputFields": [
                    {
                        "namespace": one[0],
                        "name": one[1],
                        "version": one[2],
                        "field": column,
                        "transformations": [{"type": "DIRECT"}],
                    }
                    for one in sources
                ],
                "how": "observed",
                "precision": "exact",
                "rule": "concat",
            }
            for column in COLUMNS
        }
        made["columnLineage"] = {"fields": fields}
    return {"namespace": namespace, "name": name, "facets": made}


def _event(target: tuple[str, str, str], sources: list[tuple[str, str, str]], **facets: object) -> NewEntry:
    body = {
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "eventType": "COMPLETE",
        "run": {"runId": uuid7(), "facets": {}},
        "job": {"namespace": "default", "name": f"make {target[1]}"},
        "inputs": [_dataset(one, []) for one in sources],
        "outputs": [_dataset(target, sources, **facets)],
    }
    return NewEntry(EntryType.LINEAGE_EVENT, msgspec.json.encode(body))


def filled(folder: Path, nodes: int) -> Ledger:
    """Make a ledger with a model behind which so many dataset versions lie."""
    stored = Stored.create(folder / ".lineproof")
    items = []
    for one in range(nodes - 1, -1, -1):
        before = [2 * one + 1, 2 * one + 2]
        items.append(_event(_key(one), [_key(other) for other in before if other < nodes]))
    model = ("model", "large", f"sha256:{nodes + 1:064x}")
    items.append(_event(model, [_key(0)], datasetType={"datasetType": "MODEL"}))
    stored.append(items)
    return Ledger(stored)


def main(*, quick: bool = False) -> None:
    """Print time and size for both formats, and the time to check each."""
    nodes = NODES // 10 if quick else NODES
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ledger = filled(folder, nodes)
        for form in ("html", "json"):
            started, worked = time.perf_counter(), time.process_time()
            made = ledger.report("model:large@1", folder / f"large.{form}", format=form)
            taken, cpu = time.perf_counter() - started, time.process_time() - worked
            label = f"{form} of {nodes} upstream versions, {cpu:.1f} s of CPU"
            print(f"  {label:<58} {taken:9.3f} s      limit <= {TIME_LIMIT_S}")
            size = made.size / 1e6
            print(f"  {'its size':<58} {size:9.3f} MB     limit <= {SIZE_LIMIT_MB}", flush=True)
            data = (folder / f"large.{form}").read_bytes()
            started = time.perf_counter()
            outcome = verify_report(data)
            assert outcome.ok, outcome.failures
            taken = time.perf_counter() - started
            print(f"  {f'checking it, {outcome.total} entries cited':<58} {taken:9.3f} s", flush=True)


if __name__ == "__main__":
    main()
