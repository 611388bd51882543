"""Large things, kept by what they are: one file per content, named by its SHA-256."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from lineproof.errors import ObjectError

__all__ = ["ObjectStore"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


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
        """
        if isinstance(content, Path):
            content = content.read_bytes()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        path = self.path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written aside and renamed: a reader sees all of it or nothing.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest

    def get(self, digest: str) -> bytes:
        """Give the bytes of an object.

        Raises:
            ObjectError: It is missing, or its bytes are no longer those that were put.
        """
        try:
            content = self.path(digest).read_bytes()
        except OSError as error:
            raise ObjectError(f"object {digest} cannot be read: {type(error).__name__}") from error
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
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
