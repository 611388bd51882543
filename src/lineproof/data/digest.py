"""Byte digest: the evidence of what was in a file.

sha256:<64 hex>         SHA-256 of the bytes: files below 1 GiB
sha256-tree:<64 hex>    files of 1 GiB and more, hashed by several threads. Cut the bytes into leaves of
                        64 MiB, the last may be shorter; a leaf's hash is SHA-256(0x00 | bytes); the
                        digest is SHA-256(0x01 | size as 8 bytes, little-endian | hashes in order)
sha256-folder:<64 hex>  a folder: SHA-256 of one line for each of its files, sorted by path: digest, two
                        spaces, path relative to the folder with `/`, line feed
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lineproof.errors import DataAccessError, UnstableDataError

__all__ = ["LEAF", "TREE_FROM", "Stamp", "file_digest", "folder_digest", "stamp", "unchanged"]

TREE_FROM = 1 << 30
LEAF = 1 << 26
_PIECE = 1 << 20

Stamp = tuple[int, int, int, int]


def stamp(path: Path) -> Stamp:
    """Give what changes when a file is written: device, inode, size, time of change.

    Raises:
        DataAccessError: It cannot be looked at.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise DataAccessError(f"{path} cannot be read: {error.strerror}") from error
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def unchanged(path: Path, before: Stamp) -> None:
    """Check that a file is as it was.

    Raises:
        UnstableDataError: It was written or replaced meanwhile.
    """
    if stamp(path) != before:
        raise UnstableDataError(f"{path} changed while it was read")


def file_digest(path: Path, *, tree_from: int = TREE_FROM, leaf: int = LEAF) -> str:
    """Give the digest of a file.

    Args:
        path: The file.
        tree_from: Size in bytes from which it is hashed as a tree.
        leaf: Size of the leaves; only the default gives digests that others can compare.

    Raises:
        DataAccessError: It cannot be read.
        UnstableDataError: It changed meanwhile.
    """
    before = stamp(path)
    size = before[2]
    try:
        if size < tree_from:
            digest = f"sha256:{_hash_part(path, b'', 0, None).hex()}"
        else:
            digest = f"sha256-tree:{_hash_tree(path, size, leaf)}"
    except OSError as error:
        raise DataAccessError(f"{path} cannot be read: {error.strerror}") from error
    unchanged(path, before)
    return digest


def folder_digest(folder: Path, files: tuple[Path, ...]) -> str:
    """Give the digest of files in a folder; see `file_digest` for what it raises."""
    lines = sorted((path.relative_to(folder).as_posix(), file_digest(path)) for path in files)
    whole = hashlib.sha256()
    for name, digest in lines:
        whole.update(f"{digest}  {name}\n".encode("utf-8", "surrogatepass"))
    return f"sha256-folder:{whole.hexdigest()}"


def _hash_tree(path: Path, size: int, leaf: int) -> str:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hashes = pool.map(lambda start: _hash_part(path, b"\0", start, leaf), range(0, size, leaf))
        top = hashlib.sha256(b"\1" + size.to_bytes(8, "little"))
        for one in hashes:
            top.update(one)
    return top.hexdigest()


def _hash_part(path: Path, prefix: bytes, start: int, size: int | None) -> bytes:
    """Hash so many bytes from a place on; all when no size is given."""
    digest = hashlib.sha256(prefix)
    left = float("inf") if size is None else size
    block = memoryview(bytearray(_PIECE))
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while left > 0 and (read := file.readinto(block[: int(min(_PIECE, left))])):
            digest.update(block[:read])
            left -= read
    return digest.digest()
