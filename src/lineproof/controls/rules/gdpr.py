"""Rules on the lawfulness of processing under the GDPR."""

from __future__ import annotations

from collections.abc import Iterable

from lineproof.controls.catalogue import Control
from lineproof.controls.results import Item, Outcome
from lineproof.controls.rules.interface import failed, judged, manual, passed, personal_runs, rule, unknown
from lineproof.controls.scope import Run, Scope
from lineproof.graph.statements import Stated
from lineproof.model.statements import Basis

__all__: list[str] = []

PERSONAL = frozenset({"PII", "PHI", "SPECIAL"})
SPECIAL = frozenset({"SPECIAL"})
_FLAG = "gdpr_role"
_LEGITIMATE_INTEREST = "6(1)(f)"
_CONSENT = "6(1)(a)"


def bases_at(scope: Scope, run: Run) -> list[tuple[Stated, Basis]]:
    """Give the bases of a run's purposes that held on the day it started.

    A basis without a first day holds from the day it was stated: a ground is decided before, not after.
    """
    found = []
    for purpose in run.purposes:
        for one in scope.record.bases.get(purpose, ()):
            body = one.body
            assert isinstance(body, Basis)
            since = body.valid_from or one.recorded[:10]
            if since <= run.day and (body.valid_to is None or run.day < body.valid_to):
                found.append((one, body))
    return found


def described(run: Run) -> set[int]:
    """Give the entries by which a person assigned purposes to a run."""
    return {entry for entries in run.purposes.values() for entry in entries}


@rule("GDPR-6-1", flag=_FLAG)
def lawful_basis(scope: Scope, _: Control) -> Iterable[Item]:
    """Each run on personal data has a purpose, and the purpose a ground of Art. 6(1) that held then."""
    for found in personal_runs(scope, PERSONAL):
        if isinstance(found, Item):
            yield found
            continue
        run, tagged = found
        ref, entries = run.row.run, (*tagged, *described(run))
        if not run.purposes:
            yield failed(ref, f"{run.row.job} used personal data for no stated purpose", *entries)
            continue
        grounds = [(one, body) for one, body in bases_at(scope, run) if body.article.startswith("6(1)")]
        if not grounds:
            purposes = ", ".join(run.purposes)
            yield failed(ref, f"purpose {purposes} had no lawful basis when {run.row.job} ran", *entries)
            continue
        stated, basis = grounds[-1]
        reason = f"{basis.article} for purpose {basis.purpose}"
        assessed = scope.record.documents_of("lia", [f"purpose:{basis.purpose}"])
        if basis.article == _LEGITIMATE_INTEREST and not assessed:
            yield manual(
                ref, f"{reason} without an assessment of the interests (document lia)", stated, *entries
            )
        else:
            yield passed(ref, reason, stated, *assessed, *entries)


@rule("GDPR-5-1-B", flag=_FLAG)
def purpose_limitation(scope: Scope, _: Control) -> Iterable[Item]:
    """Each source of personal data was collected for the purpose of the runs that use it, or a compatible one."""
    roots = {one.id: one for one in scope.roots}
    for found in personal_runs(scope, PERSONAL):
        if isinstance(found, Item):
            yield found
            continue
        run, _tagged = found
        for version in run.inputs:
            tags = scope.personal([version]) if version in roots else {}
            if tags:
                entries = {entry for told in tags.values() for entry in told}
                yield _further_use(scope, run, version, entries)


def _further_use(scope: Scope, run: Run, version: int, tagged: set[int]) -> Item:
    source = scope.sources.get(version)
    name = scope.upstream[version].ref
    entries = (*tagged, *described(run), *(source.entries if source else ()))
    ref = f"{name} -> {run.row.run}"
    collected = source.fields.get("purpose") if source else None
    if not collected:
        return unknown(ref, f"nobody stated what {name} was collected for", *entries)
    if not run.purposes:
        return failed(ref, f"{name}, collected for {collected}, was used for no stated purpose", *entries)
    if collected in run.purposes:
        return passed(ref, f"collected and used for {collected}", *entries)
    for purpose, body in scope.purpose(run).items():
        if collected in (body.compatible_with or ()):
            assessed = scope.record.documents_of("compatibility", [f"purpose:{purpose}"])
            if assessed:
                return passed(
                    ref, f"{purpose} was assessed as compatible with {collected}", *assessed, *entries
                )
            return manual(
                ref, f"{purpose} is said to be compatible with {collected}, without assessment", *entries
            )
    if any(body.article == _CONSENT for _, body in bases_at(scope, run)):
        return passed(ref, "used for another purpose, on consent", *entries)
    purposes = ", ".join(run.purposes)
    return failed(ref, f"{name} was collected for {collected} and used for {purposes}", *entries)


@rule("GDPR-9-2", flag=_FLAG)
def special_categories(scope: Scope, _: Control) -> Iterable[Item]:
    """Each run on special categories rests on a condition of Art. 9(2)."""
    for found in personal_runs(scope, SPECIAL):
        if isinstance(found, Item):
            yield found
            continue
        run, tagged = found
        entries = (*tagged, *described(run))
        conditions = [(one, body) for one, body in bases_at(scope, run) if body.art9_condition]
        if conditions:
            stated, basis = conditions[-1]
            yield passed(run.row.run, f"{basis.art9_condition} for purpose {basis.purpose}", stated, *entries)
        else:
            yield failed(
                run.row.run, f"{run.row.job} used special categories on no condition of Art. 9(2)", *entries
            )


@rule("GDPR-35", flag=_FLAG)
def impact_assessment(scope: Scope, _: Control) -> Iterable[Item]:
    """Each purpose with a high risk, or with significant decisions, was assessed before release."""
    used: dict[str, set[int]] = {}
    for found in personal_runs(scope, PERSONAL):
        if isinstance(found, Item):
            yield found
            continue
        for name in found[0].purposes:
            used.setdefault(name, set()).update(found[1])
    released = min((one.entry for one, _ in scope.deployments), default=None)
    for name, tagged in used.items():
        purpose, entries = scope.record.purposes.get(name, (None, []))
        ref = f"purpose:{name}"
        if purpose is None or (purpose.high_risk is None and purpose.significant_decisions is None):
            yield manual(ref, f"nobody screened purpose {name} for a high risk", *entries, *tagged)
        elif not (purpose.high_risk or purpose.significant_decisions):
            yield passed(ref, f"screened: purpose {name} is no high risk", *entries)
        else:
            yield _assessed(scope, ref, released, entries)


def _assessed(scope: Scope, ref: str, released: int | None, entries: list[int]) -> Item:
    documents = scope.record.documents_of("dpia", [ref, scope.subject])
    if not documents:
        return failed(ref, f"{ref} is a high risk and no impact assessment (dpia) covers it", *entries)
    if released is not None and documents[0].entry > released:
        return failed(
            ref, f"the impact was assessed only after the release (entry:{released})", documents[0], released
        )
    return judged(ref, Outcome.PASS, "assessed before release", *documents, *entries)
