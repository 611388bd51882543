"""What a place of objects can do, wherever it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from lineproof.errors import ObjectError

__all__ = ["Kept", "Objects", "checked", "digest_of", "pieces", "place_in"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PIECE = 1 << 20  # bytes in memory at a time


class Kept(msgspec.Struct, frozen=True):
    """One object that is there.

    Attributes:
        digest: `sha256:<hex>`, its name.
        size_bytes: Its size.
        age_s: Seconds since it was put.
    """

    digest: str
    size_bytes: int
    age_s: float


class Objects(Protocol):
    """Content-addressed objects.

    Attributes:
        place: Where they are, in words that hold no secret.
    """

    @property
    def place(self) -> str:
        """Where they are, in words that hold no secret."""

    def put(self, content: bytes | Path) -> str:
        """Keep some bytes, or those of a file, durably and once; give their digest.

        Raises:
            LedgerFullError: There is no room, or the place may not be written to.
            ObjectError: The file cannot be read.
            ObjectAccessError: The place cannot be reached.
        """

    def has(self, digest: str) -> bool:
        """Tell whether an object is there."""

    def get(self, digest: str) -> bytes:
        """Give the bytes of an object.

        Raises:
            ObjectError: It is missing, or its bytes are no longer those that were put.
            ObjectAccessError: The place cannot be reached.
        """

    def kept(self) -> Iterator[Kept]:
        """Give all objects."""

    def remove(self, digest: str) -> None:
        """Remove an object; nothing happens where there is none."""


def place_in(digest: str) -> str:
    """Give where an object lies below its place, `sha256/ab/ab12…`.

    Raises:
        ObjectError: The text is not a digest.
    """
    if _DIGEST.fullmatch(digest) is None:
        raise ObjectError(f"{digest!r} is not the digest of an object")
    value = digest.removeprefix("sha256:")
    return f"sha256/{value[:2]}/{value}"


def digest_of(path: str) -> str | None:
    """Give the digest of what lies at a place; None for what is no object."""
    digest = f"sha256:{path.rpartition('/')[2]}"
    return digest if _DIGEST.fullmatch(digest) else None


def checked(digest: str, content: bytes) -> bytes:
    """Give what was read, when it is what its name says.

    Raises:
        ObjectError: It is something else.
    """
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        raise ObjectError(f"object {digest} does not hold the bytes it is named after")
    return content


def pieces(content: bytes | Path) -> Iterator[bytes]:
    """Give some bytes, or those of a file, a piece in memory at a time.

    Raises:
        ObjectError: The file cannot be read.
    """
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
