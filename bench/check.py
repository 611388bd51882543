"""What `check` costs over many runs: it must grow with the runs in scope, and no faster.

Every run reads one table of two columns, one of them personal, and writes a version of one model; every
tenth version is approved and deployed. There is no peer: other tools ask people, not the record.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import msgspec

from lineproof.controls import evaluate
from lineproof.graph import view
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Approval, Basis, Deployment, Purpose, System, Tag
from lineproof.store import Ledger, NewEntry

SIZES = (1_000, 3_000, 10_000)
DATA = ("file", "patients.csv", "sha256:" + "aa" * 32)


def _dataset(
    namespace: str, name: str, version: str, columns: list[str], **facets: object
) -> dict[str, object]:
    fields = [{"name": column, "type": "float64"} for column in columns]
    return {
        "namespace": namespace,
        "name": name,
        "facets": {"version": {"datasetVersion": version}, "schema": {"fields": fields}, **facets},
    }


def _run(number: int) -> NewEntry:
    source = {"namespace": DATA[0], "name": DATA[1], "field": "birth", "version": DATA[2]}
    lineage = {"fields": {"age": {"inputFields": [{**source, "transformations": [{"type": "DIRECT"}]}]}}}
    event = {
        "eventTime": now(),
        "eventType": "COMPLETE",
        "run": {
            "runId": uuid7(),
            "facets": {
                "lineproof_code": {"commit": "abc"},
                "lineproof_metrics": {"metrics": [{"name": "auc", "value": 0.9}]},
            },
        },
        "job": {"namespace": "bench", "name": "train.py"},
        "inputs": [_dataset(*DATA, ["birth", "radius"])],
        "outputs": [
            _dataset(
                "model",
                "credit",
                f"sha256:{number:064x}",
                ["age"],
                columnLineage=lineage,
                datasetType={"datasetType": "MODEL"},
            )
        ],
    }
    return NewEntry(EntryType.LINEAGE_EVENT, msgspec.json.encode(event))


def _stated() -> list[NewEntry]:
    """What people say once."""
    time_ = now()
    said = {
        EntryType.SYSTEM: System(
            name="lending",
            models=("credit",),
            gdpr_role="controller",
            hipaa_role="covered_entity",
            sox_scope=True,
            ai_act_role="provider",
            ai_act_class="high_annex_iii",
            time=time_,
        ),
        EntryType.TAG: Tag(
            namespace="file", dataset="patients.csv", column="birth", tags=("PII", "PHI"), time=time_
        ),
        EntryType.PURPOSE: Purpose(name="scoring", jobs=("train.py",), time=time_),
        EntryType.BASIS: Basis(basis=uuid7(), purpose="scoring", article="6(1)(b)", time=time_),
    }
    return [NewEntry(type_, msgspec.json.encode(one)) for type_, one in said.items()]


def _release(number: int) -> list[NewEntry]:
    version = {"model_name": "credit", "model_version": f"sha256:{number:064x}", "time": now()}
    approval = Approval(approval=uuid7(), ticket="T", **version)
    deployment = Deployment(deployment=uuid7(), env=f"prod{number}", mechanism="ci", **version)
    return [
        NewEntry(EntryType.APPROVAL, msgspec.json.encode(approval)),
        NewEntry(EntryType.DEPLOYMENT, msgspec.json.encode(deployment)),
    ]


def _measured(runs: int, folder: Path) -> float:
    ledger = Ledger.create(folder / ".lineproof")
    entries = _stated()
    for number in range(runs):
        entries.append(_run(number))
        if number % 10 == 0:
            entries += _release(number)
    ledger.append(entries)
    with ledger.connection() as connection:
        started = time.process_time()
        found = evaluate(connection, view(connection), now())
        spent = time.process_time() - started
    judged = sum(result.items_total for result in found.results)
    print(
        f"  {runs:>6} runs: {spent:6.2f} s CPU, {judged} items judged, {1e6 * spent / runs:6.0f} us a run",
        flush=True,
    )
    return spent


def main(*, quick: bool = False) -> None:
    """Print the cost at each size, and how it grows."""
    sizes = SIZES[:2] if quick else SIZES
    spent = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            spent.append(_measured(size, Path(folder)))
    growth = (spent[-1] / spent[0]) / (sizes[-1] / sizes[0])
    print(f"  growth from {sizes[0]} to {sizes[-1]} runs: {growth:.2f}x of linear (limit 1.3)")
