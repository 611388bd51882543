"""What a backup is: a folder that either kind of store can be made from.

    manifest.json   what there must be, with the digest of each file; written last
    log.db          the log alone, in SQLite, whatever the ledger's own store: entries, payloads, tiles, head
    objects/        as in the ledger's folder
    spool/          what programs had written and nobody had taken in
    ledger.vkey     the public key: a backup verifies by itself
    keys/           only where asked for: whoever has them can sign and read in the ledger's name

What is projected from the log is not in it: it is made again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import msgspec
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from lineproof.errors import BackupError

__all__ = [
    "FORMAT",
    "KEYS",
    "LOG",
    "MANIFEST",
    "OBJECTS",
    "SPOOL",
    "Manifest",
    "digest_of",
    "log_of",
    "read_manifest",
]

FORMAT = 1
MANIFEST, LOG, OBJECTS, SPOOL, KEYS = "manifest.json", "log.db", "objects", "spool", "keys"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds.

    Attributes:
        format: Version of this form.
        ledger: Id of the ledger.
        made: When, RFC 3339.
        entries: Number of entries.
        checkpoint: The signed checkpoint over them.
        revision: Of the tables it was taken from.
        files: Digest of each file, by its path in the backup.
        objects: Digests of the objects.
        with_keys: Whether the keys are in it.
    """

    format: int = FORMAT
    ledger: str
    made: str
    entries: int
    checkpoint: str
    revision: str
    files: dict[str, str]
    objects: list[str]
    with_keys: bool


def read_manifest(backup: Path) -> Manifest:
    """Read what a backup holds, and see that its files are those it names.

    Raises:
        BackupError: It is no backup, not a whole one, of a newer form, or was altered.
    """
    try:
        manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeError) as error:
        raise BackupError(
            f"{backup} is no backup, or not a whole one: its {MANIFEST} cannot be read"
        ) from error
    if manifest.format > FORMAT:
        raise BackupError(f"{backup} is of form {manifest.format}; this version reads up to {FORMAT}")
    for name, digest in manifest.files.items():
        path = backup / name
        if backup.resolve() not in path.resolve().parents:
            raise BackupError(f"{backup} names a file outside itself")
        if not path.is_file() or digest_of(path) != digest:
            raise BackupError(f"{path} is not the file that was backed up")
    return manifest


def log_of(backup: Path) -> Engine:
    """Give the log of a backup to read; to look at it changes nothing in its file."""
    address = f"{(backup / LOG).absolute().as_uri()}?mode=ro&immutable=1"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)


def digest_of(path: Path) -> str:
    """Give the digest of a file."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
