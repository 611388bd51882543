"""What people answered for when the prediction was made: approvals, deployments, systems, controls."""

from __future__ import annotations

from lineproof.graph.explain.answer import (
    ApprovalGiven,
    ControlShown,
    DeploymentThen,
    Threshold,
    Who,
)
from lineproof.graph.explain.case import Case
from lineproof.graph.facts import dataset_ref
from lineproof.graph.statements import Stated
from lineproof.model.entries import EntryType
from lineproof.model.identity import in_utc
from lineproof.model.statements import Approval, ControlResult, Deployment

__all__ = ["approvals_of", "controls_of", "deployments_of", "systems_of", "thresholds_of"]


def approvals_of(case: Case) -> list[ApprovalGiven]:
    """Give every word on the model version that is known, and whether it came in time."""
    if case.model is None:
        return []
    given = [
        _approval(case, one, one.body)
        for one in case.statements.of(EntryType.APPROVAL, nodes=[case.model.id])
        if isinstance(one.body, Approval)
    ]
    if not any(one.outcome == "approved" and one.before_prediction for one in given):
        late = " by the time of the prediction" if given else ""
        case.unknown.append(f"whether anybody approved {case.model.ref}: no approval is recorded{late}")
    if given and all(one.by.auth_method == "self_asserted" for one in given):
        case.unknown.append("who gave the approval: the identity is only self-asserted, nobody checked it")
    return given


def deployments_of(case: Case) -> list[DeploymentThen]:
    """Give what served under the model's name at the time of the prediction."""
    if case.model is None or case.time is None:
        return []
    serving = case.then.in_force(case.model.name)
    versions = case.facts.versions({one.node for one in serving.values() if one.node is not None})
    found = []
    for env, one in sorted(serving.items()):
        body = one.body
        assert isinstance(body, Deployment)
        served = versions.get(one.node or 0)
        found.append(
            DeploymentThen(
                env=env,
                model=served.ref if served else f"{body.model_name} {body.model_version}",
                this_version=one.node == case.model.id,
                since=body.time,
                mechanism=body.mechanism,
                by=_who(one),
                reason=body.reason,
                entry=one.entry,
            )
        )
    if not found:
        case.unknown.append(f"where {case.model.ref} served: no deployment of it was recorded by then")
    elif not any(one.this_version for one in found):
        others = ", ".join(f"{one.model} in {one.env}" for one in found)
        case.unknown.append(f"why {case.model.ref} predicted: what was deployed then is {others}")
    return found


def systems_of(case: Case) -> list[str]:
    """Give the systems that the model belonged to then."""
    return [] if case.model is None else sorted(case.then.systems_of(case.model.name))


def controls_of(case: Case, systems: list[str]) -> list[ControlShown]:
    """Give the latest result of each control about the model or its systems, judged for a moment by then."""
    if case.model is None or case.time is None:
        return []
    subjects = [
        case.model.ref,
        dataset_ref(case.model.namespace, case.model.name, case.model.type),
        *(f"system:{name}" for name in systems),
    ]
    latest: dict[tuple[str, str], tuple[str, ControlShown]] = {}
    for subject in subjects:
        for one in case.statements.of(EntryType.CONTROL_RESULT, subject=subject):
            if not isinstance(one.body, ControlResult):
                continue
            judged = in_utc(one.body.evaluated_at) or one.recorded
            key = (one.body.control, subject)
            if judged <= case.time and judged >= latest.get(key, ("",))[0]:
                latest[key] = (judged, _control(one, one.body))
    if not latest:
        case.unknown.append(f"which controls held for {case.model.ref}: none was evaluated by then")
    shown = (control for _, control in latest.values())
    return sorted(shown, key=lambda one: (one.framework, one.control, one.subject))


def thresholds_of(case: Case, decisions: list[tuple[str, object]]) -> list[Threshold]:
    """Give the thresholds that were applied: what was logged with the prediction, else what was decided.

    Args:
        case: The prediction.
        decisions: Reference and choice of the decisions about a threshold.
    """
    if case.kept.segment is None:
        return []
    found = list(_named_thresholds(case.kept.segment.post_processing))
    found += [Threshold(name="threshold", value=chosen, of=ref) for ref, chosen in decisions]
    if not found:
        case.unknown.append("which threshold was applied, if any: none is recorded with the prediction")
    return found


def _named_thresholds(post_processing: object, path: str = "") -> list[Threshold]:
    if isinstance(post_processing, list):
        parts = [(f"{path}[{place}]", one) for place, one in enumerate(post_processing)]
    elif isinstance(post_processing, dict):
        parts = [(f"{path}.{name}" if path else str(name), one) for name, one in post_processing.items()]
    else:
        last = path.rpartition(".")[2].lower()
        is_one = "threshold" in last or "cutoff" in last
        return [Threshold(name=path, value=post_processing, of="post_processing")] if is_one else []
    return [found for name, one in parts for found in _named_thresholds(one, name)]


def _approval(case: Case, one: Stated, body: Approval) -> ApprovalGiven:
    return ApprovalGiven(
        outcome=body.outcome,
        by=_who(one),
        reason=body.reason,
        ticket=body.ticket,
        time=body.time,
        before_prediction=None if case.time is None else body.time <= case.time,
        entry=one.entry,
    )


def _control(one: Stated, body: ControlResult) -> ControlShown:
    return ControlShown(
        control=body.control,
        framework=body.framework,
        clause=body.clause,
        subject=body.subject,
        result=body.result,
        severity=body.severity,
        reason=body.reason,
        evaluated_at=body.evaluated_at,
        entry=one.entry,
    )


def _who(one: Stated) -> Who:
    return Who(principal=one.principal, name=one.name, auth_method=one.auth_method)
