"""Datasets, models and their columns by name and version.

A name may be given in full or by its end: `dataset:patients` finds `data/patients.csv` while nothing
else answers to it. What people name (files, models) goes before what only lived in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, select

from lineproof.errors import AmbiguousReferenceError
from lineproof.graph.facts import UNVERSIONED, ColumnFacts, Facts, VersionFacts, dataset_ref
from lineproof.graph.nearest import LISTED, ambiguous, near, nearest, unknown
from lineproof.graph.ranks import nth
from lineproof.graph.view import View
from lineproof.model.openlineage import MEMORY_NAMESPACE
from lineproof.model.references import Kind, Reference
from lineproof.store.schema import col, dataset, run_dataset, symlink, version

__all__ = ["column_named", "version_named", "versions_of"]

_DIGITS = 19  # of a number that fits the database's integers


def version_named(connection: Connection, reference: Reference, seen: View) -> VersionFacts:
    """Find the dataset version that a `dataset:`, `model:` or `column:` reference names.

    Raises:
        UnknownReferenceError: No such dataset, or no such version of it.
        AmbiguousReferenceError: Several answer to it.
    """
    owner = _one_dataset(connection, reference, seen)
    asked = (reference.version or "latest").lower()
    number = asked.removeprefix("v")
    if asked == "latest":
        chosen = _latest(connection, owner, seen)
    elif number.isdecimal() and len(number) < _DIGITS:
        chosen = _nth(connection, owner, int(number), seen)
    else:
        chosen = _by_content(connection, owner, asked, seen)
    if chosen is None:
        known = [facts.ref for facts in versions_of(connection, owner.id, seen)[-LISTED:]]
        ref = dataset_ref(owner.namespace, owner.name, owner.type)
        raise unknown(f"{ref} has no version {asked!r}", known[::-1])
    return Facts(connection, seen).versions([chosen])[chosen]


def column_named(
    connection: Connection, reference: Reference, seen: View
) -> tuple[VersionFacts, ColumnFacts]:
    """Find the column that a `column:` reference names, and the version that it is in.

    Raises:
        UnknownReferenceError: No such dataset, version or column.
        AmbiguousReferenceError: Several datasets answer to the name.
    """
    owner = version_named(connection, reference, seen)
    columns = Facts(connection, seen).columns_of([owner.id])[owner.id]
    for column in columns:
        if column.name == reference.column:
            return owner, column
    name = reference.column or ""
    alike = nearest(name, {owner.column_ref(column.name): [column.name] for column in columns})
    elsewhere = _versions_with(connection, owner, name, seen)
    raise unknown(f"{owner.ref} has no column {name!r}", elsewhere + alike)


def versions_of(connection: Connection, dataset_id: int, seen: View) -> list[VersionFacts]:
    """Give the versions of a dataset in order of first record."""
    query = (
        select(version.c.id)
        .where(version.c.dataset == dataset_id, seen.held(version))
        .order_by(version.c.entry, version.c.ordinal)
    )
    ids = list(connection.scalars(query))
    known = Facts(connection, seen).versions(ids)
    return [known[one] for one in ids]


def _one_dataset(connection: Connection, reference: Reference, seen: View) -> Any:
    found = _datasets_named(connection, reference, seen)
    if len(found) == 1:
        return found[0]
    if found:
        raise ambiguous(reference, [dataset_ref(row.namespace, row.name, row.type) for row in found])
    noun = "model" if reference.kind is Kind.MODEL else "dataset"
    space = "" if reference.namespace is None else f" in namespace {reference.namespace!r}"
    raise unknown(f"no {noun} {reference.name!r} is recorded{space}", near(connection, reference, seen))


def _datasets_named(connection: Connection, reference: Reference, seen: View) -> Sequence[Any]:
    """Give the datasets of the first way of reading the name that finds any."""
    name = reference.name.removeprefix("./")
    within = [seen.known(dataset)]
    if reference.namespace is not None:
        within.append(dataset.c.namespace == reference.namespace)
    if reference.kind is Kind.MODEL:
        within.append(dataset.c.type == "MODEL")
    columns = select(dataset.c.id, dataset.c.namespace, dataset.c.name, dataset.c.type)
    query = columns.where(and_(*within)).order_by(dataset.c.namespace, dataset.c.name)
    exact = connection.execute(query.where(dataset.c.name == name)).all()
    if exact:
        return _named_by_people(exact)
    similar = connection.execute(query.where(dataset.c.name.icontains(name, autoescape=True))).all()
    for same in (_ends_with, _stem_is):
        found = [row for row in similar if same(row.name, name)]
        if found:
            return _named_by_people(found)
    linked = select(version.c.dataset).join(symlink, symlink.c.version == version.c.id)
    return connection.execute(query.where(dataset.c.id.in_(linked.where(symlink.c.name == name)))).all()


def _ends_with(path: str, name: str) -> bool:
    return path.endswith("/" + name)


def _stem_is(path: str, name: str) -> bool:
    folder, slash, base = path.rpartition("/")
    stems = {folder + slash + base.partition(".")[0], folder + slash + base.rpartition(".")[0]}
    return any(stem == name or stem.endswith("/" + name) for stem in stems)


def _named_by_people(rows: Sequence[Any]) -> Sequence[Any]:
    return [row for row in rows if row.namespace != MEMORY_NAMESPACE] or rows


def _latest(connection: Connection, owner: Any, seen: View) -> int | None:
    """Find the content recorded last: contents A, B, A end in A, which is v1.

    A model is the exception: scoring with an old one does not make it the newest, so only writing
    counts where it was ever written.
    """
    touched = and_(run_dataset.c.version == version.c.id, seen.known(run_dataset))
    written = func.coalesce(run_dataset.c.direction, "") == "output"
    order = [(version.c.content == UNVERSIONED).asc()]
    if owner.type == "MODEL":
        order.append(written.desc())
    if seen.at is not None:
        order.append(version.c.time.desc())
    order.append(func.coalesce(run_dataset.c.entry, version.c.entry).desc())
    order += [written.desc(), version.c.entry.desc(), version.c.ordinal.desc()]
    query = (
        select(version.c.id)
        .outerjoin(run_dataset, touched)
        .where(version.c.dataset == owner.id, seen.held(version))
        .order_by(*order)
        .limit(1)
    )
    return connection.scalar(query)


def _nth(connection: Connection, owner: Any, number: int, seen: View) -> int | None:
    return None if number < 1 else nth(connection, owner, number, seen.as_of)


def _by_content(connection: Connection, owner: Any, asked: str, seen: View) -> int | None:
    """Find a version by the start of its content, with or without the algorithm before the colon."""
    starts = version.c.content.startswith(asked, autoescape=True)
    digest_starts = version.c.content.contains(":" + asked, autoescape=True)
    query = select(version.c.id).where(
        version.c.dataset == owner.id, starts | digest_starts, seen.known(version)
    )
    ids = list(connection.scalars(query.limit(LISTED)))
    if len(ids) > 1:
        facts = Facts(connection, seen).versions(ids).values()
        choices = sorted(f"{one.ref} ({one.content})" for one in facts)
        raise AmbiguousReferenceError(f"{asked!r} starts several contents: {', '.join(choices)}")
    return ids[0] if ids else None


def _versions_with(connection: Connection, owner: VersionFacts, column: str, seen: View) -> list[str]:
    """Name the newest other version of the dataset that has the column."""
    query = (
        select(version.c.id)
        .join(col, col.c.version == version.c.id)
        .where(version.c.dataset == owner.dataset, col.c.name == column, seen.known(version))
        .order_by(version.c.entry.desc(), version.c.ordinal.desc())
        .limit(1)
    )
    facts = Facts(connection, seen).versions(list(connection.scalars(query)))
    return [one.column_ref(column) for one in facts.values()]
