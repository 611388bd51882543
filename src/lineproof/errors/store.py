"""Errors of the ledger and of what it lies in."""

from __future__ import annotations

from lineproof.errors.root import LineproofError

__all__ = [
    "BackupDamagedError",
    "BackupError",
    "CorruptLedgerError",
    "ExportError",
    "ForgettingError",
    "KeyEncryptionKeyError",
    "KeyFileError",
    "LedgerFullError",
    "LedgerInUseError",
    "MissingDriverError",
    "MissingKeyError",
    "NewerLedgerError",
    "NoLedgerError",
    "NodeCollisionError",
    "ObjectAccessError",
    "ObjectError",
    "OtherStoreError",
    "SealError",
    "StoreAddressError",
    "StoreError",
    "StoreLoginError",
    "StoreUnreachableError",
    "UnknownDatabaseError",
    "WitnessError",
]


class StoreError(LineproofError):
    """The ledger on disk is not usable as it is."""


class NoLedgerError(StoreError):
    """There is no `.lineproof` folder here or above."""

    code = "LP-STORE-01"
    advice = "run `lineproof init` in the project's folder, or set LINEPROOF_HOME"


class LedgerInUseError(StoreError):
    """Another process kept the ledger locked for too long."""

    code = "LP-STORE-02"
    advice = "wait for the other lineproof command to end, then try again; nothing was lost"


class LedgerFullError(StoreError):
    """The disk is full, or the folder may not be written to."""

    code = "LP-STORE-03"
    advice = "free space or fix the folder's permissions, then try again; acknowledged entries are safe"


class NewerLedgerError(StoreError):
    """The ledger was written by a newer lineproof."""

    code = "LP-STORE-04"
    advice = "pip install -U lineproof (nothing was changed)"


class CorruptLedgerError(StoreError):
    """The ledger cannot be read."""

    code = "LP-STORE-05"
    advice = "run `lineproof verify`, then `lineproof rebuild` if only tables differ, or restore a backup"


class KeyFileError(StoreError):
    """The signing key is missing or unusable."""

    code = "LP-STORE-06"
    advice = "restore .lineproof/keys from a backup; without the key the ledger can be read, not extended"


class NodeCollisionError(StoreError):
    """Two different names share one 64-bit identity."""

    code = "LP-STORE-07"
    advice = "rename one of the two; the entry was not recorded"


class ObjectError(StoreError):
    """A stored object is missing, or its bytes are not those recorded."""

    code = "LP-STORE-08"
    advice = (
        "restore .lineproof/objects from a backup; the entry that cites the object still names its digest"
    )


class ObjectAccessError(StoreError):
    """The place of objects cannot be reached."""

    code = "LP-STORE-41"
    advice = (
        "see that LINEPROOF_OBJECTS names a place that exists, that it is reachable from here, and that"
        " its credentials are set as its own tools expect them"
    )


class BackupError(StoreError):
    """A backup cannot be written, or is not a whole one."""

    code = "LP-STORE-42"
    advice = "nothing was changed; use another place, or an earlier backup"


class BackupDamagedError(BackupError):
    """The log of a backup is not what its key signed."""

    code = "LP-STORE-43"
    exit_code = 5
    advice = "nothing was restored; use another backup"


class ExportError(StoreError):
    """The log cannot be written out as files."""

    code = "LP-STORE-09"
    advice = "name a folder that you may write to; what was exported before is still whole"


class WitnessError(StoreError):
    """A witness cannot be reached, or does not keep what it is given."""

    code = "LP-STORE-10"
    advice = "see that its file or repository is there and may be written to, then `lineproof witness keep`"


class KeyEncryptionKeyError(StoreError):
    """The key under which people's keys lie is missing, unusable, or another one."""

    code = "LP-STORE-21"
    advice = (
        "state the key that the key store was made with: LINEPROOF_KEK, LINEPROOF_KEK_FILE, "
        "LINEPROOF_KEK_COMMAND, or the file .lineproof/keys/kek"
    )


class MissingKeyError(StoreError):
    """A payload is encrypted for a person whose key is not in the key store, and no entry destroyed it."""

    code = "LP-STORE-22"
    advice = "restore .lineproof/keys from its own backup; the log verifies without it"


class SealError(StoreError):
    """A payload does not open with its person's key: the payload or the key was altered."""

    code = "LP-STORE-23"
    advice = (
        "run `lineproof verify`: it says which payload was altered; restore a backup of it, or of the keys"
    )


class StoreAddressError(StoreError):
    """The address of a store cannot be read."""

    code = "LP-STORE-31"
    advice = (
        "write LINEPROOF_STORE=postgresql://user@host:5432/database; in a password, percent-encode what is "
        "neither letter nor digit, or leave it out and use PGPASSWORD or ~/.pgpass"
    )


class MissingDriverError(StoreError):
    """What talks to the database server is not installed."""

    code = "LP-STORE-32"
    advice = "pip install 'lineproof[postgres]'"


class StoreUnreachableError(StoreError):
    """The database server cannot be reached, or went away; what was acknowledged is safe."""

    code = "LP-STORE-33"
    advice = "start the server, or correct LINEPROOF_STORE, then do it again: nothing is recorded twice"


class StoreLoginError(StoreError):
    """The database server does not let this user in."""

    code = "LP-STORE-34"
    advice = "correct user and password in LINEPROOF_STORE, PGPASSWORD or ~/.pgpass, or ask for the rights"


class UnknownDatabaseError(StoreError):
    """The database server has no database of that name."""

    code = "LP-STORE-35"
    advice = "correct LINEPROOF_STORE, or make the database: createdb NAME; then `lineproof init`"


class OtherStoreError(StoreError):
    """The folder belongs to another ledger than the one that the store holds."""

    code = "LP-STORE-36"
    advice = "set LINEPROOF_HOME to the folder of that ledger, or LINEPROOF_STORE to the store of this folder"


class ForgettingError(StoreError):
    """The ledger holds what was destroyed before, and cannot destroy it again: files or keys do not allow it."""

    code = "LP-STORE-24"
    advice = "open it once as a user who may write to its folder, with the key that signs for it in keys/"
