"""Backups of a ledger while it is in use, and what is made from them, in either kind of store."""

from lineproof.store.backup.format import Manifest, read_manifest
from lineproof.store.backup.keys import write_keys
from lineproof.store.backup.restore import Restored, restore_backup
from lineproof.store.backup.write import write_backup

__all__ = ["Manifest", "Restored", "read_manifest", "restore_backup", "write_backup", "write_keys"]
