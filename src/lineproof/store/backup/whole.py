"""Whether the log of a backup is what its key signed, seen before it takes anybody's place."""

from __future__ import annotations

from pathlib import Path

from lineproof.errors import BackupDamagedError, StoreError
from lineproof.store.backup.format import Manifest
from lineproof.store.database import SqliteDatabase
from lineproof.store.seen import seen_file
from lineproof.store.vault import Vault
from lineproof.store.verify import Scope, verify_ledger

__all__ = ["demand_whole"]

_LATER = ("rollback", "fork", "witness")
_SHOWN = 3  # failures that a message names


def demand_whole(path: Path, keys: Path, manifest: Manifest) -> None:
    """See that a draft's log verifies, and ends where the manifest says.

    Raises:
        BackupDamagedError: It does not.
    """
    database, place = SqliteDatabase(path), str(path)
    vault = Vault(keys, manifest.ledger)
    try:
        report = verify_ledger(database, keys, manifest.ledger, vault.open, place=place, scope=Scope.LOG)
    except StoreError as error:
        raise BackupDamagedError(f"the log of the backup cannot be verified: {error.message}") from error
    finally:
        database.close()
        vault.close()
        remembered = seen_file(manifest.ledger, place)  # a draft is no place to remember
        if remembered is not None:
            remembered.unlink(missing_ok=True)
    # That somebody saw a later state is why it is restored: the log will say so.
    failures = [one for one in report.failures if one.kind not in _LATER]
    more = report.failure_count > len(report.failures)
    if failures or more or report.checkpoint != manifest.checkpoint:
        named = "; ".join(f"{one.kind} {one.entry} {one.field or ''}".strip() for one in failures[:_SHOWN])
        raise BackupDamagedError(
            f"the log of the backup does not verify: {named or 'it ends elsewhere than it says'}",
            "use another backup; or, where the key was rotated since, restore it into a new folder: --into DIR",
        )
