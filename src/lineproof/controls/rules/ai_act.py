"""Rules of the EU AI Act for high-risk systems."""

from __future__ import annotations

from collections.abc import Iterable

from lineproof.controls.catalogue import Control
from lineproof.controls.record import LEDGER
from lineproof.controls.results import Item
from lineproof.controls.rules.interface import days_before, failed, manual, passed, rule, unknown
from lineproof.controls.rules.ledger import kept_for
from lineproof.controls.scope import Scope
from lineproof.graph.statements import Stated
from lineproof.model.entries import EntryType
from lineproof.model.statements import Deployment, Document, Retention, System

__all__: list[str] = []

_CLASS = "ai_act_class"
# A system of these classes has no duties of high-risk systems.
_NOT_HIGH = ("prohibited", "limited", "minimal", "unclassified")


@rule("AIA-6", flag="ai_act_role")
def classified(scope: Scope, _: Control) -> Iterable[Item]:
    """The class of a system in production is stated, with a reason."""
    if not scope.in_production or scope.system is None:
        return
    stated = scope.system.ai_act_class
    if stated is None:
        yield unknown(scope.subject, "nobody stated its risk class (--ai-act-class)", *scope.entries)
        return
    words = [
        one
        for one in scope.record.statements.of(EntryType.SYSTEM, subject=scope.subject)
        if isinstance(one.body, System) and one.body.ai_act_class == stated
    ]
    if stated == "unclassified":
        yield failed(scope.subject, "it is in production and unclassified", *scope.entries)
    elif not any(one.body is not None and one.body.reason for one in words):
        yield failed(scope.subject, f"it is said to be {stated}, without a reason", *words)
    elif stated in ("limited", "minimal"):
        yield manual(
            scope.subject, f"said to be {stated}: counsel must confirm that it is not high-risk", *words
        )
    else:
        yield passed(scope.subject, f"{stated}, with a reason", *words)


@rule("AIA-10-2", flag=_CLASS, off=_NOT_HIGH)
def data_governance(scope: Scope, _: Control) -> Iterable[Item]:
    """The origin of each source is stated, and the code of each run that prepared data is known."""
    for source in scope.roots:
        stated = scope.sources.get(source.id)
        lacking = [name for name in ("origin", "obtained") if not stated or not stated.fields.get(name)]
        personal = bool(scope.personal([source.id]))
        entries = stated.entries if stated else ()
        if "origin" in lacking:
            yield failed(source.ref, f"nobody stated where {source.name} comes from", *entries)
        elif lacking:
            yield manual(source.ref, f"how {source.name} was obtained is not stated", *entries)
        elif personal and stated and not stated.fields.get("purpose"):
            yield manual(source.ref, f"what {source.name} was collected for is not stated", *entries)
        else:
            yield passed(source.ref, f"origin of {source.name} stated", *entries)
    for run in scope.runs:
        if run.leads and not run.code:
            yield unknown(run.row.run, f"the code of {run.row.job} is not on record")


@rule("AIA-11", flag=_CLASS, off=_NOT_HIGH)
def technical_file(scope: Scope, control: Control) -> Iterable[Item]:
    """A technical file covers the system, names every point of Annex IV, follows each release, and is kept."""
    if not scope.in_production:
        return
    yield kept_for(scope, control, LEDGER)
    for deployment, body in scope.in_production:
        documents = _covering(scope, deployment, "technical_file")
        if not documents:
            yield failed(
                scope.deployed(deployment), f"no technical file covers what is in {body.env}", deployment
            )
            continue
        last = documents[-1]
        assert isinstance(last.body, Document)
        missing = [
            point for point in control.parameters["points"] if not last.body.fields.get(point, "").strip()
        ]
        if missing:
            reason = f"the technical file says nothing on point {', '.join(missing)} of Annex IV"
            yield failed(scope.deployed(deployment), reason, last, deployment)
        elif last.entry < _made(scope, deployment):
            yield failed(
                deployment.subject,
                "the technical file is older than the model it describes",
                last,
                deployment,
            )
        else:
            yield passed(scope.deployed(deployment), "technical file complete and current", last, deployment)


def _covering(scope: Scope, deployment: Stated, kind: str) -> list[Stated]:
    return scope.record.documents_of(kind, [scope.subject, deployment.subject, scope.deployed(deployment)])


def _made(scope: Scope, deployment: Stated) -> int:
    model = scope.model(deployment)
    return 0 if model is None else model.entry


@rule("AIA-12", flag=_CLASS, off=_NOT_HIGH)
def event_log(scope: Scope, control: Control) -> Iterable[Item]:
    """What serves in production has predictions on record, lately, each with its model version."""
    hours = control.parameters["gap_hours"]
    oldest = days_before(scope.record.moment, hours / 24)
    for deployment, body in scope.in_production:
        served = scope.served.get(deployment.node or 0)
        ref = f"{scope.deployed(deployment)} in {body.env}"
        if served is None or served.entry is None or served.last is None:
            yield unknown(
                ref, "no prediction of it is on record; whether it gets traffic is not known", deployment
            )
        elif served.last < oldest:
            reason = (
                f"the last of {served.count} predictions is of {served.last[:16]}, over {hours} hours ago"
            )
            yield unknown(ref, f"{reason}; whether it gets traffic is not known", deployment, served.entry)
        else:
            yield passed(ref, f"{served.count} predictions on record", deployment, served.entry)
    if scope.in_production and scope.unregistered_predictions:
        count = len(scope.unregistered_predictions)
        reason = f"{count} batches of predictions name its model and no registered version"
        yield failed(scope.subject, reason, *scope.unregistered_predictions[:50])


@rule("AIA-13", flag=_CLASS, off=_NOT_HIGH)
def instructions(scope: Scope, control: Control) -> Iterable[Item]:
    """Instructions for use cover each deployed version, and the figures in them are those on record."""
    for deployment, body in scope.in_production:
        documents = _covering(scope, deployment, "instructions_for_use")
        if not documents:
            yield failed(
                deployment.subject, f"no instructions for use cover what is in {body.env}", deployment
            )
        elif documents[-1].entry < _made(scope, deployment):
            yield failed(
                deployment.subject, "the instructions are older than the model", documents[-1], deployment
            )
        else:
            yield _figures(scope, control, deployment, body, documents[-1])


def _figures(scope: Scope, control: Control, deployment: Stated, body: Deployment, document: Stated) -> Item:
    assert isinstance(document.body, Document)
    measured = {
        name: value
        for run in scope.runs
        if scope.deployed(deployment) in run.row.outputs
        for name, value in run.row.metrics.items()
        if isinstance(value, float | int)
    }
    compared = {name: text for name, text in document.body.fields.items() if name in measured}
    wrong = [
        f"{name}: {text} stated, {measured[name]:.4g} measured"
        for name, text in compared.items()
        if not _close(text, measured[name], control.parameters["tolerance"])
    ]
    if wrong:
        return failed(scope.deployed(deployment), "; ".join(wrong), document, deployment)
    if not compared:
        return manual(
            deployment.subject,
            f"the instructions for {body.model_name} state no recorded figure",
            document,
            deployment,
        )
    return passed(scope.deployed(deployment), f"{', '.join(compared)} as measured", document, deployment)


def _close(text: str, value: float, tolerance: float) -> bool:
    try:
        return abs(float(text) - value) <= tolerance
    except ValueError:
        return False


@rule("AIA-19", flag=_CLASS, off=_NOT_HIGH)
def logs_kept(scope: Scope, control: Control) -> Iterable[Item]:
    """Logs of predictions are kept six months, and have an end where they are about people."""
    if not scope.in_production:
        return
    yield kept_for(scope, control, "predictions")
    policy = scope.record.retention_of("predictions")
    if policy is not None and isinstance(policy.body, Retention) and policy.body.max_age_days is None:
        yield manual("predictions", "no end is set for logs that may be about people", policy)
