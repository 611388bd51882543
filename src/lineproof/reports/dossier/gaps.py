"""What the record does not hold: coverage of the training run, and every gap the dossier met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lineproof.model.identity import node_id
from lineproof.model.lineage import RunState
from lineproof.reports.document import Block, Cell, Section, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, fact, listed, prose, table

__all__ = ["gaps"]

_COUNTED = {
    "files_read": "Files read",
    "files_written": "Files written",
    "hashed_bytes": "Bytes hashed",
}
_MOST_ROWS = 200


def gaps(about: Material) -> Section:
    """Tell how much of the training the record holds, and what it lacks."""
    blocks: list[Block] = [*_coverage(about), *_gaps(about), *_destroyed(about)]
    return Section("gaps", "Coverage and gaps", tuple(blocks))


def _coverage(about: Material) -> Iterator[Block]:
    run = about.training
    if run is None:
        yield prose(
            "No training of this model is recorded: nothing is known of how it was made.", tone=Tone.BAD
        )
        return
    coverage = run.coverage or {}
    if not coverage:
        yield prose("The training run does not say how much of it was recorded.", tone=Tone.OPEN)
        return
    entries = about.facet_entries(node_id("run", run.ref.removeprefix("run:")), "lineproof_coverage")
    features = coverage.get("features")
    facts = [fact(words, cell(coverage[key])) for key, words in _COUNTED.items() if key in coverage]
    if isinstance(features, dict):
        said = ", ".join(f"{count} {name}" for name, count in features.items())
        facts.insert(0, fact("Features by precision", cell(said or "none", *entries[-1:])))
    yield listed(*facts)


def _gaps(about: Material) -> Iterator[Block]:
    found = list(_named(about))
    if not found:
        yield prose("The record names no gap.")
        return
    rows = [cells(what, where) for what, where in found]
    caption = "What the record lacks, as far as it knows"
    yield table("gap-list", caption, ("gap", "where"), rows[:_MOST_ROWS], total=len(rows))


def _destroyed(about: Material) -> Iterator[Block]:
    """Tell what was destroyed: nobody can say any more whether it was about this model."""
    found = about.destroyed()
    if not found:
        return
    rows = [
        cells(
            cell("payload destroyed", row.entry),
            cell(row.reason or "no reason given", row.destroyed_by),
        )
        for row in found[:_MOST_ROWS]
    ]
    yield prose(
        "Payloads of this ledger were destroyed. What they said is not in this dossier, and nobody can tell any more "
        "whether it was about this model.",
        tone=Tone.OPEN,
    )
    yield table("destroyed", "Destroyed payloads", ("what", "why"), rows, total=len(found))


def _named(about: Material) -> Iterator[tuple[str, Cell]]:
    run = about.training
    if run is not None:
        coverage: dict[str, Any] = run.coverage or {}
        here = cell(run.ref, tone=Tone.CODE)
        if run.log.state is not RunState.COMPLETE:
            yield f"The training run ended as {run.log.state}", here
        for gap in _list(coverage.get("gaps")):
            yield str(gap), here
        for file in _list(coverage.get("unattributed")):
            yield "A file that no library explains", cell(file, tone=Tone.CODE)
        for operation in _dict(coverage.get("without_rule")):
            yield (
                "An operation without a rule: all inputs are taken as sources",
                cell(operation, tone=Tone.CODE),
            )
        for fault in _list(coverage.get("faults")):
            yield "A recording hook failed", cell(fault)
        for missing in _list((run.code or {}).get("missing")):
            yield str(missing), here
    for refs, words in (
        (about.datasets.cut_at, "Lineage was followed no further"),
        (about.features.cut, "Column lineage was followed no further"),
    ):
        for ref in refs[:_MOST_ROWS]:
            yield words, cell(ref, tone=Tone.CODE)
    untold = about.features.total - len(about.features.told)
    if untold:
        yield "Features whose sources this dossier does not tell", cell(untold)
    for ref in sorted({one.ref for feature in about.features.told for one in feature.origins if one.sources}):
        yield "Sources beyond here are not known", cell(ref, tone=Tone.CODE)


def _list(of: Any) -> list[Any]:
    return of if isinstance(of, list) else []


def _dict(of: Any) -> dict[str, Any]:
    return of if isinstance(of, dict) else {}
