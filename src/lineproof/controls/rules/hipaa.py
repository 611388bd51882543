"""Rules of the HIPAA Security and Privacy Rules."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from sqlalchemy import func, select

from lineproof.controls.catalogue import Control
from lineproof.controls.record import LEDGER
from lineproof.controls.results import Item
from lineproof.controls.rules.gdpr import bases_at, described
from lineproof.controls.rules.gdpr_data import names_of
from lineproof.controls.rules.interface import (
    days_before,
    failed,
    manual,
    passed,
    personal_runs,
    rule,
    unknown,
)
from lineproof.controls.rules.ledger import kept_for
from lineproof.controls.scope import Run, Scope
from lineproof.graph.facts import UNVERSIONED, VersionFacts
from lineproof.graph.named import versions_of
from lineproof.store.schema import run_dataset, run_event

__all__: list[str] = []

_FLAG = "hipaa_role"
PHI = frozenset({"PHI"})
_GROUNDS = frozenset({"506_tpo", "508_authorization", "512i_waiver", "514e_limited_data_set"})
_OPERATIONS = "506_tpo"


@rule("HIPAA-506-USE", flag=_FLAG)
def permitted_use(scope: Scope, _: Control) -> Iterable[Item]:
    """Each run on PHI rests on a permitted ground."""
    for found in personal_runs(scope, PHI):
        if isinstance(found, Item):
            yield found
            continue
        run, tagged = found
        entries = (*tagged, *described(run))
        grounds = [(one, body) for one, body in bases_at(scope, run) if body.article in _GROUNDS]
        if not grounds:
            yield failed(run.row.run, f"{run.row.job} used PHI on no permitted ground", *entries)
            continue
        stated, basis = grounds[-1]
        if basis.article == _OPERATIONS:
            reason = "operations are claimed for building a model: counsel must confirm"
            yield manual(run.row.run, reason, stated, *entries)
        else:
            yield passed(run.row.run, f"{basis.article} for purpose {basis.purpose}", stated, *entries)


@rule("HIPAA-502-B", flag=_FLAG)
def minimum_necessary(scope: Scope, _: Control) -> Iterable[Item]:
    """Each PHI column that a run reads is approved for one of its purposes."""
    for found in personal_runs(scope, PHI):
        if isinstance(found, Item):
            yield found
            continue
        run, tagged = found
        patterns = [one for purpose in scope.purpose(run).values() for one in purpose.columns or ()]
        entries = (*tagged, *described(run))
        if not patterns:
            yield manual(
                run.row.run, f"no set of columns is approved for the purpose of {run.row.job}", *entries
            )
            continue
        outside = sorted(name for name in _phi_columns(scope, run) if not _matches(name, patterns))
        if outside:
            yield failed(
                run.row.run,
                f"{run.row.job} read {', '.join(outside[:5])}, approved for none of its purposes",
                *entries,
            )
        else:
            yield passed(run.row.run, "all its PHI columns are approved", *entries)


def _phi_columns(scope: Scope, run: Run) -> set[str]:
    columns = scope.record.facts.columns_of(run.inputs)
    owners = scope.record.facts.versions(run.inputs)
    return {
        f"{owners[version].name}#{column.name}"
        for version, found in columns.items()
        for column in found
        if PHI & scope.record.tags.personal(column.id)
    }


def _matches(name: str, patterns: list[str]) -> bool:
    dataset, _, column = name.partition("#")
    last = dataset.rpartition("/")[2]
    short = (name, f"{last}#{column}", f"{last.partition('.')[0]}#{column}")
    return any(fnmatchcase(one, pattern) for one in short for pattern in patterns)


@rule("HIPAA-312-C", flag=_FLAG)
def integrity(scope: Scope, control: Control) -> Iterable[Item]:
    """Each dataset with PHI has a known content, written by a recorded run or never replaced, hashed lately."""
    for found in personal_runs(scope, PHI):
        if isinstance(found, Item):
            yield found
    held = [one for one in scope.upstream.values() if one.namespace != "memory" and one.type != "MODEL"]
    for version in held:
        tags = scope.personal([version.id])
        if "PHI" in tags:
            yield _unchanged(scope, control, version, tags["PHI"])


def _unchanged(scope: Scope, control: Control, version: VersionFacts, tagged: set[int]) -> Item:
    if version.content == UNVERSIONED:
        return unknown(version.ref, f"the content of {version.name} was never hashed", version.entry, *tagged)
    every = versions_of(scope.record.connection, version.dataset, scope.record.view)
    made = scope.record.facts.producers([one.id for one in every])
    foreign = [one for one in every if one.id not in made]
    if made and foreign:
        entries = [one.entry for one in foreign]
        return failed(
            version.ref,
            f"{foreign[-1].ref} was written by no recorded run, others of it were",
            *entries,
            *tagged,
        )
    query = select(func.max(run_event.c.time)).where(
        run_event.c.run.in_(select(run_dataset.c.run).where(run_dataset.c.version == version.id)),
        scope.record.view.known(run_event),
    )
    hashed = scope.record.connection.scalar(query) or ""
    days = control.parameters["rehash_days"]
    if hashed < days_before(scope.record.moment, days):
        return manual(
            version.ref,
            f"{version.ref} was last hashed on {hashed[:10] or 'no known day'}",
            version.entry,
            *tagged,
        )
    return passed(version.ref, f"{names_of(version)[1]} was hashed on {hashed[:10]}", version.entry, *tagged)


@rule("HIPAA-316", flag=_FLAG)
def documentation(scope: Scope, control: Control) -> Iterable[Item]:
    """The log is kept six years."""
    yield kept_for(scope, control, LEDGER)
