"""Digests of files, each content hashed once."""

from __future__ import annotations

import hashlib
import os
import threading
import time

__all__ = ["Digests", "Key", "key_of", "own_business", "reason"]

Key = tuple[int, int, int, int, int]  # device, inode, size, times of change in ns: same key, same content

_BLOCK = 1 << 20
_TICK_NS = 10_000_000  # a file system's clock may stand still for so long: two contents under one key


class _OwnBusiness(threading.local):
    now = False


own_business = _OwnBusiness()  # whether this thread opens files for our own purposes


def key_of(status: os.stat_result) -> Key:
    """Give what tells a file's content from another without reading it."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


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

    def __init__(self) -> None:
        self._known: dict[Key, str] = {}
        self._young: dict[Key, int] = {}  # hashed within a tick of the last change: when that ended
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
            OSError: It cannot be read.
        """
        key = key_of(status)
        known = self._known.get(key)
        ended = self._young.get(key)
        if known is not None and (ended is None or time.time_ns() - ended < _TICK_NS):
            return known
        young = time.time_ns() - status.st_mtime_ns < _TICK_NS
        digest, unchanged = self._hashed(full, key)
        if unchanged:
            self._known[key] = digest
            self._young.pop(key, None)
            if young:
                self._young[key] = time.time_ns()
        return digest

    def known(self, key: Key) -> str | None:
        """Give the digest that was found under a key."""
        return self._known.get(key)

    def _hashed(self, full: str, key: Key) -> tuple[str, bool]:
        started, cpu = time.perf_counter_ns(), time.thread_time_ns()
        before, own_business.now = own_business.now, True
        try:
            digest = hashlib.sha256()
            with open(full, "rb", buffering=0) as file:
                block = memoryview(bytearray(_BLOCK))
                while size := file.readinto(block):
                    digest.update(block[:size])
                    self.size_bytes += size
                unchanged = key_of(os.fstat(file.fileno())) == key
        finally:
            own_business.now = before
            self.cpu_ns += time.thread_time_ns() - cpu
            self.elapsed_ns += time.perf_counter_ns() - started
        return f"sha256:{digest.hexdigest()}", unchanged
