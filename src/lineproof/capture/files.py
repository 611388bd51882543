"""Files that the program reads and writes, by their content.

Two ways lead here. The interpreter's audit events name every file that Python code opens; wrappers of
libraries name those that native code opens, and say which table they hold. A file is hashed when it is
first read, again when it changed by the end, and when it was written. The same unchanged file is never
hashed twice.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from lineproof.capture.digests import Digests, NotHashedError, reason
from lineproof.capture.formats import model_format
from lineproof.capture.place import text
from lineproof.capture.watched import Naming, can_be_made, open_for_writing, regular_file
from lineproof.files.status import Key, key_of
from lineproof.model.identity import now

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["FileVersion", "Files"]

Action = Literal["read", "opened", "written", "changed"]


class FileVersion(NamedTuple):
    """A file with one content, as a dataset version.

    Attributes:
        name: Dataset name: the path relative to the root when it lies inside, else absolute.
        digest: `sha256:<hex>`.
        path: Absolute path.
        size_bytes: Its size.
        namespace: `file`.
    """

    name: str
    digest: str
    path: str
    size_bytes: int
    namespace: str = "file"


class Files:
    """The files of one process.

    Args:
        session: The recording they belong to.
        naming: Which files are watched, and their names.

    Attributes:
        digests: Digests of files, and what hashing them cost.
        spent_ns: CPU time spent on audit events, hashing left out.
    """

    def __init__(self, session: Session, naming: Naming, folder: str | None = None) -> None:
        self._session = session
        self._naming = naming
        self.digests = Digests(folder, session.apart)
        self.restart()

    def restart(self) -> None:
        """Begin anew, as after a fork; digests of unchanged files stay known."""
        self.digests.reset_counts()
        self.spent_ns = 0
        self._read: dict[str, Key] = {}
        self._pending: dict[str, Key | None] = {}  # opened for writing; as it was before
        self._written: dict[str, Key] = {}
        self._stepwise: set[str] = set()  # written by a library that is not done yet
        self._lock = threading.RLock()

    def read(self, path: Any) -> FileVersion | None:
        """Give the version of a file that a library reads, or has just read.

        Args:
            path: Path, or an open file with a `name`.

        Returns:
            None for what is no regular file (a URL, a pipe), is not watched, or cannot be read.
        """
        return self._version(path, self._was_read)

    def written(self, path: Any) -> FileVersion | None:
        """Give the version of a file that a library has finished writing.

        Args:
            path: Path, or a file with a `name`.

        Returns:
            None as for `read`.
        """
        if isinstance(path, io.IOBase) and not path.closed and path.writable():
            path.flush()  # what was written is in the file then
        if self._stepwise and isinstance(path, (str, bytes, os.PathLike)):
            self._stepwise.discard(self._naming.path(path) or "")
        return self._version(path, self._was_written)

    def noticed(self, path: Any, *, writes: bool) -> None:
        """Take note of a file that native code wrote or read, about whose content nothing is known."""
        full = self._naming.path(path) if isinstance(path, (str, bytes, os.PathLike)) else None
        status = None if full is None else regular_file(full)
        if full is None or status is None:
            return
        with self._lock:
            if writes:
                self._note_written(full, status)
            else:
                self._note_read(full, status)

    def writing(self, path: Any) -> None:
        """Take note that a library is about to write a file in steps of its own, until `written` is called."""
        full = self._naming.path(path) if isinstance(path, (str, bytes, os.PathLike)) else None
        if full is not None:
            self._stepwise.add(full)

    def name(self, path: str) -> str:
        """Give the dataset name of a path: relative to the root when it lies inside, else absolute."""
        return self._naming.name(os.path.abspath(path))

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the time of what is done here, hashing left out."""
        started, hashing = time.thread_time_ns(), self.digests.cpu_ns
        try:
            yield
        finally:
            self.spent_ns += time.thread_time_ns() - started - (self.digests.cpu_ns - hashing)

    def opened(self, path: Any, flags: int) -> None:
        """Take note that Python code is about to open a file, before it is truncated."""
        full = self._naming.path(path)
        if full is None or full in self._stepwise or (flags & os.O_EXCL and self._naming.is_probe(full)):
            return
        status = regular_file(full)
        writes = bool(flags & os.O_ACCMODE)
        truncates = bool(flags & os.O_TRUNC)
        with self._lock:
            if status is not None and full in self._pending:
                self._settle(full, status)
            if status is not None and not truncates and (status.st_size or not writes):
                self._note_read(full, status)
            if writes and (status is not None or can_be_made(full)):
                self._note_opened(full, status)

    def renamed(self, source: Any, target: Any) -> None:
        """Follow a file that was written under another name first."""
        old, new = self._naming.path(source), self._naming.path(target)
        with self._lock:
            if old is None or old == new or not (old in self._pending or old in self._written):
                return
            self._pending.pop(old, None)
            self._written.pop(old, None)
            self._fact("written", old, passed="renamed by the program")
            if new is not None:
                self._note_opened(new, None)

    def removed(self, path: Any) -> None:
        """Forget a file that the program wrote and removed again."""
        full = self._naming.path(path)
        with self._lock:
            if full is not None and self._pending.pop(full, self) is not self:
                self._fact("written", full, passed="removed by the program")

    def finish(self) -> None:
        """Hash what was written, and see whether what was read is still the same. Once, at the end."""
        with self._lock:
            held = open_for_writing() if self._pending else set()
            for full in {**self._pending, **self._written}:
                status = regular_file(full)
                if status is None:
                    if self._pending.pop(full, self) is not self:
                        self._fact("written", full, passed="not there at the end")
                # What the program still holds open may not be on disk yet: intake hashes it afterwards.
                elif (status.st_dev, status.st_ino) not in held and self._written.get(full) != key_of(status):
                    self._settle(full, status)
            for full, key in self._read.items():
                status = regular_file(full)
                if status is not None and key_of(status) != key and full not in self._written:
                    self._note_change(full, status, key)

    def _version(self, path: Any, note: Callable[[str, os.stat_result], None]) -> FileVersion | None:
        full = self._naming.path(
            path if isinstance(path, (str, bytes, os.PathLike)) else getattr(path, "name", None)
        )
        status = None if full is None else regular_file(full)
        if full is None or status is None:
            return None
        try:
            with self._lock:
                note(full, status)
                digest = self.digests.of(full, status)
        except NotHashedError as error:
            self._session.gap(f"{self._naming.name(full)} is {reason(error)}")
            return None
        except OSError as error:
            self._session.gap(f"{self._naming.name(full)} could not be read: {reason(error)}")
            return None
        return FileVersion(
            name=self._naming.name(full), digest=digest, path=text(full), size_bytes=status.st_size
        )

    def _was_read(self, full: str, status: os.stat_result) -> None:
        if full in self._pending:
            self._settle(full, status)
        self._note_read(full, status, explained=True)

    def _was_written(self, full: str, status: os.stat_result) -> None:
        if self._written.get(full) != key_of(status):
            self._note_written(full, status, explained=True)

    def _settle(self, full: str, status: os.stat_result) -> None:
        """Say what a file that was opened for writing holds now."""
        if self._pending.get(full) == key_of(status):
            del self._pending[full]
            self._fact("written", full, passed="opened for writing and left as it was")
        else:
            self._note_written(full, status)

    def _note_written(self, full: str, status: os.stat_result, *, explained: bool = False) -> None:
        self._fact("written", full, status=status, explained=explained)
        self._pending.pop(full, None)
        self._written[full] = key_of(status)

    def _note_read(self, full: str, status: os.stat_result, *, explained: bool = False) -> None:
        key = key_of(status)
        if key not in (self._read.get(full), self._written.get(full)):
            self._fact("read", full, status=status, explained=explained)
            self._read[full] = key

    def _note_opened(self, full: str, status: os.stat_result | None) -> None:
        if full not in self._pending:
            self._fact("opened", full)
        self._pending[full] = None if status is None else key_of(status)

    def _note_change(self, full: str, status: os.stat_result, key: Key) -> None:
        try:
            if self.digests.of(full, status) != self.digests.known(key):
                self._fact("changed", full, status=status)
        except OSError as error:
            self._session.gap(f"{self._naming.name(full)} could not be read again: {reason(error)}")

    def _fact(
        self,
        action: Action,
        full: str,
        *,
        status: os.stat_result | None = None,
        explained: bool = False,
        passed: str | None = None,
    ) -> None:
        fact: dict[str, object] = {"path": text(full), "action": action, "time": now()}
        if status is not None:
            fact["size_bytes"] = status.st_size
            try:
                fact["digest"] = self.digests.of(full, status)
            except OSError as error:
                fact["problem"] = reason(error)
            if (format_ := model_format(full)) is not None:
                fact["format"] = format_
        if explained or passed is not None:
            fact["explained"] = True
        if passed is not None:
            fact["problem"] = passed
        self._session.file_fact(fact)
