"""SHA-256 of files: without waiting for a pipe, within a limit, holes as the zeros they read as.

Whether a file stayed the same meanwhile is always said beside its digest.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from lineproof.files.status import Key, key_of, settled

if TYPE_CHECKING:
    from lineproof.files.cache import DigestCache

__all__ = [
    "ChangedError",
    "NoFileError",
    "NotHashedError",
    "add_range",
    "data_from",
    "hash_limit",
    "kind_of",
    "known_or_hashed",
    "opened",
    "plain_sha256",
    "refuse_beyond",
]

_BLOCK = 1 << 20
_ZEROS = bytes(_BLOCK)
_SMALL = 1 << 16  # bytes that are read at once, without a buffer of our own
_LIMIT = "LINEPROOF_HASH_LIMIT"  # environment variable: bytes of a file beyond which it is not hashed
_DEFAULT_LIMIT = 32 << 30
_WORTH = 1 << 22  # bytes from which looking a file up in the ledger's cache costs less than reading it

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NotHashedError(OSError):
    """A file is larger than what is hashed."""

    def __init__(self, size_bytes: int, limit: int) -> None:
        super().__init__()
        self.strerror = f"not hashed: {size_bytes} bytes, and {_LIMIT} is {limit}"


class NoFileError(OSError):
    """What has this name is no regular file: reading it could wait for ever, or never end."""

    def __init__(self, mode: int) -> None:
        super().__init__()
        self.strerror = f"it is {kind_of(mode)}, not a file"


class ChangedError(OSError):
    """A file was written or replaced while it was read: what was read may never have been its content."""

    def __init__(self) -> None:
        super().__init__()
        self.strerror = "unstable: it changed while it was read"


class _Buffer(threading.local):
    """One buffer a thread, so that hashing many files makes none."""

    block: memoryview | None = None


_buffer = _Buffer()


def kind_of(mode: int) -> str:
    """Say what a file that is not regular is."""
    return _KINDS.get(stat.S_IFMT(mode), "something special")


def hash_limit(default: int = _DEFAULT_LIMIT) -> int:
    """Give how large a file may be to be hashed, in bytes.

    Args:
        default: Where no limit is stated.
    """
    told = os.environ.get(_LIMIT, "")
    return int(told) if told.isdecimal() else default


def refuse_beyond(size_bytes: int, limit: int) -> None:
    """Refuse a file by its size.

    Raises:
        NotHashedError: It is larger.
    """
    if size_bytes > limit:
        raise NotHashedError(size_bytes, limit)


@contextlib.contextmanager
def opened(path: str | os.PathLike[str], dir_fd: int | None = None) -> Iterator[tuple[int, os.stat_result]]:
    """Open a regular file for reading; give its descriptor and status.

    Raises:
        NoFileError: It is a folder, a pipe, a device; nobody was waited for.
        OSError: It cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=dir_fd)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NoFileError(status.st_mode)
        yield descriptor, status
    finally:
        os.close(descriptor)


def known_or_hashed(
    path: str, key: Key, cache: Callable[[], DigestCache | None], limit: int | None = None
) -> tuple[str, int]:
    """Give the plain digest of a file, from the cache where that has it.

    Args:
        path: The file.
        key: Its key, taken just now.
        cache: Opens the cache of a ledger; called for large files only.
        limit: Bytes beyond which it is not hashed; as stated in the environment when left out.

    Returns:
        `sha256:` and 64 hex digits; bytes that were hashed.

    Raises:
        NotHashedError: It is too large.
        ChangedError: It was written or replaced meanwhile.
        NoFileError: It is no regular file.
        OSError: It cannot be read.
    """
    refuse_beyond(key[2], hash_limit() if limit is None else limit)
    known = cache() if key[2] >= _WORTH else None
    if known is None:
        return _hashed(path, key)
    folder, began = os.stat(os.path.dirname(path) or "."), time.time_ns()
    digest = known.find(key, folder)
    if digest is not None:
        return digest, 0
    digest, size = _hashed(path, key)
    if settled(key, began):
        known.put([(key, digest)], folder)
    return digest, size


def _hashed(path: str, key: Key) -> tuple[str, int]:
    with opened(path) as (descriptor, status):
        if key_of(status) != key:
            raise ChangedError
        digest, size = plain_sha256(descriptor, status)
        if key_of(os.fstat(descriptor)) != key:
            raise ChangedError
        return digest, size


def plain_sha256(descriptor: int, status: os.stat_result) -> tuple[str, int]:
    """Hash an open file from its start to the end that it had when its status was taken.

    Returns:
        `sha256:` and 64 hex digits; bytes that were hashed.

    Raises:
        NotHashedError: It says that it is empty and is not, without end.
    """
    size = status.st_size
    if size == 0:  # perhaps one that the kernel makes when it is read: it ends when nothing comes any more
        digest = hashlib.sha256()
        while block := os.read(descriptor, _BLOCK):
            digest.update(block)
            size += len(block)
            refuse_beyond(size, min(hash_limit(), _DEFAULT_LIMIT >> 5))
        return f"sha256:{digest.hexdigest()}", size
    if size <= _SMALL and status.st_blocks * 512 >= size:
        content = os.read(descriptor, size)
        return f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)
    digest = hashlib.sha256()
    read = add_range(digest, descriptor, 0, size, holes=status.st_blocks * 512 < size)
    return f"sha256:{digest.hexdigest()}", read


def add_range(digest: Any, descriptor: int, start: int, end: int, *, holes: bool) -> int:
    """Add the bytes of a file from one place to another to a digest; holes are not read.

    Returns:
        How many bytes were added: fewer where the file ends before.
    """
    at = start
    while at < end:
        data, stop = data_from(descriptor, at, end) if holes else (at, end)
        _add_zeros(digest, data - at)
        reached = _add_data(digest, descriptor, data, stop)
        if reached < stop:
            return reached - start
        at = stop
    return at - start


def data_from(descriptor: int, at: int, end: int) -> tuple[int, int]:
    """Give where the next data begins and ends; both are `end` where nothing but a hole follows."""
    if not hasattr(os, "SEEK_DATA"):
        return at, end
    try:
        start = min(os.lseek(descriptor, at, os.SEEK_DATA), end)
    except OSError as error:
        # The one says that there is no data any more, others that this file system does not tell.
        return (end, end) if error.errno == errno.ENXIO else (at, end)
    return start, end if start == end else min(os.lseek(descriptor, start, os.SEEK_HOLE), end)


def _add_zeros(digest: Any, count: int) -> None:
    for _ in range(count // _BLOCK):
        digest.update(_ZEROS)
    digest.update(_ZEROS[: count % _BLOCK])


def _add_data(digest: Any, descriptor: int, at: int, end: int) -> int:
    if _buffer.block is None:
        _buffer.block = memoryview(bytearray(_BLOCK))
    block = _buffer.block
    while at < end:
        read = os.preadv(descriptor, [block[: min(_BLOCK, end - at)]], at)
        if not read:
            break
        digest.update(block[:read])
        at += read
    return at
