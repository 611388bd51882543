"""The witnesses of a ledger, as its own entries name them."""

from __future__ import annotations

import msgspec

from lineproof.model.entries import EntryType
from lineproof.model.statements import Witness
from lineproof.store.database import Session

__all__ = ["KnownWitness", "known_witnesses"]


class KnownWitness(msgspec.Struct, kw_only=True):
    """What a ledger says of one of its witnesses.

    Attributes:
        witness: Identifier, UUID.
        entry: The entry that added it.
        certificate: What its signatures are checked with, where it makes some.
        tokens: Where they are kept, where it does not.
        kept: Entry to the checkpoint that was handed over, oldest first.
    """

    witness: str
    name: str
    kind: str
    location: str
    entry: int
    certificate: str | None = None
    tokens: str | None = None
    kept: dict[int, str] = {}


def known_witnesses(connection: Session) -> list[KnownWitness]:
    """Give the witnesses that were added and not removed, in that order."""
    # The type is asked of the log's own table: a projected one may be altered to hide a witness.
    rows = connection.execute(
        "SELECT seq, body FROM entry JOIN payload USING (seq) WHERE type = ? AND body IS NOT NULL ORDER BY seq",
        (EntryType.WITNESS,),
    )
    found: dict[str, KnownWitness] = {}
    for seq, body in rows:
        try:
            stated = msgspec.json.decode(body, type=Witness)
        except (msgspec.DecodeError, TypeError, UnicodeError):
            continue  # `verify` names a payload that was altered
        known = found.get(stated.witness)
        if stated.action == "added":
            found[stated.witness] = KnownWitness(
                witness=stated.witness,
                name=stated.name,
                kind=stated.kind,
                location=stated.location,
                entry=seq,
                certificate=stated.certificate,
                tokens=stated.tokens,
            )
        elif stated.action == "removed":
            found.pop(stated.witness, None)
        elif known is not None and stated.checkpoint is not None:
            known.kept[seq] = stated.checkpoint
    return list(found.values())
