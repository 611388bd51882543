"""That a file or folder holds some content now, recorded outside of any run."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from lineproof.model.entries import EntryType
from lineproof.model.identity import now
from lineproof.model.openlineage import (
    FILE_NAMESPACE,
    Dataset,
    DatasetEvent,
    DatasetType,
    DatasetVersion,
    Documentation,
)
from lineproof.store.ledger import Ledger
from lineproof.store.sequencer import NewEntry

__all__ = ["name_of", "record_content"]

_NAMED = 100  # of what has no part in a digest, in the record


def name_of(ledger: Ledger, path: Path) -> str:
    """Give the name that runs record a file by: relative to the folder that holds the ledger, if inside."""
    root, whole = ledger.folder.parent.resolve(), path.resolve()
    return str(whole.relative_to(root)) if whole.is_relative_to(root) else str(whole)


def record_content(ledger: Ledger, path: Path, digest: str, left_out: Mapping[str, str]) -> int:
    """Record that a file or folder holds this content now.

    Args:
        ledger: Where.
        path: The file or folder.
        digest: Of its bytes.
        left_out: What in the folder has no part in the digest: path, and what it is.

    Returns:
        The number of the entry.

    Raises:
        StoreError: The ledger cannot be written.
    """
    described = Dataset(
        namespace=FILE_NAMESPACE,
        name=name_of(ledger, path),
        facets={
            "version": DatasetVersion(dataset_version=digest),
            "datasetType": DatasetType(dataset_type="FILE"),
        },
    )
    if left_out:
        named = "; ".join(f"{place} ({what})" for place, what in islice(left_out.items(), _NAMED))
        told = f"The digest is not of all that is here. Left out: {len(left_out)}. {named}"
        described.facets["documentation"] = Documentation(description=told)
    event = DatasetEvent(event_time=now(), dataset=described)
    return ledger.append([NewEntry(EntryType.LINEAGE_EVENT, event.encode())]).first
