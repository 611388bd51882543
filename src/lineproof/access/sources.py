"""Where a dataset comes from, as a person states it: an OpenLineage event about the dataset."""

from __future__ import annotations

from msgspec import UNSET

from lineproof.access.data import dataset_named
from lineproof.errors import CommandError
from lineproof.graph import view
from lineproof.graph.facts import UNVERSIONED
from lineproof.model.entries import EntryType
from lineproof.model.facets import Source
from lineproof.model.identity import now
from lineproof.model.openlineage import Dataset, DatasetEvent, DatasetVersion
from lineproof.store import Ledger, NewEntry

__all__ = ["set_source"]

_STATED = ("origin", "licence", "region", "owner", "obtained", "purpose", "tags")


def set_source(ledger: Ledger, reference: str, source: Source, *, acting_as: str | None = None) -> int:
    """Record where a dataset comes from; it holds for all its versions.

    Args:
        ledger: Where.
        reference: `dataset:NAME`.
        source: Origin, licence, region, owner, how it was obtained, and why this is stated.
        acting_as: Name of who states it, as asserted; the user of this process when left out.

    Returns:
        Number of the entry.

    Raises:
        CommandError: Nothing is stated.
        UsageError: There is no such dataset.
    """
    if all(getattr(source, name) is UNSET for name in _STATED):
        raise CommandError("nothing is said of the source", "give --origin, --licence, --region or another")
    with ledger.connection() as connection:
        found = dataset_named(connection, reference, view(connection))
    version = (
        {} if found.content == UNVERSIONED else {"version": DatasetVersion(dataset_version=found.content)}
    )
    described = Dataset(
        namespace=found.namespace, name=found.name, facets={**version, "lineproof_source": source}
    )
    event = DatasetEvent(event_time=now(), dataset=described)
    return ledger.append([NewEntry(EntryType.LINEAGE_EVENT, event.encode())], acting_as=acting_as).first
