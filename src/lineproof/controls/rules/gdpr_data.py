"""Rules on the data itself under the GDPR: what is read, how long it stays, where it goes, who knows."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from sqlalchemy import select

from lineproof.controls.catalogue import Control
from lineproof.controls.results import Item, Outcome
from lineproof.controls.rules.gdpr import PERSONAL
from lineproof.controls.rules.interface import (
    days_before,
    failed,
    judged,
    manual,
    passed,
    personal_runs,
    rule,
    unknown,
)
from lineproof.controls.scope import Run, Scope
from lineproof.graph.facts import VersionFacts, batches
from lineproof.graph.statements import Stated
from lineproof.model.statements import Purpose, Retention
from lineproof.store.schema import edge

__all__: list[str] = []

_FLAG = "gdpr_role"
_EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK EU EEA".split()  # noqa: SIM905 - read as a line
)
# Tags of columns that name a person by themselves.
_IDENTIFIERS = frozenset(
    {"SSN", "NATIONAL_ID", "PERSON", "NAME", "EMAIL", "PHONE", "MRN", "HEALTH_PLAN_ID", "ACCOUNT"}
)


@rule("GDPR-5-1-C", flag=_FLAG)
def minimisation(scope: Scope, _: Control) -> Iterable[Item]:
    """Each personal column that training reads leads somewhere: a feature, a key, a condition."""
    for found in personal_runs(scope, PERSONAL):
        if isinstance(found, Item):
            yield found
    tags = scope.record.tags
    columns = scope.record.facts.columns([one for one in tags.direct if PERSONAL & tags.direct[one].keys()])
    inside = {one.id: one for one in columns.values() if one.version in scope.upstream}
    used = _used(scope, set(inside))
    features = {
        one.id
        for found in scope.record.facts.columns_of([m.id for m in scope.models]).values()
        for one in found
    }
    named = {
        origin
        for feature in features
        for tag, origins in tags.carried.get(feature, {}).items()
        if tag in _IDENTIFIERS
        for origin in origins
    }
    for one, column in sorted(inside.items()):
        owner = scope.upstream[column.version]
        ref, entries = owner.column_ref(column.name), tuple(tags.direct[one].values())
        if one in named:
            yield manual(ref, f"{column.name} identifies a person and is part of a feature", *entries)
        elif one in used:
            yield passed(ref, f"{column.name} is used", *entries)
        elif _approved(scope.record.purposes.values(), owner, column.name):
            yield passed(ref, f"{column.name} is approved for a purpose", *entries)
        else:
            yield failed(ref, f"{owner.ref} is read with {column.name}, which nothing uses", *entries)


def _used(scope: Scope, columns: set[int]) -> set[int]:
    found: set[int] = set()
    for piece in batches(columns):
        query = select(edge.c.src).where(edge.c.src.in_(piece), scope.record.view.known(edge)).distinct()
        found |= set(scope.record.connection.scalars(query))
    return found


def _approved(purposes: Iterable[tuple[Purpose, list[int]]], owner: VersionFacts, column: str) -> bool:
    return any(
        fnmatchcase(f"{name}#{column}", pattern)
        for purpose, _ in purposes
        for pattern in purpose.columns or ()
        for name in names_of(owner)
    )


def names_of(version: VersionFacts) -> tuple[str, ...]:
    """Give the names by which people speak of a dataset: whole, and the last part with and without suffix."""
    last = version.name.rpartition("/")[2]
    return version.name, last, last.partition(".")[0]


@rule("GDPR-5-1-E", flag=_FLAG)
def storage_limitation(scope: Scope, _: Control) -> Iterable[Item]:
    """Each dataset that holds personal data has a limit, and is not older than it."""
    for found in personal_runs(scope, PERSONAL):
        if isinstance(found, Item):
            yield found
    for version in _personal_data(scope):
        tags = scope.personal([version.id])
        entries = {entry for told in tags.values() for entry in told}
        policy = scope.record.retention_of(*names_of(version))
        body = None if policy is None else policy.body
        if policy is None or not isinstance(body, Retention) or body.max_age_days is None:
            yield failed(version.ref, f"no limit is set for {version.name}", *entries)
        elif (version.time or "") < days_before(scope.record.moment, body.max_age_days):
            hold = scope.record.hold_over(*names_of(version))
            if hold is not None:
                what = f"{version.ref} is older than {body.max_age_days} days, kept by a legal hold: {hold.subject}"
                yield manual(version.ref, what, hold, policy, version.entry, *entries)
                continue
            reason = f"{version.ref} is older than {body.max_age_days} days and no deletion is on record"
            yield failed(version.ref, reason, policy, version.entry, *entries)
        else:
            yield passed(version.ref, f"{body.max_age_days} days by {body.name}", policy, *entries)


def _personal_data(scope: Scope) -> list[VersionFacts]:
    from_files = [one for one in scope.upstream.values() if one.namespace != "memory" and one.type != "MODEL"]
    return [one for one in from_files if scope.personal([one.id])]


@rule("GDPR-25", flag=_FLAG)
def classified_first(scope: Scope, _: Control) -> Iterable[Item]:
    """What each source holds was said before a run used it."""
    for source in scope.roots:
        said = scope.record.spoken_of(source)
        if said is None:
            yield failed(source.ref, f"nobody said what {source.name} holds")
        elif said > source.entry:
            yield manual(
                source.ref, f"{source.name} was classified only after its first use", said, source.entry
            )
        else:
            yield passed(source.ref, f"{source.name} was classified first", said)


@rule("GDPR-30", flag=_FLAG)
def record_of_processing(scope: Scope, control: Control) -> Iterable[Item]:
    """Each purpose of personal runs says all that Art. 30(1) asks for."""
    runs: dict[str, list[Run]] = {}
    for found in personal_runs(scope, PERSONAL):
        if isinstance(found, Item):
            yield found
        elif found[0].purposes:
            for name in found[0].purposes:
                runs.setdefault(name, []).append(found[0])
        else:
            yield failed(found[0].row.run, f"{found[0].row.job} serves no stated purpose", *found[1])
    for name, serving in runs.items():
        yield _purpose_entry(scope, control, name, serving)


def _purpose_entry(scope: Scope, control: Control, name: str, runs: list[Run]) -> Item:
    purpose, entries = scope.record.purposes.get(name, (None, []))
    ref = f"purpose:{name}"
    if purpose is None:
        return failed(ref, f"purpose {name} is named by runs and described by nobody")
    versions = [scope.upstream[one] for run in runs for one in run.inputs if one in scope.upstream]
    regions = [scope.sources.get(one.id) for one in scope.roots if scope.personal([one.id])]
    kept = [scope.record.retention_of(*names_of(one)) for one in versions if scope.personal([one.id])]
    missing = [
        what
        for what, there in (
            ("controller (a)", purpose.controller),
            ("description (b)", purpose.description),
            ("categories of subjects (c)", purpose.subject_categories),
            ("recipients (d)", purpose.recipient_categories),
            (
                "regions of its sources (e)",
                all(one is not None and one.fields.get("region") for one in regions),
            ),
            ("time limits (f)", all(one is not None for one in kept)),
        )
        if not there
    ]
    if missing:
        return failed(ref, f"purpose {name} says nothing of {', '.join(missing)}", *entries)
    approved = scope.record.documents_of("ropa_entry", [ref])
    since = days_before(scope.record.moment, control.parameters["review_days"])
    if not approved or approved[-1].recorded < since:
        return manual(
            ref, f"security measures (g) of purpose {name}: no entry approved within a year", *entries
        )
    return judged(ref, Outcome.PASS, "complete and reviewed", *approved, *entries)


@rule("GDPR-44", flag=_FLAG)
def transfers(scope: Scope, control: Control) -> Iterable[Item]:
    """What learned from personal data of the EEA serves there, in an adequate country, or by an instrument."""
    sources = [one for one in scope.roots if scope.personal([one.id])]
    if not sources and scope.unclassified and scope.in_production:
        yield unknown(scope.subject, "nobody said which sources hold personal data")
    for deployment, body in scope.in_production:
        for source in sources:
            stated = scope.sources.get(source.id)
            home = str(stated.fields.get("region") or "").upper() if stated else ""
            away = (body.region or "").upper()
            ref = f"{source.ref} -> {deployment.subject} in {body.env}"
            entries: list[Stated | int] = [deployment, *(stated.entries if stated else ())]
            if not home or not away:
                lacking = "of the data" if not home else "of the deployment"
                yield unknown(ref, f"the region {lacking} is not stated", *entries)
            elif home not in _EEA or away in _EEA or away in control.parameters["adequate"]:
                yield passed(ref, f"{home} to {away}", *entries)
            else:
                instruments = scope.record.documents_of(
                    "transfer_instrument", [scope.subject, f"dataset:{source.name}"]
                )
                result = passed if instruments else failed
                yield result(
                    ref,
                    f"{home} to {away} {'with' if instruments else 'without'} an instrument",
                    *instruments,
                    *entries,
                )
