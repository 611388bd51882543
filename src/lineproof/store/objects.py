"""Large things, kept by what they are: one file per content, named by its SHA-256."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lineproof.errors import LedgerFullError, ObjectError

__all__ = ["ObjectStore"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PIECE = 1 << 20  # bytes in memory at a time


class ObjectStore:
    """Content-addressed files under one folder.

    Args:
        folder: Where they lie; made when the first one is put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
            descriptor, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        except OSError as error:
            raise LedgerFullError(f"cannot write to {self.folder}: {error.strerror}") from error
        draft = Path(name)
        try:
            digest = _write(descriptor, content)
            if not self.has(digest):
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
                return _named(hashlib.file_digest(file, "sha256").hexdigest()) == digest
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
        if _named(hashlib.sha256(content).hexdigest()) != digest:
            raise ObjectError(f"object {digest} does not hold the bytes it is named after")
        return content

    def path(self, digest: str) -> Path:
        """Give the path an object has.

        Raises:
            ObjectError: The text is not a digest.
        """
        if _DIGEST.fullmatch(digest) is None:
            raise ObjectError(f"{digest!r} is not the digest of an object")
        value = digest.removeprefix("sha256:")
        return self.folder / "sha256" / value[:2] / value


def _write(descriptor: int, content: bytes | Path) -> str:
    hashed = hashlib.sha256()
    with os.fdopen(descriptor, "wb") as file:
        for piece in _pieces(content):
            hashed.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return _named(hashed.hexdigest())


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    try:
        file = content.open("rb")
    except OSError as error:
        raise ObjectError(
            f"{content} cannot be read: {error.strerror}", "see that the file is there"
        ) from error
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _named(value: str) -> str:
    return f"sha256:{value}"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
