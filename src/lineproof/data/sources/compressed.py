"""Reading files that may be compressed, a bounded piece at a time, and never without an end."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa

from lineproof.errors import DataAccessError, DataLimitError

__all__ = ["COMPRESSIONS", "MAX_RATIO", "MAX_UNCHECKED", "BoundedReader", "open_bytes"]

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
MAX_UNCHECKED = 1 << 30  # bytes that a compressed file may always hold
MAX_RATIO = 500  # beyond that, how many times its size it may hold; tables compress 3 to 30 times


class BoundedReader(io.RawIOBase):
    """A stream of decompressed bytes that ends in an error when a small file becomes too large."""

    def __init__(self, stream: Any, path: Path) -> None:
        """Take an open stream and the file it comes from."""
        super().__init__()
        self._stream = stream
        self._name = path.name
        self._left = max(MAX_UNCHECKED, MAX_RATIO * path.stat().st_size)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read at most so many bytes.

        Raises:
            DataLimitError: The file holds more than the limit.
        """
        data: bytes = self._stream.read(size if size > 0 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise DataLimitError(
                f"{self._name} decompresses to more than {MAX_RATIO} times its size and more than 1 GiB"
            )
        return data

    def close(self) -> None:
        """Close the stream below."""
        if not self.closed:
            self._stream.close()
        super().close()


def open_bytes(path: Path) -> Any:
    """Open a file for reading its decompressed bytes.

    Raises:
        DataAccessError: It does not exist or may not be read.
    """
    compression = COMPRESSIONS.get(path.suffix.lower())
    try:
        if compression is None:
            return path.open("rb")
        return BoundedReader(pa.input_stream(str(path), compression=compression), path)
    except OSError as error:
        raise DataAccessError(f"{path} cannot be read: {error.strerror or error}") from error
