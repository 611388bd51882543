"""Which runs trained and predicted, by whose hand, with which code and decisions."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from lineproof.graph.explain.answer import Code, DecisionMade, Of, RunUsed
from lineproof.graph.explain.case import Case, who_wrote
from lineproof.graph.facts import Facts, batches
from lineproof.graph.gaps import gaps_of
from lineproof.graph.runs import RunRow, facets_of, rows_of
from lineproof.store.schema import decision, run

__all__ = ["code_of", "decisions_of", "runs_of"]

_OF_CODE = tuple(field for field in Code.__struct_fields__ if field not in {"run", "missing"})


def runs_of(case: Case) -> Of:
    """Give the run that trained and the run that predicted, with what the record lacks of them."""
    shown = Of(training=_run(case, case.training), prediction=_run(case, case.predicting))
    if case.model is not None and shown.training is None:
        case.unknown.append(f"how {case.model.ref} was trained: no run that fitted or wrote it is recorded")
    if shown.prediction is None and case.kept.segment is not None:
        case.unknown.append("which run predicted: none is recorded with the prediction")
    for one in dict.fromkeys((case.training, case.predicting)):
        if one is not None:
            case.unknown += gaps_of(case.facts, one)
    return shown


def code_of(case: Case) -> Of:
    """Give the program text of both runs."""
    return Of(
        training=_code(case, case.training, "training"),
        prediction=_code(case, case.predicting, "prediction"),
    )


def decisions_of(case: Case) -> list[DecisionMade]:
    """Give the decisions made in both runs and the runs inside them, oldest first."""
    training, predicting = case.within(case.training), case.within(case.predicting)
    rows: list[Any] = []
    for piece in batches(training | predicting):
        query = select(decision).where(decision.c.run.in_(piece), case.facts.view.held(decision))
        rows += case.facts.connection.execute(query).all()
    made_in = case.facts.runs({row.run for row in rows})
    return [
        DecisionMade(
            ref=f"decision:{row.id}",
            during=_during(row.run in training, row.run in predicting),
            run=made_in[row.run].ref,
            kind=row.kind,
            chosen=msgspec.json.decode(row.chosen),
            candidates=msgspec.json.decode(row.candidates) or [],
            reason=row.reason,
            made_by=row.made_by,
            site=row.site,
            time=row.time,
            entry=row.entry,
        )
        for row in sorted(rows, key=lambda row: row.entry)
    ]


def _during(training: bool, prediction: bool) -> str:
    return "both" if training and prediction else "training" if training else "prediction"


def _run(case: Case, one: int | None) -> RunUsed | None:
    if one is None:
        return None
    row: RunRow = rows_of(case.facts, [one])[0]
    number = case.facts.connection.scalar(select(run.c.entry).where(run.c.id == one))
    process = facets_of(case.facts, [one], "lineproof_process").get(one, {})
    return RunUsed(
        ref=row.run,
        job=row.job,
        state=row.state,
        start=row.start,
        end=row.end,
        by=who_wrote(case.facts, -1 if number is None else number),
        purpose=process.get("purpose"),
        metrics=row.metrics,
    )


def _code(case: Case, one: int | None, during: str) -> Code | None:
    if one is None:
        return None
    facts: Facts = case.facts
    ref = facts.runs([one])[one].ref
    known = facets_of(facts, [one], "lineproof_code").get(one)
    if known is None:
        case.unknown.append(f"the code of the {during} run {ref}: none is recorded")
        return Code(run=ref)
    missing = [str(each) for each in known.get("missing") or ()]
    case.unknown += [f"of the code of the {during} run {ref}: {each}" for each in missing]
    if known.get("commit") is None and not missing:
        case.unknown.append(f"the commit of the {during} run {ref}: none is recorded")
    return Code(run=ref, missing=missing, **{name: known.get(name) for name in _OF_CODE})
