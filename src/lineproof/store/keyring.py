"""The keys that have signed for a ledger, as its own entries name them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lineproof.ledger import VerifierKey, key_chain
from lineproof.model.entries import EntryType, KeyAdded
from lineproof.store.database import Session

__all__ = ["StatedKey", "chain_of", "stated_keys", "trusted_keys"]


class StatedKey(msgspec.Struct, frozen=True):
    """A key as an entry names it.

    Attributes:
        entry: The entry.
        key: Verifier key.
        endorsement: Note in which the key before hands over to it; None for the first.
    """

    entry: int
    key: str
    endorsement: str | None


def stated_keys(connection: Session) -> list[StatedKey]:
    """Give the keys that the log names, in order."""
    rows = connection.execute(
        "SELECT seq, body FROM entry JOIN payload USING (seq) WHERE type = ? ORDER BY seq", (EntryType.KEY,)
    )
    found = []
    for seq, body in rows:
        try:
            added = msgspec.json.decode(body, type=KeyAdded)
        except (msgspec.DecodeError, TypeError, UnicodeError):
            continue  # `verify` names a payload that was altered
        found.append(StatedKey(seq, added.verifier_key, added.endorsement))
    return found


def trusted_keys(connection: Session, key: VerifierKey) -> list[VerifierKey]:
    """Give the keys of a ledger as far as trust in one of them reaches, the present one last."""
    return chain_of(stated_keys(connection), key)


def chain_of(stated: Sequence[StatedKey], key: VerifierKey) -> list[VerifierKey]:
    """Give the same from keys that have been read."""
    return key_chain([(one.key, one.endorsement) for one in stated], key)
