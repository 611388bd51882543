"""What people and services did with the model: approvals, deployments."""

from __future__ import annotations

from lineproof.graph.statements import Stated
from lineproof.model.entries import EntryType
from lineproof.model.statements import Approval, Deployment
from lineproof.reports.document import Block, Cell, Section, Tone
from lineproof.reports.dossier.material import Material
from lineproof.reports.dossier.parts import cell, cells, moment, prose, table

__all__ = ["approvals", "deployments"]

_GONE = "destroyed"
_ASSERTED = (
    "Identity is self-asserted where it says so: nobody proved who acted, and no control takes it as proof of "
    "four eyes."
)


def approvals(about: Material) -> Section:
    """Tell who approved or rejected this content of the model."""
    found = about.statements.of(EntryType.APPROVAL, nodes=[about.model.id])
    if not found:
        return Section("approvals", "Approvals", (prose("No approval is recorded.", tone=Tone.OPEN),))
    head = ("outcome", "by", "identity", "when", "reason", "ticket")
    rows = (_approval(one) for one in found)
    blocks: list[Block] = [table("approval-list", "Approvals of this content of the model", head, rows)]
    if any(one.auth_method == "self_asserted" for one in found):
        blocks.append(prose(_ASSERTED, tone=Tone.OPEN))
    return Section("approvals", "Approvals", tuple(blocks))


def _approval(one: Stated) -> tuple[Cell, ...]:
    body = one.body if isinstance(one.body, Approval) else None
    outcome = _GONE if body is None else body.outcome
    tone = {"approved": Tone.GOOD, "rejected": Tone.BAD}.get(outcome, Tone.OPEN)
    return cells(
        cell(outcome, one.entry, tone=tone),
        *_who(one),
        moment(one.recorded),
        "not stated" if body is None else body.reason or "not stated",
        "" if body is None else body.ticket or "",
    )


def deployments(about: Material) -> Section:
    """Tell where this content of the model was put to use, and where it is now."""
    every = about.statements.of(EntryType.DEPLOYMENT, nodes=[about.model.id])
    if not every:
        return Section("deployments", "Deployments", (prose("No deployment is recorded.", tone=Tone.OPEN),))
    serving = {
        env: one
        for env, one in about.statements.in_force(about.model.name).items()
        if one.node == about.model.id
    }
    words = f"In force: {', '.join(sorted(serving))}." if serving else "It is in force in no environment."
    head = ("environment", "what happened", "by", "identity", "when", "how", "artifact", "reason")
    rows = (_deployment(one, about.model.content) for one in every)
    deployed = table("deployment-list", "Deployments of this content of the model", head, rows)
    entries = [one.entry for one in serving.values()]
    return Section("deployments", "Deployments", (prose(words, *entries), deployed))


def _deployment(one: Stated, content: str) -> tuple[Cell, ...]:
    body = one.body if isinstance(one.body, Deployment) else None
    if body is None:
        return cells(cell(_GONE, one.entry, tone=Tone.OPEN), "", *_who(one), moment(one.recorded), "", "", "")
    same = body.artifact == content
    artifact = "not looked at" if body.artifact is None else "this content" if same else body.artifact
    return cells(
        cell(body.env, one.entry),
        {"deploy": "deployed", "retire": "retired"}[body.action]
        + (", in an emergency" if body.emergency else ""),
        *_who(one),
        moment(one.recorded),
        body.mechanism,
        cell(artifact, tone=None if same else Tone.OPEN if body.artifact is None else Tone.BAD),
        body.reason or "not stated",
    )


def _who(one: Stated) -> tuple[Cell, Cell]:
    method = (one.auth_method or "unknown").replace("_", "-")
    return cell(one.name or one.principal), cell(
        method, tone=Tone.OPEN if one.auth_method != "token" else None
    )
