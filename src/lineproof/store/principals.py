"""Who appends: the operating-system user, known to the ledger by a random reference."""

from __future__ import annotations

import getpass
import os
import uuid

import msgspec

from lineproof.model.entries import AuthMethod, EntryType, Grant
from lineproof.model.identity import now
from lineproof.store.database import Cursor
from lineproof.store.sequencer import NewEntry

__all__ = ["current_user", "known_principal", "new_principal"]


def new_principal(name: str | None = None) -> tuple[str, NewEntry]:
    """Give a new reference for a person, and the entry that says who it stands for.

    Args:
        name: As asserted; the user of this process when left out.
    """
    reference = f"principal:{uuid.uuid4()}"
    grant = Grant(
        principal=reference,
        kind="person",
        name=name or current_user(),
        auth_method=AuthMethod.SELF_ASSERTED,
        time=now(),
    )
    return reference, NewEntry(EntryType.GRANT, msgspec.json.encode(grant))


def known_principal(cursor: Cursor, name: str | None = None) -> str | None:
    """Give the reference that the ledger knows a person by, or None.

    Args:
        cursor: Of the ledger.
        name: As asserted; the user of this process when left out.
    """
    found = cursor.execute(
        "SELECT ref FROM principal WHERE name = ? AND auth_method = ? ORDER BY entry LIMIT 1",
        (name or current_user(), AuthMethod.SELF_ASSERTED.value),
    ).fetchone()
    return None if found is None else str(found[0])


def current_user() -> str:
    """Give the name of the user of this process, or its number where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password file, as in many containers
        return f"uid:{os.getuid()}"
