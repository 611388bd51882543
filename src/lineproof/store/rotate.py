"""A new key for a ledger, handed over in an entry of the log."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lineproof.errors import NoteError
from lineproof.ledger import SigningKey, endorse, open_checkpoint
from lineproof.model.entries import EntryType, KeyAdded
from lineproof.model.identity import now
from lineproof.store.database import Cursor, Session
from lineproof.store.keyring import stated_keys
from lineproof.store.keys import next_key, put_next_key, settle_next_key
from lineproof.store.sequencer import NewEntry, append_group

__all__ = ["Rotated", "rotate", "settle_rotation"]


class Rotated(msgspec.Struct, frozen=True):
    """A key that took over.

    Attributes:
        entry: The entry that says so.
        verifier_key: To be given to those who verify.
        fingerprint: To be compared by another way.
    """

    entry: int
    verifier_key: str
    fingerprint: str


def rotate(
    cursor: Cursor, folder: Path, ledger: str, principal: str, key: SigningKey, reason: str
) -> Rotated:
    """Append the entry that hands over to a new key; the first checkpoint over it is the new key's.

    The caller holds the lock and commits, and calls `settle_rotation` after that.
    """
    # 1. A key that no earlier one shares its id with: signatures name their key by it.
    # 2. On disk before anything is signed with it: a committed head without its key could not be extended.
    # 3. The old key signs for the new one, the entry says so, the new key signs the head.
    known = {one.key.rsplit("+", 2)[-2] for one in stated_keys(cursor.connection)}
    while (new := SigningKey.generate(key.name)).verifier.key_id.hex() in known:
        pass
    put_next_key(folder, new)
    added = KeyAdded(
        verifier_key=str(new.verifier), time=now(), endorsement=endorse(key, new.verifier), reason=reason
    )
    item = NewEntry(EntryType.KEY, msgspec.json.encode(added))
    done = append_group(cursor, ledger, principal, key, [item], successor=new)
    return Rotated(done.first, str(new.verifier), new.verifier.fingerprint)


def settle_rotation(connection: Session, folder: Path) -> None:
    """Put a new key in its place once the log is signed with it, or drop it when that never came to be.

    Whoever is killed between the commit and the change of files leaves this to the next writer. The caller
    holds the lock.
    """
    new = next_key(folder)
    if new is None:
        return
    (checkpoint,) = connection.execute("SELECT checkpoint FROM head").fetchone()
    try:
        open_checkpoint(checkpoint, [new.verifier])
    except NoteError:
        settle_next_key(folder, new, took_over=False)
    else:
        settle_next_key(folder, new, took_over=True)
