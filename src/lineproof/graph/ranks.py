"""Which N a dataset version is: its place among the distinct contents of its dataset, in order of first record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from lineproof.graph.among import among
from lineproof.model.identity import node_id
from lineproof.store.schema import version

__all__ = ["UNVERSIONED", "nth", "ranks"]

UNVERSIONED = "unversioned"  # content of a version whose event did not say which content it was
_MANY = 30  # versions of one dataset from which on all places are counted in one pass

# Each is answered by the index over dataset, entry and ordinal alone: contents are not read. Datasets have at
# most one version of unknown content, which counts for nothing; where it lies is asked for apart.
_earlier = version.alias("earlier")
_COUNTED = select(
    version.c.id,
    select(func.count())
    .where(
        _earlier.c.dataset == version.c.dataset,
        tuple_(_earlier.c.entry, _earlier.c.ordinal) <= tuple_(version.c.entry, version.c.ordinal),
    )
    .correlate(version)
    .scalar_subquery(),
).where(among(version.c.id))
_NUMBERED = select(
    version.c.id,
    func.row_number().over(partition_by=version.c.dataset, order_by=(version.c.entry, version.c.ordinal)),
).where(among(version.c.dataset))
_PLACES = select(version.c.id, version.c.entry, version.c.ordinal).where(among(version.c.id))


def ranks(connection: Connection, rows: Sequence[Any]) -> dict[int, int]:
    """Give N of `vN` for versions; nothing for those of unknown content.

    Args:
        connection: Snapshot of the ledger's tables.
        rows: Versions with id, dataset, namespace, name, content, entry and ordinal.
    """
    known = [row for row in rows if row.content != UNVERSIONED]
    within = Counter(row.dataset for row in known)
    few = [row.id for row in known if within[row.dataset] < _MANY]
    many = [one for one, times in within.items() if times >= _MANY]
    places: dict[int, int] = {}
    for query, ids in ((_COUNTED, few), (_NUMBERED, many)):
        if ids:
            places.update((one, place) for one, place in connection.execute(query, {"ids": ids}))
    unknown = _unknown(connection, {(row.namespace, row.name) for row in known})
    found = {}
    for row in known:
        where = unknown.get((row.namespace, row.name))
        found[row.id] = places[row.id] - (where is not None and where <= (row.entry, row.ordinal))
    return found


def nth(connection: Connection, owner: Any, number: int, as_of: int) -> int | None:
    """Give the N-th distinct content of a dataset, from 1; None where there are not as many.

    Args:
        connection: Snapshot of the ledger's tables.
        owner: The dataset: id, namespace and name.
        number: N.
        as_of: Last entry that counts.
    """
    query = (
        select(version.c.id, version.c.entry, version.c.ordinal)
        .where(version.c.dataset == owner.id, version.c.entry <= as_of)
        .order_by(version.c.entry, version.c.ordinal)
        .offset(number - 1)
        .limit(2)
    )
    rows = connection.execute(query).all()
    unknown = _unknown(connection, {(owner.namespace, owner.name)}).get((owner.namespace, owner.name))
    if unknown is not None and rows and unknown <= (rows[0].entry, rows[0].ordinal):
        rows = rows[1:]
    return rows[0].id if rows else None


def _unknown(
    connection: Connection, datasets: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Give where the version of unknown content lies, for those datasets that have one."""
    ids = {node_id("version", *one, UNVERSIONED): one for one in datasets}
    rows = connection.execute(_PLACES, {"ids": list(ids)}) if ids else ()
    return {ids[one]: (entry, ordinal) for one, entry, ordinal in rows}
