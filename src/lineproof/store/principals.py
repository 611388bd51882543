"""Who appends: the operating-system user, known to the ledger by a random reference."""

from __future__ import annotations

import getpass
import os
import sqlite3
import uuid

import msgspec

from lineproof.model.entries import AuthMethod, EntryType, Grant
from lineproof.model.identity import now
from lineproof.store.sequencer import NewEntry

__all__ = ["known_principal", "new_principal"]


def new_principal() -> tuple[str, NewEntry]:
    """Give a new reference for the user of this process, and the entry that says who it stands for."""
    reference = f"principal:{uuid.uuid4()}"
    grant = Grant(
        principal=reference, kind="person", name=_user(), auth_method=AuthMethod.SELF_ASSERTED, time=now()
    )
    return reference, NewEntry(EntryType.GRANT, msgspec.json.encode(grant))


def known_principal(cursor: sqlite3.Cursor) -> str | None:
    """Give the reference that the ledger knows the user of this process by, or None."""
    found = cursor.execute(
        "SELECT ref FROM principal WHERE name = ? AND auth_method = ? ORDER BY entry LIMIT 1",
        (_user(), AuthMethod.SELF_ASSERTED.value),
    ).fetchone()
    return None if found is None else str(found[0])


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password file, as in many containers
        return f"uid:{os.getuid()}"
