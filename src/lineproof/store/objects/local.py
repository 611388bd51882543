"""Objects in a folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lineproof.errors import LedgerFullError, ObjectError
from lineproof.store.objects.interface import Kept, checked, digest_of, pieces, place_in

__all__ = ["LocalObjects"]

_DRAFT = ".new-"


class LocalObjects:
    """Content-addressed files under one folder.

    Args:
        folder: Where they lie; made when the first one is put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def put(self, content: bytes | Path) -> str:
        """Keep some bytes, or those of a file, durably and once.

        Returns:
            Their digest, `sha256:` and 64 hex digits.

        Raises:
            LedgerFullError: The disk is full or the folder may not be written to.
            ObjectError: The file cannot be read.
        """
        # 1. Write aside, hashing what is written: a file that changes meanwhile cannot lie about itself.
        # 2. Keep what is there when it is whole; replace it when somebody altered it.
        # 3. Rename: a reader sees all of it or nothing; then make the name durable as well.
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=self.folder, prefix=_DRAFT)
        except OSError as error:
            raise LedgerFullError(f"cannot write to {self.folder}: {error.strerror}") from error
        draft = Path(name)
        try:
            digest = _write(descriptor, content)
            if self.has(digest):
                os.utime(self.path(digest))  # put now, so that no collection takes it for an old one
            else:
                path = self.path(digest)
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                draft.replace(path)
                _sync_folder(path.parent)
        except OSError as error:
            raise LedgerFullError(f"cannot write to {self.folder}: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
        return digest

    def has(self, digest: str) -> bool:
        """Tell whether an object is there, whole.

        Raises:
            ObjectError: The text is not a digest.
        """
        path = self.path(digest)
        try:
            with path.open("rb") as file:
                return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == digest
        except OSError:
            return False

    def get(self, digest: str) -> bytes:
        """Give the bytes of an object.

        Raises:
            ObjectError: It is missing, or its bytes are no longer those that were put.
        """
        try:
            content = self.path(digest).read_bytes()
        except OSError as error:
            raise ObjectError(f"object {digest} cannot be read: {type(error).__name__}") from error
        return checked(digest, content)

    def kept(self) -> Iterator[Kept]:
        """Give all objects; drafts of a writer that was killed are none."""
        now = time.time()
        for path in sorted(self.folder.glob("sha256/*/*")):
            digest = digest_of(path.as_posix())
            if digest is not None:
                status = path.stat()
                yield Kept(digest, status.st_size, max(now - status.st_mtime, 0.0))

    def remove(self, digest: str) -> None:
        """Remove an object; nothing happens where there is none."""
        self.path(digest).unlink(missing_ok=True)

    def path(self, digest: str) -> Path:
        """Give the path an object has.

        Raises:
            ObjectError: The text is not a digest.
        """
        return self.folder / place_in(digest)


def _write(descriptor: int, content: bytes | Path) -> str:
    hashed = hashlib.sha256()
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces(content):
            hashed.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return f"sha256:{hashed.hexdigest()}"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
