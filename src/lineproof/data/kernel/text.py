"""Lanes of values of any length: text, bytes, and what does not fit into one word."""

from __future__ import annotations

from typing import Any

import numpy as np

from lineproof.data.kernel.mixing import LENGTH_FIRST, LENGTH_SECOND, POSITION, mix

__all__ = ["ByteValues", "byte_values", "finish", "position"]

_WORD = 8
_FEW = 64  # rows: when no more than these are this many words long, each is done by itself
_SLICE = 1 << 16  # words of one long value at a time
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(_WORD)] + [(1 << 64) - 1], np.uint64)
_ALL = (1 << 64) - 1


class ByteValues:
    """Byte strings that lie one after another in one buffer.

    Attributes:
        starts: Where each begins.
        lengths: Bytes of each.
    """

    def __init__(self, data: Any, starts: Any, lengths: Any) -> None:
        """Take the bytes and what they are cut into.

        Args:
            data: Array of bytes, not changed.
            starts: int64 array.
            lengths: int64 array; zero where there is no value.
        """
        # A word longer than the data, so that one can be read at every place.
        self._bytes: Any = np.zeros(len(data) + _WORD, np.uint8)
        self._bytes[: len(data)] = data
        self._words = np.ndarray((len(data) + 1,), "<u8", self._bytes.data, 0, (1,))  # one at every byte
        self.starts = starts
        self.lengths = lengths

    def lanes(self, start: int, stop: int) -> tuple[Any, Any]:
        """Give the two words of each value from `start` to `stop`."""
        starts, lengths = self.starts[start:stop], self.lengths[start:stop]
        first: Any = np.zeros(len(starts), np.uint64)
        second: Any = np.zeros(len(starts), np.uint64)
        counts = (lengths + (_WORD - 1)) >> 3
        active = np.flatnonzero(counts > 0)
        at = 0
        while len(active):
            if at > _FEW >= len(active):
                for row in active.tolist():
                    self._add_long(row, int(starts[row]), int(lengths[row]), at, first, second)
                break
            self._add_words(active, starts, lengths, at, first, second)
            at += 1
            active = active[counts[active] > at]
        return finish(first, second, lengths)

    def byte_at(self, at: int) -> Any:
        """Give the byte at a position of each value, 0 where it is shorter."""
        found = self._bytes[self.starts + np.minimum(at, np.maximum(self.lengths - 1, 0))]
        return np.where(self.lengths > at, found, 0)

    def _add_words(self, active: Any, starts: Any, lengths: Any, at: int, first: Any, second: Any) -> None:
        """Add the word at one position of every value that has one there."""
        if len(active) == len(starts):
            places, left = starts + _WORD * at, lengths - _WORD * at
        else:
            places, left = starts[active] + _WORD * at, lengths[active] - _WORD * at
        words = self._words[places]
        words &= _MASKS[np.minimum(left, _WORD)]
        words += position(at)
        mix(words, np.empty_like(words))
        if len(active) == len(starts):
            first += words
            second += words * words
        else:
            first[active] += words
            second[active] += words * words

    def _add_long(self, row: int, start: int, length: int, at: int, first: Any, second: Any) -> None:
        """Add what is left of one long value, from the word at a position on."""
        for begin in range(at * _WORD, length, _SLICE * _WORD):
            piece = self._bytes[start + begin : start + min(length, begin + _SLICE * _WORD)]
            words: Any = np.zeros((len(piece) + _WORD - 1) // _WORD, np.uint64)
            words.view(np.uint8)[: len(piece)] = piece
            places: Any = np.arange(begin // _WORD + 1, begin // _WORD + 1 + len(words), dtype=np.uint64)
            words += places * np.uint64(POSITION)
            mix(words, places)
            first[row] += np.add.reduce(words)
            second[row] += np.add.reduce(words * words)


def position(at: int) -> Any:
    """Give what is added to the word at a position."""
    return np.uint64(POSITION * (at + 1) & _ALL)


def finish(first: Any, second: Any, lengths: Any) -> tuple[Any, Any]:
    """Close the sums over the parts of values with their lengths; overwrites and gives them."""
    sizes = lengths.astype(np.uint64)
    spare = sizes * LENGTH_FIRST
    first += spare
    mix(first, spare)
    sizes += np.uint64(1)
    np.multiply(sizes, LENGTH_SECOND, out=spare)
    second += spare
    mix(second, spare)
    return first, second


def byte_values(array: Any, missing: Any) -> ByteValues:
    """Find the values in the buffers of an Arrow array of (large) text or bytes.

    Args:
        array: Arrow array.
        missing: Mask of its nulls, or None; what lies under a null is not looked at.
    """
    wide = str(array.type).startswith("large")
    _, offsets_buffer, data_buffer = array.buffers()
    if len(array) == 0 or offsets_buffer is None:
        empty: Any = np.zeros(len(array), np.int64)
        return ByteValues(np.zeros(0, np.uint8), empty, empty)
    kind = np.dtype("<i8" if wide else "<i4")
    offsets = np.frombuffer(offsets_buffer, kind, len(array) + 1, array.offset * kind.itemsize)
    begin, end = int(offsets[0]), int(offsets[-1])
    data = np.zeros(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)[begin:end]
    starts = offsets[:-1].astype(np.int64) - begin
    lengths = np.diff(offsets).astype(np.int64)
    if missing is not None:
        lengths[missing] = 0
    return ByteValues(data, starts, lengths)
