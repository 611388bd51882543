"""One prediction, back to raw columns: what made it, from what, by whose decision, and what is unknown."""

from __future__ import annotations

from sqlalchemy import Connection, select

from lineproof.errors import CommandError, UnknownReferenceError
from lineproof.graph.checks import drift_checks
from lineproof.graph.destroyed import maybe_destroyed, say_destroyed
from lineproof.graph.explain.answer import Explanation, Feature, ModelUsed, Predicted
from lineproof.graph.explain.case import Case, case_of
from lineproof.graph.explain.datasets import Upstream, upstream_of
from lineproof.graph.explain.features import trace_features
from lineproof.graph.explain.governance import (
    approvals_of,
    controls_of,
    deployments_of,
    systems_of,
    thresholds_of,
)
from lineproof.graph.explain.runs import code_of, decisions_of, runs_of
from lineproof.graph.facts import Facts
from lineproof.graph.resolve import resolve
from lineproof.graph.runs import facets_of
from lineproof.graph.view import View, recorded
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind, Reference
from lineproof.store.schema import entry

__all__ = ["LIMIT", "Explanation", "Feature", "explain"]

LIMIT = 10_000  # columns, and dataset versions, that one explanation looks at


def explain(
    connection: Connection, reference: Reference, seen: View, *, values: bool = False, limit: int = LIMIT
) -> Explanation:
    """Explain one prediction.

    Whoever shows personal values must have recorded the access before: this function only reads.

    Args:
        connection: Snapshot of the ledger's tables.
        reference: The prediction.
        seen: What the answer may rest on.
        values: Give the values of personal features too, and of those that may be personal.
        limit: Most columns, and most dataset versions, looked at.

    Raises:
        CommandError: It is no prediction.
        UnknownReferenceError: No such prediction is recorded.
        AmbiguousReferenceError: Several models made one of that id.
    """
    # 1. Find the prediction, the model that made it, and the runs that trained and predicted.
    # 2. Look up each part; what a part does not find it adds to what is unknown.
    # 3. Say where lineage was cut off, and what was destroyed.
    if reference.kind is not Kind.PREDICTION:
        raise CommandError(
            f"{reference} is no prediction",
            "give prediction:ID or prediction:MODEL@N/ID; `lineproof show` tells of anything else",
        )
    facts = Facts(connection, seen)
    try:
        found = resolve(connection, reference, seen)
    except UnknownReferenceError as error:
        raise maybe_destroyed(facts, error) from None
    case = case_of(facts, found)
    if seen.at is not None and case.time is not None and case.time > seen.at:
        raise UnknownReferenceError(f"{found.ref} was made at {case.time}, after {seen.at}")
    _say_first(case)
    traced = trace_features(case, values=values, limit=limit)
    upstream = upstream_of(case, limit)
    runs = runs_of(case)
    code = code_of(case)
    decisions = decisions_of(case)
    about = [(one.ref, one.chosen) for one in decisions if "threshold" in one.kind.lower()]
    systems = systems_of(case)
    cut_at = sorted({*traced.cut_at, *upstream.cut_at})
    explanation = Explanation(
        prediction=_predicted(case),
        model=_model(case, upstream, systems),
        run=runs,
        decisions=decisions,
        approvals=approvals_of(case),
        features=traced.features,
        datasets=upstream.datasets,
        code=code,
        controls=controls_of(case, systems),
        post_processing=None if case.kept.segment is None else case.kept.segment.post_processing,
        thresholds=thresholds_of(case, about),
        drift_checks=drift_checks(facts, upstream.versions),
        unknown=case.unknown,
        as_of=seen.as_of,
        complete=not cut_at,
        cut_at=cut_at,
    )
    if cut_at:
        case.unknown.append(f"what lies beyond the cap of {limit}: lineage is cut at {len(cut_at)} places")
    case.unknown += say_destroyed(facts)
    return explanation


def _say_first(case: Case) -> None:
    """Say what hides most before all else."""
    segment = case.kept.segment
    if segment is not None and case.time is None:
        case.unknown.append(f"when it was made, and so what was in force: {segment.time!r} is no time")
    if case.model is None:
        name = "the model" if segment is None else f"the model {segment.model_name!r}"
        case.unknown.append(
            f"{name} was never registered: its content, its training and who answers for it are not known"
        )
    elif case.model.namespace == MEMORY_NAMESPACE:
        case.unknown.append(f"the content of {case.model.ref}: it was used in memory, and never saved")


def _predicted(case: Case) -> Predicted:
    kept = case.kept
    leaf = case.facts.connection.scalar(select(entry.c.leaf).where(entry.c.seq == kept.entry))
    assert leaf is not None
    return Predicted(
        ref=case.found.ref,
        id=case.found.name,
        output=kept.output,
        time=None if kept.segment is None else kept.segment.time,
        recorded=recorded(leaf),
        entry=kept.entry,
        segment=None if kept.segment is None else kept.segment.segment,
    )


def _model(case: Case, upstream: Upstream, systems: list[str]) -> ModelUsed | None:
    if case.model is None:
        if case.kept.segment is None:
            return None
        segment = case.kept.segment
        return ModelUsed(
            ref=None,
            name=segment.model_name,
            digest=segment.model_version,
            estimator=None,
            training_data=[],
            deployments=[],
            systems=[],
        )
    said = facets_of(case.facts, [case.model.id], "lineproof_model").get(case.model.id, {})
    return ModelUsed(
        ref=case.model.ref,
        name=case.model.name,
        digest=case.model.content,
        estimator=said.get("estimator"),
        training_data=upstream.training_data,
        deployments=deployments_of(case),
        systems=systems,
    )
