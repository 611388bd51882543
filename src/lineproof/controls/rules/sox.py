"""Rules on change management and segregation of duties, for systems that feed financial reporting."""

from __future__ import annotations

from collections.abc import Iterable

from lineproof.access.approvals import makers
from lineproof.controls.catalogue import Control
from lineproof.controls.results import Item
from lineproof.controls.rules.interface import days_before, failed, manual, passed, rule, unknown
from lineproof.controls.scope import Run, Scope
from lineproof.graph.statements import Stated
from lineproof.model.entries import AuthMethod
from lineproof.model.statements import Approval, Deployment

__all__ = ["approved_before"]

_FLAG = "sox_scope"


def approved_before(scope: Scope, deployment: Stated) -> Stated | None:
    """Give the last word on a deployed model version before its deployment, when it is an approval."""
    words = [
        one for one in scope.record.approvals.get(deployment.node or 0, ()) if one.entry < deployment.entry
    ]
    if not words or (isinstance(words[-1].body, Approval) and words[-1].body.outcome != "approved"):
        return None
    return words[-1]


def _ref(scope: Scope, deployment: Stated, body: Deployment) -> str:
    return f"{scope.deployed(deployment)} in {body.env}"


@rule("SOX-CM-1", flag=_FLAG)
def approved_before_release(scope: Scope, _: Control) -> Iterable[Item]:
    """Each deployment that is in force, emergencies left out, was approved before, with a ticket."""
    for deployment, body in scope.in_production:
        if body.emergency:
            continue
        ref, approval = _ref(scope, deployment, body), approved_before(scope, deployment)
        if approval is None:
            yield failed(
                ref, f"nobody approved {scope.deployed(deployment)} before it went to {body.env}", deployment
            )
        elif approval.body is None:
            yield unknown(ref, f"the approval was destroyed (entry:{approval.entry})", deployment, approval)
        elif isinstance(approval.body, Approval) and not approval.body.ticket:
            yield manual(ref, "approved without a ticket that says what was asked for", deployment, approval)
        else:
            yield passed(ref, f"approved by {approval.name}", deployment, approval)


@rule("SOX-CM-2", flag=_FLAG)
def tested_before_release(scope: Scope, _: Control) -> Iterable[Item]:
    """Each deployed model was measured in its training run, against criteria that were set before."""
    training = _training(scope)
    for deployment, body in scope.in_production:
        ref, run = _ref(scope, deployment, body), training.get(deployment.node or 0)
        criteria = [
            one
            for one in scope.record.documents_of(
                "acceptance_criteria", [scope.subject, deployment.subject, scope.deployed(deployment)]
            )
            if one.entry < deployment.entry
        ]
        if run is None:
            yield unknown(ref, f"no run is on record that made {scope.deployed(deployment)}", deployment)
        elif not run.measured:
            yield failed(ref, f"nothing was measured in {run.row.run}, which made the model", deployment)
        elif not criteria:
            yield manual(ref, "measured, but no acceptance criteria were stated before release", deployment)
        else:
            yield passed(ref, "measured; criteria were stated before", deployment, *criteria)


def _training(scope: Scope) -> dict[int, Run]:
    made = scope.record.facts.producers([one.id for one in scope.models])
    by_run = {run.id: run for run in scope.runs}
    tops = {model: scope.top(run) for model, run in made.items()}
    return {model: by_run[top] for model, top in tops.items() if top in by_run}


@rule("SOX-CM-3", flag=_FLAG)
def what_runs_is_what_was_approved(scope: Scope, _: Control) -> Iterable[Item]:
    """What is deployed has the digest that was approved, was built from a commit, and released by CI."""
    training = _training(scope)
    for deployment, body in scope.in_production:
        ref, run = _ref(scope, deployment, body), training.get(deployment.node or 0)
        code = {} if run is None else run.code
        problems = [
            text
            for text, wrong in (
                (
                    f"what runs is {body.artifact}, not what was approved",
                    body.artifact not in (None, body.model_version),
                ),
                ("its code was in no commit", run is not None and not code.get("commit")),
                ("its code differed from the commit", bool(code.get("dirty"))),
                ("a person deployed it by hand", body.mechanism == "manual"),
            )
            if wrong
        ]
        if problems:
            yield failed(ref, "; ".join(problems), deployment)
        elif run is None:
            yield unknown(ref, f"no run is on record that made {scope.deployed(deployment)}", deployment)
        elif body.artifact is None:
            yield unknown(ref, "nobody looked at what runs (--artifact)", deployment)
        else:
            yield passed(
                ref, f"runs {body.artifact[:19]}, from commit {str(code['commit'])[:12]}", deployment
            )


@rule("SOX-CM-4", flag=_FLAG)
def emergencies_reviewed(scope: Scope, control: Control) -> Iterable[Item]:
    """Each emergency deployment was approved within days by somebody other than the deployer."""
    days = control.parameters["review_days"]
    for deployment, body in scope.deployments:
        if not body.emergency:
            continue
        ref = _ref(scope, deployment, body)
        after = [
            one
            for one in scope.record.approvals.get(deployment.node or 0, ())
            if one.entry > deployment.entry
        ]
        others = [one for one in after if one.name != deployment.name]
        late = deployment.recorded < days_before(scope.record.moment, days)
        if others and others[0].recorded <= days_before(deployment.recorded, -days):
            yield passed(ref, f"reviewed by {others[0].name}", deployment, others[0])
        elif after and not others:
            yield failed(
                ref, f"{deployment.name} reviewed what {deployment.name} deployed", deployment, *after
            )
        elif late:
            yield failed(ref, f"not reviewed within {days} days", deployment, *others)
        else:
            yield manual(ref, f"awaits its review within {days} days", deployment)


@rule("SOX-SOD-1", flag=_FLAG)
def duties_separated(scope: Scope, _: Control) -> Iterable[Item]:
    """Who built, who approved and who deployed by hand are different, verified people."""
    for deployment, body in scope.in_production:
        ref, approval = _ref(scope, deployment, body), approved_before(scope, deployment)
        if approval is None:
            yield failed(ref, f"nobody but its maker looked at {scope.deployed(deployment)}", deployment)
            continue
        built = makers(scope.record.connection, deployment.node or 0, scope.record.view)
        involved = (deployment, approval)
        if approval.name in built:
            yield failed(ref, f"{approval.name} built and approved it", *involved)
        elif body.mechanism == "manual" and deployment.name == approval.name:
            yield failed(ref, f"{approval.name} approved and deployed it", *involved)
        elif not built or approval.name is None:
            yield unknown(ref, "who built or approved it is not on record", *involved)
        elif any(one.auth_method in (None, AuthMethod.SELF_ASSERTED) for one in involved):
            yield manual(ref, "different names, but nobody proved who they are (self-asserted)", *involved)
        else:
            yield passed(ref, f"built by {', '.join(sorted(built))}, approved by {approval.name}", *involved)
