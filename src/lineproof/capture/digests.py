"""Digests of files, each content hashed once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from lineproof.files.hashing import NotHashedError, hash_limit, known_or_hashed, refuse_beyond
from lineproof.files.status import TICK_NS, Key, key_of

if TYPE_CHECKING:
    from lineproof.files.cache import DigestCache

__all__ = ["Digests", "NotHashedError", "own_business", "reason"]


class _OwnBusiness(threading.local):
    now = False


own_business = _OwnBusiness()  # whether this thread opens files for our own purposes


def reason(error: OSError) -> str:
    """Give why a file cannot be read, without its name."""
    return error.strerror or type(error).__name__


class Digests:
    """SHA-256 of files, with what hashing cost.

    Attributes:
        cpu_ns: CPU time spent hashing.
        size_bytes: Bytes hashed.
    """

    def __init__(
        self, folder: str | None = None, apart: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        """Begin without digests.

        Args:
            folder: Of the ledger, whose cache knows large files that did not change; none is used without.
            apart: What hashing is done in.
        """
        self._folder = folder
        self._apart = apart
        self._known: dict[Key, str] = {}
        self._young: dict[Key, int] = {}  # hashed within a tick of the last change: when that ended
        self._limit = hash_limit()
        self.reset_counts()

    def reset_counts(self) -> None:
        """Count from zero, as after a fork; digests of unchanged files stay known."""
        self.cpu_ns = 0
        self.size_bytes = 0

    def of(self, full: str, status: os.stat_result) -> str:
        """Give the digest of a file, `sha256:` and 64 hex digits.

        Args:
            full: Its path.
            status: Its status, taken just now.

        Raises:
            NotHashedError: It is too large.
            ChangedError: It was written or replaced meanwhile.
            OSError: It cannot be read.
        """
        refuse_beyond(status.st_size, self._limit)
        key = key_of(status)
        known = self._known.get(key)
        ended = self._young.get(key)
        if known is not None and (ended is None or time.time_ns() - ended < TICK_NS):
            return known
        young = time.time_ns() - status.st_mtime_ns < TICK_NS
        digest = self._hashed(full, key)
        self._known[key] = digest
        self._young.pop(key, None)
        if young:
            self._young[key] = time.time_ns()
        return digest

    def known(self, key: Key) -> str | None:
        """Give the digest that was found under a key."""
        return self._known.get(key)

    def _hashed(self, full: str, key: Key) -> str:
        """Hash a file, unless the ledger's cache knows it as it is; looking it up is part of the cost."""
        started = time.thread_time_ns()
        before, own_business.now = own_business.now, True
        try:
            with self._apart():
                digest, size = known_or_hashed(full, key, self._cache, self._limit)
            self.size_bytes += size
        finally:
            own_business.now = before
            self.cpu_ns += time.thread_time_ns() - started
        return digest

    def _cache(self) -> DigestCache | None:
        if self._folder is None:
            return None
        from lineproof.files.cache import DigestCache

        return DigestCache(self._folder)
