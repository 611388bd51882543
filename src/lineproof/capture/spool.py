"""Writing the spool: one append-only, hash-chained file per process, one `write()` per line.

Processes that record no event write it without the library that encodes events: it takes longer to
import than all of the start-up.

Whoever reads it knows from the lock whether the writer still lives, and from the chain whether a line
is missing. A line that could not be written whole is cut off again; after that nothing more is
written but, if there is room again, the last line. The program never hears of any of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineproof.capture.recorded import Process

__all__ = ["SpoolWriter", "encoded", "plain"]

_FIRST = "0" * 64
_SYNC_EVERY_NS = 500_000_000  # a loop of a thousand small fits must not wait for the disk a thousand times
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class SpoolWriter:
    """The spool of this process.

    Args:
        folder: Where spools lie, `.lineproof/spool`; made when it is not there.
        process: Who writes; said in the first line, which is durable when this returns.

    Attributes:
        path: The file.
        problem: Why nothing more is written, in words; None while all is well.

    Raises:
        OSError: The file cannot be made: a folder that may not be written to, a full disk.
    """

    def __init__(self, folder: str, process: Process) -> None:
        # 1. Make the file under a name that no reader looks at, and lock it.
        # 2. Write the first line and make it durable.
        # 3. Give it its name: a reader never sees a spool without lock or first line.
        if not os.path.isdir(folder):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        self.path = os.path.join(folder, f"{process.run.run}-{process.pid}-{time.time_ns()}.spool")
        self.problem: str | None = None
        self._seq = 0
        self._prev = _FIRST
        self._size = 0
        self._synced_ns = 0
        self._lock = threading.RLock()
        self._writing = False
        fresh = self.path.removesuffix(".spool") + ".new"
        self._descriptor = os.open(fresh, _FLAGS, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            self._append("start", b"", plain(process.first_line()))
            os.fsync(self._descriptor)
            os.rename(fresh, self.path)
        except OSError:
            os.close(self._descriptor)
            with suppress(OSError):
                os.unlink(fresh)
            raise
        self._synced_ns = time.monotonic_ns()

    def entry(self, type_: str, body: bytes, *, id_: str, sync: bool = False) -> bool:
        """Write what becomes a ledger entry as it is.

        Args:
            type_: Type of the entry.
            body: Payload, JSON; its bytes are stored untouched.
            id_: UUID of the entry.
            sync: Make it durable soon: now, or with the next such line less than half a second later.

        Returns:
            Whether it was written.
        """
        return self._write("entry", f'"id":"{id_}","type":"{type_}",'.encode(), body, sync=sync)

    def file(self, fact: Mapping[str, Any]) -> bool:
        """Write what was seen of a file, in the form of `model.spool.FileFact`."""
        return self._write("file", b"", plain(fact), sync=False)

    def end(self, body: bytes) -> bool:
        """Write how the process ended, JSON in the form of `model.spool.ProcessEnd`."""
        self.problem = None  # there may be room again for this last line
        return self._write("end", b"", body, sync=False)

    def close(self) -> None:
        """Make everything durable and let go of the file."""
        with self._lock:
            self.settle()
            self.abandon()

    def settle(self) -> None:
        """Make everything durable."""
        with self._lock:
            try:
                if self._descriptor >= 0 and self.problem is None:
                    os.fsync(self._descriptor)
            except OSError as error:
                self.problem = _words(error)

    def abandon(self) -> None:
        """Let go of the file without writing: what a forked child does with its parent's spool."""
        self._lock = threading.RLock()  # another thread of the parent may have held it at the fork
        self._writing = False
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _write(self, kind: str, entry: bytes, body: bytes, *, sync: bool) -> bool:
        with self._lock:
            # A signal handler of the program may run between two lines of ours and come back here.
            if self._descriptor < 0 or self.problem is not None or self._writing:
                return False
            self._writing = True
            try:
                self._append(kind, entry, body)
                if sync:
                    self._sync()
            except OSError as error:
                self.problem = _words(error)
                return False
            finally:
                self._writing = False
            return True

    def _append(self, kind: str, entry: bytes, body: bytes) -> None:
        """Write one line in the form of `model.spool.SpoolRecord`, chained to the one before."""
        head = f'{{"seq":{self._seq},"prev":"{self._prev}","kind":"{kind}",'.encode()
        line = b"".join((head, entry, b'"body":', body, b"}"))
        self._put(line + b"\n")
        self._seq += 1
        self._prev = hashlib.sha256(line).hexdigest()

    def _put(self, data: bytes) -> None:
        try:
            written = 0
            while written < len(data):  # a disk that is full takes the part for which it has room
                written += os.write(self._descriptor, data[written:])
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def _sync(self) -> None:
        now = time.monotonic_ns()
        if now - self._synced_ns >= _SYNC_EVERY_NS:
            os.fsync(self._descriptor)
            self._synced_ns = time.monotonic_ns()


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__


def plain(body: Mapping[str, Any]) -> bytes:
    """Give JSON values as JSON; needs nothing that is not imported yet."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def encoded(value: Any) -> bytes:
    """Give a struct as JSON, whatever text is in it: file names may hold bytes that are no text."""
    import msgspec

    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_clean(msgspec.to_builtins(value, str_keys=True)))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(each) for each in value]
    return value
