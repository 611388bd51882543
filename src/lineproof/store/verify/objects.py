"""The objects: each one holds the bytes it is named after, and those that the log names are there."""

from __future__ import annotations

import re
from collections.abc import Callable

from lineproof.errors import ObjectAccessError, ObjectError
from lineproof.model.entries import EntryType
from lineproof.store.database import Session, stream
from lineproof.store.objects import Objects
from lineproof.store.verify.report import Failure, Findings

__all__ = ["check_objects"]

_QUERY = "SELECT seq, type, body FROM entry JOIN payload USING (seq) WHERE type IN (?, ?) ORDER BY seq"
# The fields that name an object; other digests in payloads are of what is kept elsewhere.
_NAMED = {
    EntryType.LINEAGE_EVENT: re.compile(rb'"(patch_digest)"\s*:\s*"(sha256:[0-9a-f]{64})"'),
    EntryType.DOCUMENT: re.compile(rb'"(digest)"\s*:\s*"(sha256:[0-9a-f]{64})"'),
}


def check_objects(session: Session, opened: Callable[[], Objects], findings: Findings) -> list[str]:
    """Read all objects, and look for those that entries name; give warnings of what could not be read.

    Args:
        session: Snapshot of the ledger.
        opened: Gives the place where they are kept.
        findings: Where failures go.
    """
    try:
        objects = opened()
        altered = {one.digest for one in objects.kept() if not _holds(objects, one.digest)}
        for seq, type_, body in stream(session, _QUERY, tuple(str(one) for one in _NAMED)):
            for field, name in _NAMED[EntryType(type_)].findall(body) if isinstance(body, bytes) else ():
                digest = name.decode()
                if digest in altered:
                    altered.discard(digest)
                    _fail(findings, seq, field.decode(), digest, "other bytes than it is named after")
                elif not objects.has(digest):
                    _fail(findings, seq, field.decode(), digest, None)
        for digest in sorted(altered):
            _fail(findings, None, None, digest, "other bytes than it is named after")
    except ObjectAccessError as error:
        return [f"the objects were not all read: {error.message}"]
    return []


def _holds(objects: Objects, digest: str) -> bool:
    try:
        objects.get(digest)
    except ObjectAccessError:
        raise
    except ObjectError:
        return False
    return True


def _fail(findings: Findings, entry: int | None, field: str | None, digest: str, found: str | None) -> None:
    findings.add(
        Failure(kind="object", entry=entry, key={"object": digest}, field=field, expected=digest, found=found)
    )
