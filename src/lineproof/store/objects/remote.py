"""Objects at any place that fsspec can reach: S3 and its kin, or a file system over the network."""

from __future__ import annotations

import hashlib
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lineproof.errors import LedgerFullError, ObjectAccessError, ObjectError
from lineproof.store.objects.interface import Kept, checked, digest_of, pieces, place_in

__all__ = ["RemoteObjects"]

# Places where an upload appears whole or not at all; elsewhere it is renamed into place.
_WHOLE = frozenset(("s3", "s3a", "gs", "gcs", "abfs", "az", "memory"))
_MEMORY_BYTES = 16 << 20  # of a draft; what is larger lies on disk


class RemoteObjects:
    """Content-addressed objects below a URL.

    Args:
        system: File system of fsspec.
        path: Where in it.
        place: The URL without user, password and query.
    """

    def __init__(self, system: Any, path: str, place: str) -> None:
        self._system = system
        self._path = path.rstrip("/")
        self._place = place
        protocol = system.protocol
        self._whole = bool(_WHOLE & {protocol} if isinstance(protocol, str) else _WHOLE & set(protocol))

    @property
    def place(self) -> str:
        """The URL without its secrets."""
        return self._place

    def put(self, content: bytes | Path) -> str:
        """Keep some bytes, or those of a file, durably and once; give their digest.

        Raises:
            LedgerFullError: The place may not be written to.
            ObjectError: The file cannot be read.
            ObjectAccessError: The place cannot be reached.
        """
        # 1. Copy aside, hashing: a file that changes meanwhile cannot lie about itself.
        # 2. What is there of the right size stays: names are made from contents.
        # 3. Upload it whole, or under another name first.
        with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as draft:
            hashed, size = hashlib.sha256(), 0
            for piece in pieces(content):
                hashed.update(piece)
                size += draft.write(piece)
            digest = f"sha256:{hashed.hexdigest()}"
            draft.seek(0)
            with self._reaching(digest):
                if self._size(digest) != size:
                    self._upload(digest, draft)
        return digest

    def has(self, digest: str) -> bool:
        """Tell whether an object is there; whether it is whole is seen when it is read."""
        with self._reaching(digest):
            return bool(self._system.exists(self._at(digest)))

    def get(self, digest: str) -> bytes:
        """Give the bytes of an object.

        Raises:
            ObjectError: It is missing, or its bytes are no longer those that were put.
            ObjectAccessError: The place cannot be reached.
        """
        with self._reaching(digest):
            content: bytes = self._system.cat_file(self._at(digest))
        return checked(digest, content)

    def kept(self) -> Iterator[Kept]:
        """Give all objects."""
        self._system.invalidate_cache()
        with self._reaching("objects"):
            try:
                found = self._system.find(f"{self._path}/sha256", detail=True)
            except FileNotFoundError:
                return
        for path, about in sorted(found.items()):
            digest = digest_of(path)
            if digest is not None:
                yield Kept(digest, int(about.get("size") or 0), _age_s(about))

    def remove(self, digest: str) -> None:
        """Remove an object; nothing happens where there is none."""
        with self._reaching(digest), suppress(FileNotFoundError):
            self._system.rm_file(self._at(digest))

    def _at(self, digest: str) -> str:
        return f"{self._path}/{place_in(digest)}"

    def _size(self, digest: str) -> int | None:
        try:
            return int(self._system.size(self._at(digest)) or 0)
        except FileNotFoundError:
            return None

    def _upload(self, digest: str, draft: Any) -> None:
        at = self._at(digest)
        target = at if self._whole else f"{at}.new-{uuid.uuid4().hex}"
        if not self._whole:
            self._system.makedirs(at.rpartition("/")[0], exist_ok=True)
        with self._system.open(target, "wb") as file:
            while piece := draft.read(1 << 20):
                file.write(piece)
        if not self._whole:
            self._system.mv(target, at)

    @contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        """Give every failure of the place a name of ours; its own words may hold keys and addresses."""
        try:
            yield
        except FileNotFoundError as error:
            raise ObjectError(f"object {what} is not at {self._place}") from error
        except PermissionError as error:
            raise LedgerFullError(f"{self._place} may not be written to or read") from error
        except ObjectError:
            raise
        except Exception as error:
            raise ObjectAccessError(f"{self._place} cannot be reached: {type(error).__name__}") from error


def _age_s(about: dict[str, Any]) -> float:
    """Give the seconds since something changed; what does not say counts as new."""
    for name in ("LastModified", "mtime", "created", "last_modified", "updated"):
        value = about.get(name)
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return max((datetime.now(UTC) - moment).total_seconds(), 0.0)
        if isinstance(value, (int, float)):
            return max(time.time() - value, 0.0)
    return 0.0
