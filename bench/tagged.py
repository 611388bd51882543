"""What a trace costs where personal data was found: time must follow what lies upstream, not all that was recorded.

A job runs every day: it reads that day's table of people, five of whose columns are personal, and writes another.
The same question is asked of a ledger of few days and of one of ten times as many; the answers are equal.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import tempfile
import time
import uuid
from pathlib import Path

from lineproof.graph import Direction, trace, view
from lineproof.model.entries import EntryType
from lineproof.model.references import Reference
from lineproof.store import Ledger, NewEntry

COLUMNS = [f"c{number}" for number in range(20)]
PERSONAL = COLUMNS[:5]
REPEATS = 30
RATIO_LIMIT = 1.3


def _content(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _dataset(name: str, content: str, **facets: object) -> dict[str, object]:
    return {
        "namespace": "file",
        "name": name,
        "facets": {"version": {"datasetVersion": _content(content)}, **facets},
    }


def _day(number: int) -> list[NewEntry]:
    fields = {"fields": [{"name": one} for one in COLUMNS]}
    lineage = {
        one: {
            "inputFields": [
                {
                    "namespace": "file",
                    "name": "people.csv",
                    "field": one,
                    "version": _content(f"people {number}"),
                    "transformations": [{"type": "DIRECT"}],
                }
            ]
        }
        for one in COLUMNS
    }
    found = {"tags": {one: ["PII"] for one in PERSONAL}}
    moment = f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000000Z"
    event = {
        "eventTime": moment,
        "eventType": "COMPLETE",
        "run": {"runId": str(uuid.UUID(int=number + 1, version=4))},
        "job": {"namespace": "bench", "name": "daily"},
        "inputs": [_dataset("people.csv", f"people {number}", schema=fields, lineproof_classification=found)],
        "outputs": [_dataset("out.csv", f"out {number}", schema=fields, columnLineage={"fields": lineage})],
    }
    return [NewEntry(EntryType.LINEAGE_EVENT, json.dumps(event).encode())]


def _asked(folder: Path, days: int) -> float:
    """Give the median seconds of a question about a day in the middle."""
    ledger = Ledger.create(folder)
    for start in range(0, days, 100):
        ledger.append([one for day in range(start, min(start + 100, days)) for one in _day(day)])
    root = Reference.parse(f"dataset:file::out.csv@v{days // 2}")
    taken = []
    with ledger.connection() as connection:
        for _ in range(REPEATS + 3):
            started = time.perf_counter()
            answer = trace(connection, root, view(connection), direction=Direction.UP)
            taken.append(time.perf_counter() - started)
            assert [one.tags for one in answer.nodes[:2]] == [["PII"], ["PII"]]
    ledger.close()
    return statistics.median(taken[3:])


def main(*, quick: bool = False) -> None:
    """Measure over SQLite."""
    small, large = (100, 1_000) if quick else (1_000, 10_000)
    with tempfile.TemporaryDirectory() as place:
        taken = {days: _asked(Path(place, str(days), ".lineproof"), days) for days in (small, large)}
    for days, seconds in taken.items():
        print(f"  trace of one of {days:>6,} days, personal data found each day  {seconds * 1000:9.3f} ms")
    print(f"  {'ratio':<58} {taken[large] / taken[small]:9.3f} x       limit <= {RATIO_LIMIT}", flush=True)


if __name__ == "__main__":
    main()
