"""Byte digest of a folder: one line for each of its files, sorted by path (see `data.digest`).

What is in a folder and is no file of it (pipes, devices, links to folders or to nothing) is not part of the
digest, and is named beside it.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import msgspec

from lineproof.data.digest import TREE_FROM, digest_of_open, explained, file_digest
from lineproof.errors import UnstableDataError
from lineproof.files.cache import DigestCache, nearest_cache
from lineproof.files.hashing import kind_of, opened
from lineproof.files.status import Key, key_of, settled

__all__ = ["FolderDigest", "digest_of_files", "whole_folder"]

_TREE = "sha256-tree:"
_OURS = frozenset({".lineproof"})
_LARGE = 1 << 20  # bytes above which files are hashed side by side: below, a thread costs more than it brings


class FolderDigest(msgspec.Struct, frozen=True):
    """What is in a folder.

    Attributes:
        digest: `sha256-folder:…`.
        files: Number of files.
        size_bytes: Bytes of them all.
        read: How many of the files were read; the others were known from before.
        left_out: What else is in it and has no part in the digest: path, and what it is.
    """

    digest: str
    files: int
    size_bytes: int
    read: int
    left_out: dict[str, str] = {}


def digest_of_files(folder: Path, files: tuple[Path, ...]) -> str:
    """Give the digest of files in a folder; see `file_digest` for what it raises."""
    return _of_lines([(path.relative_to(folder).as_posix(), file_digest(path)) for path in files])


def whole_folder(folder: Path) -> FolderDigest:
    """Give the digest of all files in a folder and the folders in it, and name what else is in it.

    Raises:
        DataAccessError: Something in it cannot be read.
        DataLimitError: A file is larger than LINEPROOF_HASH_LIMIT allows.
        UnstableDataError: A file changed meanwhile, or one came or went.
    """
    walk = _Walk(folder, nearest_cache())
    walk.all()
    return FolderDigest(
        _of_lines(walk.lines), len(walk.lines), walk.size, walk.read, dict(sorted(walk.left_out.items()))
    )


class _Walk:
    """The way through a folder, one folder in it after the other."""

    def __init__(self, root: Path, cache: DigestCache | None) -> None:
        self._root, self._cache = root, cache
        self.lines: list[tuple[str, str]] = []
        self.size = self.read = 0
        self.left_out: dict[str, str] = {}

    def all(self) -> None:
        """Walk."""
        below = [""]
        while below:
            below += self._folder(below.pop())

    def _folder(self, prefix: str) -> list[str]:
        """Take in one folder; give the folders in it, as prefixes of paths."""
        # 1. List it: what is known as it is, what is to be read, the folders in it, what is left out.
        # 2. Read; each file must be the same before and afterwards.
        # 3. No name may have come or gone meanwhile.
        here = self._root / prefix
        with explained(here):
            descriptor = os.open(here, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with explained(here):
                before = os.fstat(descriptor)
                below, fresh = self._list(descriptor, prefix, before)
            found = self._hash(descriptor, prefix, fresh)
            if os.fstat(descriptor).st_mtime_ns != before.st_mtime_ns:
                raise UnstableDataError(f"{here} changed while it was read: a name came or went")
        finally:
            os.close(descriptor)
        if self._cache is not None:
            self._cache.put(found, before)
        return below

    def _list(self, folder: int, prefix: str, status: os.stat_result) -> tuple[list[str], list[str]]:
        """Give the folders in a folder, as prefixes, and the names of the files that must be read."""
        of_before = {} if self._cache is None else self._cache.find_all(status)
        below, fresh = [], []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _OURS:
                        below.append(f"{prefix}{entry.name}/")
                elif not _is_file(entry):
                    self.left_out[prefix + entry.name] = _what(entry)
                elif not (of_before and self._is_known(entry, prefix, of_before)):
                    fresh.append(entry.name)
        return below, fresh

    def _is_known(
        self, entry: os.DirEntry[str], prefix: str, of_before: dict[tuple[int, int, int, int], str]
    ) -> bool:
        status = entry.stat()
        digest = of_before.get((status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
        if digest is None or (status.st_size >= TREE_FROM) != digest.startswith(_TREE):
            return False
        self.lines.append((prefix + entry.name, digest))
        self.size += status.st_size
        return True

    def _hash(self, folder: int, prefix: str, names: list[str]) -> list[tuple[Key, str]]:
        """Hash files; give what may be kept of them: those that had been left alone for a while."""
        found: list[tuple[Key, str, int] | None] = []
        large = []
        for name in names:
            one = self._hash_one(folder, prefix, name, _LARGE)
            found.append(one)
            if one is None:
                large.append(name)
        if large:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - small files need none

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                found += pool.map(lambda name: self._hash_one(folder, prefix, name), large)
        return [(one[0], one[1]) for one in found if one is not None and settled(one[0], one[2])]

    def _hash_one(
        self, folder: int, prefix: str, name: str, below: int | None = None
    ) -> tuple[Key, str, int] | None:
        """Hash a file and take it in, if it is not larger than that; give key, digest, and when it began."""
        try:
            with opened(name, folder) as (descriptor, status):
                began, key = time.time_ns(), key_of(status)
                if below is not None and key[2] > below:
                    return None
                digest = digest_of_open(descriptor, status, as_tree=key[2] >= TREE_FROM)
                changed = key_of(os.fstat(descriptor)) != key
        except FileNotFoundError:
            changed = True
        except OSError:
            with explained(self._root / prefix / name):
                raise
        if changed:
            raise UnstableDataError(f"{self._root / prefix / name} changed while it was read")
        self.lines.append((prefix + name, digest))
        self.size += key[2]
        self.read += 1
        return key, digest, began


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # links in a circle, links into folders that may not be looked at
        return False


def _what(entry: os.DirEntry[str]) -> str:
    """Say what an entry is that is neither a file nor a folder."""
    try:
        mode = entry.stat().st_mode
    except FileNotFoundError:
        return "a link to nothing"
    except OSError as error:
        return f"a link that cannot be followed: {error.strerror}"
    what = kind_of(mode)
    return f"a link to {what}" if entry.is_symlink() else what


def _of_lines(lines: list[tuple[str, str]]) -> str:
    lines.sort()
    text = "".join([f"{digest}  {name}\n" for name, digest in lines])
    return f"sha256-folder:{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"
