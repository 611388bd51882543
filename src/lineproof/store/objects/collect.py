"""Removing objects that nothing in the ledger names any more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from lineproof.store.objects.interface import Kept, Objects

__all__ = ["Collected", "collect"]

_NAMED = re.compile(rb"sha256:[0-9a-f]{64}")


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What a collection found.

    Attributes:
        place: Where.
        objects: How many there were.
        removed: Those that went, or would go.
        held: Those that nothing names and a legal hold keeps.
        young: Those that nothing names yet: put less than the grace time ago.
        freed_bytes: Bytes of those removed.
        dry_run: Nothing was removed.
    """

    place: str
    objects: int
    removed: list[str]
    held: list[str]
    young: list[str]
    freed_bytes: int
    dry_run: bool


def collect(
    objects: Objects,
    payloads: Iterable[bytes],
    *,
    grace_s: float,
    held: Callable[[str], bool],
    dry_run: bool = False,
) -> Collected:
    """Remove what no payload names.

    Args:
        objects: Where.
        payloads: All payloads of the ledger, readable; any digest in them counts as named.
        grace_s: What was put less than so many seconds ago stays: its entry may be on its way.
        held: Whether a legal hold keeps an object.
        dry_run: Say only what would go.
    """
    # 1. List first, then read the ledger: an object that is put meanwhile is not in the list.
    # 2. Whatever any payload names stays, in whatever field it stands.
    # 3. What is left goes, unless it is young or held.
    there = list(objects.kept())
    waiting = {one.digest.encode(): one for one in there}
    for payload in payloads:
        if not waiting:
            break
        for name in _NAMED.findall(payload):
            waiting.pop(name, None)
    young = [one for one in waiting.values() if one.age_s < grace_s]
    old = [one for one in waiting.values() if one.age_s >= grace_s]
    kept = [one for one in old if held(one.digest)]
    gone = [one for one in old if one not in kept]
    if not dry_run:
        for one in gone:
            objects.remove(one.digest)
    return Collected(
        place=objects.place,
        objects=len(there),
        removed=_names(gone),
        held=_names(kept),
        young=_names(young),
        freed_bytes=sum(one.size_bytes for one in gone),
        dry_run=dry_run,
    )


def _names(found: Iterable[Kept]) -> list[str]:
    return sorted(one.digest for one in found)
