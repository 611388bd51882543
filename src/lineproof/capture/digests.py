"""Digests of files, each content hashed once."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from typing import Any

from lineproof.files.status import TICK_NS, Key, key_of, settled

__all__ = ["Digests", "NotHashedError", "hash_limit", "own_business", "reason"]


_BLOCK = 1 << 20
_WORTH = 1 << 22  # bytes from which looking a file up in the ledger's cache costs less than reading it
_LIMIT = "LINEPROOF_HASH_LIMIT"  # environment variable: bytes of a file beyond which it is not hashed
_DEFAULT_LIMIT = 32 << 30


class _OwnBusiness(threading.local):
    now = False


own_business = _OwnBusiness()  # whether this thread opens files for our own purposes


class NotHashedError(OSError):
    """A file is larger than what is hashed while the program runs."""

    def __init__(self, size_bytes: int, limit: int) -> None:
        super().__init__()
        self.strerror = f"not hashed: {size_bytes} bytes, and {_LIMIT} is {limit}"


def hash_limit() -> int:
    """Give how large a file may be to be hashed, in bytes."""
    told = os.environ.get(_LIMIT, "")
    return int(told) if told.isdecimal() else _DEFAULT_LIMIT


def reason(error: OSError) -> str:
    """Give why a file cannot be read, without its name."""
    return error.strerror or type(error).__name__


class Digests:
    """SHA-256 of files, with what hashing cost.

    Attributes:
        cpu_ns: CPU time spent hashing.
        elapsed_ns: Time that took, waiting for the disk included.
        size_bytes: Bytes hashed.
    """

    def __init__(self, folder: str | None = None) -> None:
        """Begin without digests.

        Args:
            folder: Of the ledger, whose cache knows large files that did not change; none is used without.
        """
        self._folder = folder
        self._known: dict[Key, str] = {}
        self._young: dict[Key, int] = {}  # hashed within a tick of the last change: when that ended
        self._limit = hash_limit()
        self.reset_counts()

    def reset_counts(self) -> None:
        """Count from zero, as after a fork; digests of unchanged files stay known."""
        self.cpu_ns = 0
        self.elapsed_ns = 0
        self.size_bytes = 0

    def of(self, full: str, status: os.stat_result) -> str:
        """Give the digest of a file, `sha256:` and 64 hex digits.

        Args:
            full: Its path.
            status: Its status, taken just now.

        Raises:
            NotHashedError: It is too large.
            OSError: It cannot be read.
        """
        if status.st_size > self._limit:
            raise NotHashedError(status.st_size, self._limit)
        key = key_of(status)
        known = self._known.get(key)
        ended = self._young.get(key)
        if known is not None and (ended is None or time.time_ns() - ended < TICK_NS):
            return known
        young = time.time_ns() - status.st_mtime_ns < TICK_NS
        digest, unchanged = self._hashed_or_kept(full, key)
        if unchanged:
            self._known[key] = digest
            self._young.pop(key, None)
            if young:
                self._young[key] = time.time_ns()
        return digest

    def known(self, key: Key) -> str | None:
        """Give the digest that was found under a key."""
        return self._known.get(key)

    def _hashed_or_kept(self, full: str, key: Key) -> tuple[str, bool]:
        """Hash a file, unless the ledger's cache knows it as it is."""
        if self._folder is None or key[2] < _WORTH:
            return self._hashed(full, key)
        before, own_business.now = own_business.now, True
        started, hashing = time.perf_counter_ns(), self.elapsed_ns
        try:
            from lineproof.files.cache import DigestCache

            cache = DigestCache(self._folder)
            folder, began = os.stat(os.path.dirname(full)), time.time_ns()
            digest = cache.find(key, folder)
            if digest is not None:
                return digest, True
            digest, unchanged = self._hashed(full, key)
            if unchanged and settled(key, began):
                cache.put([(key, digest)], folder)
            return digest, unchanged
        finally:
            own_business.now = before
            # Looking it up is part of what knowing the digest costs.
            self.elapsed_ns += time.perf_counter_ns() - started - (self.elapsed_ns - hashing)

    def _hashed(self, full: str, key: Key) -> tuple[str, bool]:
        started, cpu = time.perf_counter_ns(), time.thread_time_ns()
        before, own_business.now = own_business.now, True
        try:
            digest = hashlib.sha256()
            with open(full, "rb", buffering=0) as file:
                at = 0
                for start, end in _extents(file.fileno(), os.fstat(file.fileno())):
                    at += _update(digest, file, at, start, end)
                self.size_bytes += at
                unchanged = key_of(os.fstat(file.fileno())) == key
        finally:
            own_business.now = before
            self.cpu_ns += time.thread_time_ns() - cpu
            self.elapsed_ns += time.perf_counter_ns() - started
        return f"sha256:{digest.hexdigest()}", unchanged


_ZEROS = bytes(_BLOCK)


def _extents(descriptor: int, status: os.stat_result) -> list[tuple[int, int | None]]:
    """Give where data begins and ends; between them lie holes. A file without holes is one piece.

    The end of the last piece is None: to the end, which may move while we read.
    """
    size = status.st_size
    if status.st_blocks * 512 >= size or not hasattr(os, "SEEK_DATA"):
        return [(0, None)]
    found: list[tuple[int, int | None]] = []
    end = 0
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:  # a file system that does not tell
                return [(0, None)]
            start = size  # nothing but a hole from here on
        end = size if start >= size else os.lseek(descriptor, start, os.SEEK_HOLE)
        if start < size:
            found.append((start, end))
    found.append((size, None))
    return found


def _update(digest: Any, file: Any, at: int, start: int, end: int | None) -> int:
    """Hash from `at` on: a hole up to `start` as the zeros that it reads as, then data up to `end`.

    Returns:
        Bytes hashed.
    """
    for _ in range((start - at) // _BLOCK):
        digest.update(_ZEROS)
    digest.update(_ZEROS[: (start - at) % _BLOCK])
    file.seek(start)
    block = memoryview(bytearray(_BLOCK))
    size = start - at
    left = end - start if end is not None else None
    while left is None or left > 0:
        read = file.readinto(block if left is None or left >= _BLOCK else block[:left])
        if not read:
            break
        digest.update(block[:read])
        size += read
        left = None if left is None else left - read
    return size
