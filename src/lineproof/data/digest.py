"""Byte digest: the evidence of what was in a file.

sha256:<64 hex>         SHA-256 of the bytes: files below 1 GiB
sha256-tree:<64 hex>    files of 1 GiB and more, hashed by several threads. Cut the bytes into leaves of
                        64 MiB, the last may be shorter; a leaf's hash is SHA-256(0x00 | bytes); the
                        digest is SHA-256(0x01 | size as 8 bytes, little-endian | hashes in order)
sha256-folder:<64 hex>  a folder: SHA-256 of one line for each of its files, sorted by path: digest, two
                        spaces, path relative to the folder with `/`, line feed

A file that is as it was when the nearest ledger's cache last saw it is not read again (`lineproof.files`).
"""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from lineproof.errors import DataAccessError, UnstableDataError
from lineproof.files.cache import DigestCache, nearest_cache
from lineproof.files.status import Key, key_of, settled

__all__ = [
    "LEAF",
    "TREE_FROM",
    "FolderDigest",
    "Stamp",
    "file_digest",
    "folder_digest",
    "stamp",
    "unchanged",
    "whole_folder",
]

TREE_FROM = 1 << 30
LEAF = 1 << 26
_PIECE = 1 << 20
_WORTH = 1 << 20  # bytes from which a single file is looked up before it is read
_TREE = "sha256-tree:"
_OURS = frozenset({".lineproof"})

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


def file_digest(path: Path, *, tree_from: int | None = TREE_FROM, leaf: int = LEAF) -> str:
    """Give the digest of a file.

    Args:
        path: The file.
        tree_from: Size in bytes from which it is hashed as a tree; None for never, as runs record files.
        leaf: Size of the leaves; only the default gives digests that others can compare.

    Raises:
        DataAccessError: It cannot be read.
        UnstableDataError: It changed meanwhile.
    """
    before = stamp(path)
    size = before[2]
    cache = nearest_cache() if size >= _WORTH and tree_from in (None, TREE_FROM) and leaf == LEAF else None
    as_tree = tree_from is not None and size >= tree_from
    try:
        key, folder = key_of(path.stat()), path.absolute().parent.stat()
        known = None if cache is None else cache.find(key, folder, "sha256-tree" if as_tree else "sha256")
        if known is not None:
            return known
        began = time.time_ns()
        digest = _digest(path, size, leaf, as_tree=as_tree)
    except OSError as error:
        raise DataAccessError(f"{path} cannot be read: {error.strerror}") from error
    unchanged(path, before)
    if cache is not None and settled(key, began) and key_of(path.stat()) == key:
        cache.put([(key, digest)], folder)
    return digest


def _digest(path: Path, size: int, leaf: int = LEAF, *, as_tree: bool) -> str:
    if as_tree:
        return f"sha256-tree:{_hash_tree(path, size, leaf)}"
    return f"sha256:{_hash_part(path, b'', 0, None).hex()}"


def folder_digest(folder: Path, files: tuple[Path, ...]) -> str:
    """Give the digest of files in a folder; see `file_digest` for what it raises."""
    return _of_lines([(path.relative_to(folder).as_posix(), file_digest(path)) for path in files])


class FolderDigest(msgspec.Struct, frozen=True):
    """What is in a folder.

    Attributes:
        digest: `sha256-folder:…`.
        files: Number of files.
        size_bytes: Bytes of them all.
        read: How many of the files were read; the others were known from before.
    """

    digest: str
    files: int
    size_bytes: int
    read: int


def whole_folder(folder: Path) -> FolderDigest:
    """Give the digest of all files in a folder and the folders in it; linked folders are left out.

    Raises:
        DataAccessError: Something in it cannot be read.
        UnstableDataError: A file changed meanwhile.
    """
    cache, root = nearest_cache(), folder
    lines: list[tuple[str, str]] = []
    size = read = 0
    below = [""]
    try:
        while below:
            prefix = below.pop()
            known, fresh, more, held = _look(root / prefix, prefix, cache)
            digests = _read_all(root, fresh)
            if cache is not None and fresh:
                _remember(cache, (root / prefix).stat(), fresh, digests)
            lines += known
            lines += [(path, digest) for (path, _, _), digest in zip(fresh, digests, strict=True)]
            below += more
            size += held
            read += len(fresh)
    except OSError as error:
        raise DataAccessError(f"{error.filename or folder} cannot be read: {error.strerror}") from error
    return FolderDigest(_of_lines(lines), len(lines), size, read)


Fresh = tuple[str, Key, int]  # path within the folder, key, and when it was looked at


def _look(
    here: Path, prefix: str, cache: DigestCache | None
) -> tuple[list[tuple[str, str]], list[Fresh], list[str], int]:
    """List one folder: files whose digest is known, files to read, folders in it, and bytes of the files."""
    of_before = {} if cache is None else cache.find_all(here.stat())
    known, fresh, below, size = [], [], [], 0
    now = time.time_ns()
    with os.scandir(here) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _OURS:
                    below.append(f"{prefix}{entry.name}/")
            elif entry.is_file():
                status = entry.stat()
                size += status.st_size
                within = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
                digest = of_before.get(within)
                if digest is None or (status.st_size >= TREE_FROM and not digest.startswith(_TREE)):
                    fresh.append((prefix + entry.name, key_of(status), now))
                else:
                    known.append((prefix + entry.name, digest))
    return known, fresh, below, size


def _read_all(root: Path, fresh: list[Fresh]) -> list[str]:
    """Hash files, each checked to be the same before and afterwards."""

    def one(file: Fresh) -> str:
        path, key, _ = file
        place = root / path
        digest = _digest(place, key[2], as_tree=key[2] >= TREE_FROM)
        if key_of(place.stat()) != key:
            raise UnstableDataError(f"{place} changed while it was read")
        return digest

    if len(fresh) < 2:  # noqa: PLR2004 - one file is read here
        return [one(file) for file in fresh]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, fresh, chunksize=64))


def _remember(cache: DigestCache, folder: os.stat_result, fresh: list[Fresh], digests: list[str]) -> None:
    pairs = zip(fresh, digests, strict=True)
    cache.put([(key, digest) for (_, key, seen), digest in pairs if settled(key, seen)], folder)


def _of_lines(lines: list[tuple[str, str]]) -> str:
    lines.sort()
    text = "".join([f"{digest}  {name}\n" for name, digest in lines])
    return f"sha256-folder:{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"


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
