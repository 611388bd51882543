"""Reading files that may be compressed, a bounded piece at a time, and never without an end."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from lineproof.errors import CommandError, DataAccessError, DataFormatError, DataLimitError

__all__ = ["COMPRESSIONS", "LIMIT", "BoundedReader", "check_size", "limit_for", "open_bytes"]

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".zip": "zip"}
LIMIT = "LINEPROOF_DECOMPRESSED_LIMIT"  # the setting: bytes, with KiB, MiB, GiB or TiB; or `none`
_ALWAYS = 1 << 30  # bytes that a compressed file may hold when nothing is set
_RATIO = 500  # beyond that, how many times its size it may hold; tables compress 3 to 30 times
_SIZE = re.compile(r"(\d+) ?([KMGT]i?B)?", re.IGNORECASE)
_POWERS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def limit_for(size: int) -> tuple[int | None, str]:
    """Give how many bytes a compressed file of this size may hold, and that limit in words.

    Raises:
        CommandError: The setting is not a size.
    """
    setting = os.environ.get(LIMIT, "").strip()
    if not setting:
        return max(_ALWAYS, _RATIO * size), f"{_RATIO} times its size and more than 1 GiB"
    if setting.lower() == "none":
        return None, ""
    found = _SIZE.fullmatch(setting)
    if found is None:
        raise CommandError(
            f"{LIMIT} is {setting!r}, which is no size", "set it to, for example, 20GiB, or none"
        )
    return int(found[1]) << _POWERS[(found[2] or "")[:1].upper()], f"{setting}, the limit that is set"


def check_size(held: int, stored: int, name: str) -> None:
    """Refuse what says of itself that it decompresses to more than the limit.

    Args:
        held: Bytes after decompression.
        stored: Bytes before.
        name: Of the file, for the message.

    Raises:
        DataLimitError: It is more.
    """
    limit, words = limit_for(stored)
    if limit is not None and held > limit:
        raise DataLimitError(f"{name} decompresses to more than {words}", _advice())


def _advice() -> str:
    return f"check where the file comes from; if it is right, set {LIMIT}, for example to 100GiB"


class BoundedReader(io.RawIOBase):
    """A stream of decompressed bytes that ends in an error when a file becomes too large."""

    def __init__(self, stream: Any, path: Path) -> None:
        """Take an open stream and the file it comes from."""
        super().__init__()
        self._stream = stream
        self._name = path.name
        self._left, self._words = limit_for(path.stat().st_size)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read at most so many bytes.

        Raises:
            DataLimitError: The file holds more than the limit.
            DataFormatError: What is compressed is damaged.
        """
        try:
            data: bytes = self._stream.read(size if size > 0 else 1 << 20)
        except (zipfile.BadZipFile, EOFError) as error:
            raise DataFormatError(f"{self._name} is damaged or cut short") from error
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise DataLimitError(f"{self._name} decompresses to more than {self._words}", _advice())
        return data

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, perhaps partly; see `read`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the stream below."""
        if not self.closed:
            self._stream.close()
        super().close()


def open_bytes(path: Path) -> Any:
    """Open a file for reading its decompressed bytes.

    Raises:
        DataAccessError: It does not exist or may not be read.
        DataFormatError: It is an archive of none or several files.
    """
    compression = COMPRESSIONS.get(path.suffix.lower())
    try:
        if compression is None:
            return path.open("rb")
        if compression == "zip":
            return BoundedReader(_only_member(path), path)
        return BoundedReader(pa.input_stream(str(path), compression=compression), path)
    except OSError as error:
        raise DataAccessError(f"{path} cannot be read: {error.strerror or error}") from error


def _only_member(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) != 1:
                raise DataFormatError(f"{path} holds {len(members)} files", "give an archive of one file")
            return archive.open(members[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DataFormatError(f"{path} cannot be read as a zip archive, or is encrypted") from error
