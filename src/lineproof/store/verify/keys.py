"""The keys that the log names: the one that is trusted among them, each later one endorsed by the one before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lineproof.errors import NoteError
from lineproof.ledger import VerifierKey, key_chain
from lineproof.store.keyring import StatedKey
from lineproof.store.verify.report import Failure, Findings

__all__ = ["check_keys"]


def check_keys(stated: Sequence[StatedKey], key: VerifierKey, findings: Findings) -> None:
    """Hold the keys that the log names against the one that is trusted, and against each other.

    Args:
        stated: What the log names, in order.
        key: The key that is trusted.
        findings: Where failures go.
    """
    if all(one.key != str(key) for one in stated) or stated[0].entry != 0:
        _fail(findings, 0, "verifier_key", stated[0].key if stated else None, str(key))
        return
    for before, after in pairwise(stated):
        if not _endorsed(before, after):
            found = "no endorsement" if after.endorsement is None else "one that does not hold"
            _fail(findings, after.entry, "endorsement", f"signed with the key of entry {before.entry}", found)


def _endorsed(before: StatedKey, after: StatedKey) -> bool:
    try:
        chain = key_chain([(before.key, None), (after.key, after.endorsement)], VerifierKey.parse(before.key))
    except NoteError:
        return False
    return len(chain) > 1


def _fail(findings: Findings, entry: int, field: str, expected: str | None, found: str) -> None:
    findings.add(Failure(kind="entry", entry=entry, field=field, expected=expected, found=found))
