"""What the entries that hold people's statements project: a line each that says what it is about.

The words themselves stay in the payload, which the log commits to; no table repeats them.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lineproof.model.entries import EntryType
from lineproof.model.identity import node_id
from lineproof.model.references import Kind, Reference
from lineproof.model.statements import (
    STATEMENTS,
    Access,
    Approval,
    Basis,
    Compared,
    ControlResult,
    Deployment,
    Document,
    DriftCheck,
    Hold,
    Purpose,
    Report,
    Retention,
    Statement,
    System,
    Tag,
    Waiver,
    Witness,
)
from lineproof.store.project.rows import Rows, version_node

__all__ = ["projection_of"]


def projection_of(type_: EntryType) -> Callable[[int, bytes, Rows], None]:
    """Give the projection of one type of statement."""
    kind = STATEMENTS[type_]

    def project_statement(entry: int, payload: bytes, rows: Rows) -> None:
        stated = msgspec.json.decode(payload, type=kind)
        subject, summary = _about(stated)
        model = stated.model_name if isinstance(stated, Approval | Deployment) else None
        rows.add("statement", entry, type_.value, subject, _node(stated), stated.time)
        run = stated.run if isinstance(stated, Approval) else None
        rows.activity(entry, type_, summary, time=stated.time, run=run, model=model or None)

    return project_statement


def _node(stated: Statement) -> int | None:
    """Give the node of what is spoken of: a content of a model or dataset, or a run."""
    match stated:
        case Approval(run=str(run)):
            return node_id("run", run)
        case Approval() | Deployment():
            return version_node(stated.model_namespace, stated.model_name, stated.model_version)
        case DriftCheck():
            table = _checked(stated)
            return (
                None
                if table.version is None
                else version_node(table.namespace or "", table.name, table.version)
            )
    return None


def _about(stated: Statement) -> tuple[str, str]:  # noqa: C901, PLR0911, PLR0912 - a line for each kind of statement
    """Give what a statement is about, and its line in the log of events."""
    match stated:
        case System(name=name):
            return f"system:{name}", f"system {name} described"
        case Purpose(name=name):
            return f"purpose:{name}", f"purpose {name} described"
        case Basis(purpose=purpose, article=article):
            return f"purpose:{purpose}", f"basis of purpose {purpose}: {article}"
        case Tag():
            data = str(Reference(kind=Kind.DATASET, namespace=stated.namespace, name=stated.dataset))
            words = ", ".join(stated.tags)
            place = stated.dataset if stated.column is None else f"{stated.dataset}#{stated.column}"
            return data, f"{place} {'is' if stated.state == 'confirmed' else 'is not'} {words}"
        case Approval(run=str(run)):
            return f"run:{run}", f"run {run} {stated.outcome} as de-identification"
        case DriftCheck():
            near, far, table = stated.reference.name, stated.current.name, _checked(stated)
            moved = sum(bool(one.get("drifted")) for one in stated.columns.values())
            data = str(Reference(kind=Kind.DATASET, namespace=table.namespace, name=table.name))
            return data, f"drift of {far} from {near}: {moved} of {len(stated.columns)} columns"
        case Approval():
            return _model(stated), f"{stated.model_name} {stated.outcome}"
        case Deployment():
            done = "deployed to" if stated.action == "deploy" else "retired from"
            return _model(stated), f"{stated.model_name} {done} {stated.env}"
        case Waiver():
            return stated.subject, f"{stated.control} waived for {stated.subject} until {stated.expires}"
        case Document(kind=kind):
            return f"document:{kind}", f"document {stated.title or kind}"
        case Retention(name=name):
            return f"retention:{name}", f"retention {name} for {', '.join(stated.covers)}"
        case Hold(name=name, action=action):
            return f"hold:{name}", f"legal hold {name} {action}"
        case Access():
            return stated.resource, f"{stated.action} {stated.resource}: {stated.outcome}"
        case ControlResult():
            return stated.subject, f"{stated.control} {stated.subject}: {stated.result}"
        case Report(kind=kind):
            return stated.subject, f"report {kind} {stated.subject}"
        case Witness():
            return _about_witness(stated)
    raise TypeError(f"no line for {type(stated).__name__}")


def _checked(stated: DriftCheck) -> Compared:
    """Give the recorded version that a check is about: the current one, else the reference."""
    return stated.current if stated.current.version or not stated.reference.version else stated.reference


def _about_witness(stated: Witness) -> tuple[str, str]:
    if stated.action == "accepted":  # by a reader, who is no witness
        return f"memory:{stated.name}", "restored ledger accepted"
    done = "keeps a checkpoint" if stated.action == "kept" else stated.action
    return f"witness:{stated.name}", f"witness {stated.name} {done}"


def _model(stated: Approval | Deployment) -> str:
    short = None if stated.model_namespace == "model" else stated.model_namespace
    return str(Reference(kind=Kind.MODEL, namespace=short, name=stated.model_name))
