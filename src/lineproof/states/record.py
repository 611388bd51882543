"""From a file to what the ledger keeps of it: facets on its version, its state as an object."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import msgspec

from lineproof.data.arrow import set_pandas_aside
from lineproof.data.classification import Classification as Class
from lineproof.data.drift import kept as drift_summary
from lineproof.data.keeping import Kept, keep, never
from lineproof.data.kernel import codec
from lineproof.errors import UnstableDataError
from lineproof.graph import view
from lineproof.graph.facts import Facts, VersionFacts
from lineproof.graph.tags import Tags
from lineproof.model.entries import EntryType
from lineproof.model.facets import Classification, Fingerprint, Profile
from lineproof.model.identity import now
from lineproof.model.openlineage import (
    Dataset,
    DatasetEvent,
    DatasetVersion,
    Schema,
    SchemaField,
)
from lineproof.states.words import words_on
from lineproof.store import Ledger, NewEntry

__all__ = ["Recorded", "note_missing", "record_file", "tags_of"]

_TREE = "sha256-tree:"
# A table with one of these is about somebody's health; identifiers in it are then PHI (45 CFR 160.103).
_OF_HEALTH = frozenset({"DIAGNOSIS", "HEALTH", "GENETIC", "MRN", "HEALTH_PLAN_ID"})


class Recorded(msgspec.Struct, frozen=True):
    """What was kept, and the entry that says so."""

    kept: Kept
    entry: int


def record_file(
    ledger: Ledger, version: VersionFacts, path: Path, *, spent: Callable[[], bool] = never
) -> Recorded | None:
    """Read a file and keep what it is like with the version that it is.

    Args:
        ledger: Where.
        version: The dataset version.
        path: Where its file is.
        spent: Tells whether reading has taken as long as it may.

    Returns:
        Nothing where the file holds another content than the version by now.

    Raises:
        DataError: It cannot be read as a table, or takes too long.
        StoreError: The ledger cannot be written.
    """
    # 1. Find which columns are personal by people's word or by what they came from: of these no value stays.
    # 2. Read; compare the digest of what was read with the version's.
    # 3. Objects first, then the entry that names them.
    with ledger.connection() as connection:
        facts = Facts(connection, view(connection))
        columns = facts.columns_of([version.id])[version.id]
        tags = Tags.near(facts, [one.id for one in columns])
        also = {one.name for one in columns if tags.personal(one.id)}
        word = words_on(connection, facts.view, version.namespace, version.name)
    set_pandas_aside()
    try:
        kept = keep(path, said=word, also=also, spent=spent)
    except UnstableDataError:
        return None
    if not _same(path, kept.scan.digest, version.content):
        return None
    event = _event(ledger, version, kept, also, known=bool(columns))
    return Recorded(kept, ledger.append([NewEntry(EntryType.LINEAGE_EVENT, event.encode())]).first)


def note_missing(ledger: Ledger, version: VersionFacts, why: str) -> None:
    """Record that nothing is kept of a version, and why."""
    event = _about(version, {"lineproof_profile": Profile(missing=why)})
    ledger.append([NewEntry(EntryType.LINEAGE_EVENT, event.encode())])


def tags_of(found: dict[str, Class]) -> dict[str, list[str]]:
    """Give the tags that follow from what was found: PII, SPECIAL, PHI and the class itself."""
    health = any(one.class_ in _OF_HEALTH for one in found.values())
    identified = any(one.hipaa is not None for one in found.values())
    tags = {}
    for name, one in found.items():
        if not one.personal:
            continue
        words = ["PII", *(["SPECIAL"] if one.gdpr == "special" else [])]
        if health and identified and (one.hipaa is not None or one.class_ in _OF_HEALTH):
            words.append("PHI")
        tags[name] = [*words, one.class_]
    return tags


def _same(path: Path, digest: str | None, content: str) -> bool:
    if digest == content:
        return True
    if digest is None or not digest.startswith(_TREE) or content.startswith(_TREE):
        return False
    with path.open("rb") as file:  # large files have a digest of their own form; runs hash them plainly
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == content


def _event(
    ledger: Ledger, version: VersionFacts, kept: Kept, also: Collection[str], *, known: bool
) -> DatasetEvent:
    document = kept.scan.document()
    classes = msgspec.to_builtins(kept.found)
    of_class = {field for one in classes.values() for field in one}
    columns = {
        name: {field: value for field, value in fields.items() if field not in of_class | {"fingerprint"}}
        for name, fields in document["columns"].items()
    }
    withheld = {name for name, one in kept.scan.classes.items() if one.personal} | (
        set(also) & columns.keys()
    )
    profile = Profile(
        rows=document["rows"],
        columns=columns,
        state=ledger.objects.put(codec.to_bytes(kept.scan.state)),
        state_format=codec.FORMAT,
        withheld=sorted(withheld),
    )
    if kept.summary is not None:
        profile.drift = ledger.objects.put(drift_summary.to_bytes(kept.summary))
        profile.drift_format = drift_summary.FORMAT
    facets: dict[str, Any] = {
        "lineproof_profile": profile,
        "lineproof_classification": Classification(columns=classes, tags=tags_of(kept.found)),
        "lineproof_fingerprint": Fingerprint(
            fingerprint=document["fingerprint"],
            rows=document["rows"],
            columns={name: fields["fingerprint"] for name, fields in document["columns"].items()},
            tier="full",
        ),
    }
    if not known:  # nobody has said which columns it has
        fields = [SchemaField(name=name, type=about["type"]) for name, about in columns.items()]
        facets["schema"] = Schema(fields=fields)
    return _about(version, facets)


def _about(version: VersionFacts, facets: dict[str, Any]) -> DatasetEvent:
    described = Dataset(
        namespace=version.namespace,
        name=version.name,
        facets={"version": DatasetVersion(dataset_version=version.content), **facets},
    )
    return DatasetEvent(event_time=now(), dataset=described)
