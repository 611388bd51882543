"""Where a CSV file stops in the middle of a quoted field, which its reader takes for the end of that field."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator
from typing import Any

__all__ = ["Joined", "open_quote", "with_last"]


class Joined(io.RawIOBase):
    """Bytes that were read ahead, followed by the stream that they came from; the last ones are kept.

    Attributes:
        size: Bytes that have been read.
    """

    def __init__(self, first: bytes, stream: Any, keep: int) -> None:
        """Take both, and how many bytes are kept at least."""
        super().__init__()
        self.size = 0
        self._first = memoryview(first)
        self._stream = stream
        self._keep = keep
        self._last: deque[bytes] = deque()
        self._kept = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read at most so many bytes."""
        if len(self._first):
            data = bytes(self._first[:size] if size > 0 else self._first)
            self._first = self._first[len(data) :]
        else:
            data = self._stream.read(size)
        self.size += len(data)
        self._last.append(data)
        self._kept += len(data)
        while self._kept - len(self._last[0]) >= self._keep:
            self._kept -= len(self._last.popleft())
        return data

    def ending(self) -> bytes:
        """Give the last bytes that were read."""
        return b"".join(self._last)


def open_quote(ending: bytes, value: str | None, delimiter: str) -> int | None:
    """Say how many bytes before the end a quote was opened that nothing closes; None where there is none.

    The text of such a field is a quote at a field's start, then the value as it was read, to the last byte. No field
    that is closed, or has no quotes, ends so.

    Args:
        ending: The last bytes, with the last field whole.
        value: What the last field was read as; None for an empty one.
        delimiter: Between fields.
    """
    text = b'"' + (value or "").replace('"', '""').encode()
    before = ending[: -len(text)]
    starts = before in (b"", codecs.BOM_UTF8) or before.endswith((delimiter.encode(), b"\n", b"\r"))
    return len(text) if starts and ending.endswith(text) else None


def with_last(batches: Any) -> Iterator[tuple[Any, bool]]:
    """Give batches that hold rows, each with whether it is the last one; what was read is given before an error."""
    held = None
    try:
        for batch in batches:
            if batch.num_rows:
                if held is not None:
                    yield held, False
                held = batch
    except Exception:
        if held is not None:
            yield held, False
        raise
    if held is not None:
        yield held, True
