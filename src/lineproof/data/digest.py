"""Byte digest: the evidence of what was in a file.

sha256:<64 hex>         SHA-256 of the bytes: files below 1 GiB
sha256-tree:<64 hex>    files of 1 GiB and more, hashed by several threads. Cut the bytes into leaves of
                        64 MiB, the last may be shorter; a leaf's hash is SHA-256(0x00 | bytes); the
                        digest is SHA-256(0x01 | size as 8 bytes, little-endian | hashes in order)
sha256-folder:<64 hex>  a folder: SHA-256 of one line for each of its files, sorted by path: digest, two
                        spaces, path relative to the folder with `/`, line feed (`data.folder_digest`)

A file that is as it was when the nearest ledger's cache last saw it is not read again (`lineproof.files`).
Holes of sparse files are hashed as the zeros they read as; as a tree, those of whole leaves cost nothing.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG

from lineproof.errors import DataAccessError, DataLimitError, UnstableDataError
from lineproof.files.cache import nearest_cache
from lineproof.files.hashing import (
    NoFileError,
    NotHashedError,
    add_range,
    data_from,
    hash_limit,
    opened,
    plain_sha256,
    refuse_beyond,
)
from lineproof.files.status import Key, key_of, settled

__all__ = ["LEAF", "TREE_FROM", "digest_of_open", "explained", "file_digest", "stamp", "unchanged"]

TREE_FROM = 1 << 30
LEAF = 1 << 26
_LARGEST = 1 << 44  # bytes; beyond that even the list of a tree's leaves takes minutes
_WORTH = 1 << 20  # bytes from which a single file is looked up before it is read


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what reading a file may raise into an error that says what to do."""
    try:
        yield
    except NotHashedError as error:
        raise DataLimitError(
            f"{path} is {error.strerror}", "set LINEPROOF_HASH_LIMIT to more bytes, or leave it unset"
        ) from error
    except NoFileError as error:
        remedy = "write what comes out of it into a file, and give that"
        raise DataAccessError(f"{path} cannot be read: {error.strerror}", remedy) from error
    except OSError as error:
        raise DataAccessError(f"{path} cannot be read: {error.strerror}") from error


def stamp(path: Path) -> Key:
    """Give what changes when a file is written: device, inode, size, times of change.

    Raises:
        DataAccessError: It cannot be looked at, or is a pipe or a device, on which a reader could wait for ever.
    """
    with explained(path):
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise NoFileError(status.st_mode)
        return key_of(status)


def unchanged(path: Path, before: Key) -> None:
    """Check that a file is as it was.

    Raises:
        UnstableDataError: It was written or replaced meanwhile.
    """
    if stamp(path) != before:
        raise UnstableDataError(f"{path} changed while it was read")


def file_digest(path: Path, *, tree_from: int | None = TREE_FROM, leaf: int = LEAF) -> str:
    """Give the digest of a file.

    Args:
        path: The file.
        tree_from: Size in bytes from which it is hashed as a tree; None for never, as runs record files.
        leaf: Size of the leaves; only the default gives digests that others can compare.

    Raises:
        DataAccessError: It cannot be read, or is no file.
        DataLimitError: It is larger than LINEPROOF_HASH_LIMIT allows.
        UnstableDataError: It changed meanwhile.
    """
    before = stamp(path)
    size = before[2]
    cache = nearest_cache() if size >= _WORTH and tree_from in (None, TREE_FROM) and leaf == LEAF else None
    as_tree = tree_from is not None and size >= tree_from
    with explained(path), opened(path) as (descriptor, status):
        key, folder = key_of(status), path.absolute().parent.stat()
        known = None if cache is None else cache.find(key, folder, "sha256-tree" if as_tree else "sha256")
        if known is not None:
            return known
        began = time.time_ns()
        digest = digest_of_open(descriptor, status, leaf, as_tree=as_tree)
        if not before == key == key_of(os.fstat(descriptor)):
            raise UnstableDataError(f"{path} changed while it was read")
    unchanged(path, before)
    if cache is not None and settled(key, began):
        cache.put([(key, digest)], folder)
    return digest


def digest_of_open(descriptor: int, status: os.stat_result, leaf: int = LEAF, *, as_tree: bool) -> str:
    """Give the digest of an open file as it was when its status was taken.

    Raises:
        OSError: It cannot be read, or is too large.
    """
    refuse_beyond(status.st_size, hash_limit(_LARGEST))
    if not as_tree:
        return plain_sha256(descriptor, status)[0]
    top = hashlib.sha256(b"\1" + status.st_size.to_bytes(8, "little"))
    for hashed in _leaves(descriptor, status, leaf):
        top.update(hashed)
    return f"sha256-tree:{top.hexdigest()}"


def _leaves(descriptor: int, status: os.stat_result, leaf: int) -> Iterator[bytes]:
    """Hash the leaves of a tree, in order; whole ones that lie in holes are known without being read."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only large files need it

    size, holes = status.st_size, status.st_blocks * 512 < status.st_size
    places = range(0, size, leaf)
    filled = set(_filled(descriptor, size, leaf)) if holes else None
    empty = _leaf_of_zeros(leaf) if holes else b""

    def one(start: int) -> bytes:
        digest = hashlib.sha256(b"\0")
        add_range(digest, descriptor, start, min(start + leaf, size), holes=holes)
        return digest.digest()

    read = places if filled is None else [start for start in places if start in filled]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hashes = pool.map(one, read)
        for start in places:
            yield next(hashes) if filled is None or start in filled else empty


def _filled(descriptor: int, size: int, leaf: int) -> Iterator[int]:
    """Give the starts of the leaves that hold data, and of the last where it is shorter than others."""
    at = 0
    while at < size:
        data, _ = data_from(descriptor, at, size)
        if data >= size:
            break
        start = data - data % leaf
        yield start
        at = start + leaf
    if size % leaf:
        yield size - size % leaf


def _leaf_of_zeros(leaf: int) -> bytes:
    digest = hashlib.sha256(b"\0")
    block = bytes(min(leaf, 1 << 20))
    for start in range(0, leaf, len(block)):
        digest.update(block[: leaf - start])
    return digest.digest()
