"""Where a person is: versions with a row of theirs, and everything that came from those.

Where it is known whose rows a version has, it holds the person or it does not, and nothing is taken to come
from it through a version that does not. Where it is not known, whatever came from a version that holds the
person may hold them: a superset, marked so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import Connection, func, select

from lineproof.graph.facts import Facts, VersionFacts, batches, plain_facet
from lineproof.graph.view import View
from lineproof.model.facets import Source, Subjects
from lineproof.model.lineage import Precision
from lineproof.model.references import Kind
from lineproof.model.subjects import IDENTIFIES, Subject, normal_space
from lineproof.privacy.reach import downstream
from lineproof.store import Ledger
from lineproof.store.people import PeopleSets
from lineproof.store.schema import col, facet, prediction, run_dataset

__all__ = ["FoundPerson", "Place", "Prediction", "find_person"]

_LISTED = 10_000  # predictions in an answer


class Place(msgspec.Struct, frozen=True):
    """Something that holds a person, or learned from them.

    Attributes:
        ref: Its reference.
        precision: `exact`: their row is in it, or the model learned from their row; `superset`: it may.
    """

    ref: str
    precision: Precision


class Prediction(msgspec.Struct, frozen=True):
    """A prediction about a person, or by a model that learned from them."""

    ref: str
    why: str
    precision: Precision


class FoundPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person is.

    Attributes:
        subject_space: Space of the identifier.
        as_of: Last entry that counts.
        datasets: Versions that hold them.
        features: Columns that models learned from, with values of theirs.
        runs: Runs that used or made one of those.
        models: Model versions that learned from them.
        predictions: Predictions about them, and those of each such model, by batch.
        precision: `exact` when all of it is; `superset` when something may not be; `unknown` when there may
            be more.
        unknown: What is not known, in words.
        complete: Nothing was cut.
    """

    subject_space: str
    as_of: int
    datasets: list[Place]
    features: list[Place]
    runs: list[Place]
    models: list[Place]
    predictions: list[Prediction]
    precision: Precision
    unknown: list[str]
    complete: bool = True


def find_person(ledger: Ledger, connection: Connection, subject: Subject, seen: View) -> FoundPerson:
    """Find what holds a person or learned from them.

    Args:
        ledger: The ledger, whose keys tell who is in which set.
        connection: Snapshot of its tables.
        subject: Who.
        seen: What counts.

    Raises:
        KeyFileError: The key of people's hashes is missing.
    """
    # 1. Versions of which it is known whose rows they have: each holds the person, or does not.
    # 2. From those that do, along the edges; versions that are known not to hold them end a way.
    # 3. What was declared to be about people of this space without its people being known is named.
    facts = Facts(connection, seen)
    sets = _versions_with_sets(connection, seen, subject.space)
    kept = PeopleSets(ledger.folder / "keys")
    inside = kept.holding(ledger.vault.named_as(subject), subject.space)
    exact = {one for one, names in sets.items() if names & inside}
    there = downstream(connection, seen, exact, without=sets.keys() - exact)
    known = facts.versions(there.keys())
    unknown = _unknown(facts, sets, kept.kept().keys(), subject.space)
    runs = _runs(facts, there)
    predictions, complete = _predictions(facts, known, there, subject)
    precisions = {*there.values(), *(one.precision for one in predictions)}
    return FoundPerson(
        subject_space=subject.space,
        as_of=seen.as_of,
        datasets=_places(known.values(), there, Kind.DATASET),
        features=_features(connection, known, there),
        runs=runs,
        models=_places(known.values(), there, Kind.MODEL),
        predictions=predictions,
        precision=Precision.UNKNOWN
        if unknown
        else Precision.SUPERSET
        if Precision.SUPERSET in precisions
        else Precision.EXACT,
        unknown=unknown,
        complete=complete,
    )


def _versions_with_sets(connection: Connection, seen: View, space: str) -> dict[int, set[str]]:
    """Give the sets of each version of which it is known whose rows it has."""
    query = select(facet.c.owner, facet.c.body).where(facet.c.name == "lineproof_subjects", seen.known(facet))
    found: dict[int, set[str]] = {}
    for owner, body in connection.execute(query):
        for one in msgspec.json.decode(body, type=Subjects).sets:
            if one.space == space:
                found.setdefault(owner, set()).add(one.set)
    return found


def _places(known: Iterable[VersionFacts], there: dict[int, Precision], kind: Kind) -> list[Place]:
    return sorted(
        (Place(one.ref, there[one.id]) for one in known if one.kind is kind), key=lambda place: place.ref
    )


def _features(
    connection: Connection, known: dict[int, VersionFacts], there: dict[int, Precision]
) -> list[Place]:
    models = [one for one in known.values() if one.kind is Kind.MODEL]
    found: list[Place] = []
    for piece in batches(one.id for one in models):
        query = select(col.c.version, col.c.name).where(col.c.version.in_(piece))
        found += [
            Place(known[owner].column_ref(name), there[owner]) for owner, name in connection.execute(query)
        ]
    return sorted(found, key=lambda place: place.ref)


def _runs(facts: Facts, there: dict[int, Precision]) -> list[Place]:
    best: dict[int, Precision] = {}
    for piece in batches(there):
        query = select(run_dataset.c.run, run_dataset.c.version).where(
            run_dataset.c.version.in_(piece), facts.view.known(run_dataset)
        )
        for run, owner in facts.connection.execute(query):
            if best.get(run) is not Precision.EXACT:
                best[run] = there[owner]
    known = facts.runs(best)
    return sorted((Place(known[one].ref, best[one]) for one in known), key=lambda place: place.ref)


def _predictions(
    facts: Facts, known: dict[int, VersionFacts], there: dict[int, Precision], subject: Subject
) -> tuple[list[Prediction], bool]:
    """Give predictions whose id is the person's, and how many each model that learned from them made."""
    found = []
    models = {one.id: one for one in known.values() if one.kind is Kind.MODEL}
    table = prediction
    query = select(table.c.model_version).where(table.c.id == subject.id, facts.view.known(table))
    about = list(facts.connection.scalars(query.limit(_LISTED + 1)))
    named = facts.versions(about)
    found += [
        Prediction(f"prediction:{_of(named.get(owner))}{subject.id}", "its id is theirs", Precision.SUPERSET)
        for owner in about[:_LISTED]
    ]
    for piece in batches(models):
        counted = (
            select(table.c.model_version, func.count())
            .where(table.c.model_version.in_(piece), facts.view.known(table))
            .group_by(table.c.model_version)
        )
        for owner, number in facts.connection.execute(counted):
            why = f"{number} predictions of a model that learned from them"
            found.append(Prediction(models[owner].ref, why, there[owner]))
    return found, len(about) <= _LISTED


def _of(model: VersionFacts | None) -> str:
    return "" if model is None else f"{model.ref.removeprefix('model:')}/"


def _unknown(facts: Facts, sets: dict[int, set[str]], kept: Collection[str], space: str) -> list[str]:
    """Name what is about people of the space without its people being known."""
    query = select(facet.c.owner, facet.c.body).where(
        facet.c.name == "lineproof_source", facts.view.known(facet)
    )
    about = {
        owner
        for owner, body in facts.connection.execute(query)
        if _is_about(msgspec.json.decode(body, type=Source), space)
    }
    about |= _classified(facts, space)
    named = facts.versions(about - sets.keys())
    found = [
        f"{one.ref} is about people of {space}, and whose rows it has is not known"
        for one in named.values()
        if one.rank is not None
    ]
    lost = {name for names in sets.values() for name in names} - set(kept)
    if lost:
        found.append(f"{len(lost)} sets of people are not in the key store: it was restored or lost")
    return sorted(found)


def _classified(facts: Facts, space: str) -> set[int]:
    """Give the versions in which a column was found to hold identifiers of the space; the latest word counts."""
    if space not in IDENTIFIES:
        return set()
    query = select(facet.c.owner, facet.c.body).where(
        facet.c.name == "lineproof_classification", facts.view.known(facet)
    )
    latest: dict[int, str] = dict(map(tuple, facts.connection.execute(query.order_by(facet.c.entry))))
    return {
        owner
        for owner, body in latest.items()
        if any(one.get("class") == space for one in (plain_facet(body).get("columns") or {}).values())
    }


def _is_about(source: Source, space: str) -> bool:

    return isinstance(source.subject, str) and (
        normal_space(source.subject_space if isinstance(source.subject_space, str) else None) == space
    )
