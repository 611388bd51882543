"""Where in a text file something is wrong: line, byte and column; the file is read again to find it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from lineproof.data.sources.compressed import open_bytes

__all__ = ["Place", "bad_utf8", "place_of", "ragged_row"]

_PIECE = 1 << 20
_LONGEST = 1 << 25  # bytes of a line that are looked at together


class Place(msgspec.Struct, frozen=True):
    """A place in a text file.

    Attributes:
        line: Counted from 1.
        byte: Offset in the file, after decompression, counted from 0.
        column: Place in the line, in characters, counted from 1.
    """

    line: int
    byte: int
    column: int

    def __str__(self) -> str:
        """Say where."""
        return f"byte {self.byte} (line {self.line}, column {self.column})"


def bad_utf8(path: Path) -> Place | None:
    """Find the first byte that is not UTF-8, or the end of a file whose last character is cut short."""
    line, column, offset = 1, 1, 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_bytes(path) as stream:
        while True:
            piece = stream.read(_PIECE)
            pending = len(decoder.getstate()[0])
            try:
                text, error_at = decoder.decode(piece, final=not piece), None
            except UnicodeDecodeError as error:
                text, error_at = error.object[: error.start].decode(), offset + error.start - pending
            head, found, tail = text.rpartition("\n")
            if found:
                line += head.count("\n") + 1
                column = 1
            column += len(tail)
            if error_at is not None:
                return Place(line, error_at, column)
            if not piece:
                return None
            offset += len(piece)


def place_of(path: Path, byte: int) -> Place:
    """Give the line and the column of a byte of a file."""
    line, start, offset = 1, b"", 0
    with open_bytes(path) as stream:
        while offset < byte and (piece := stream.read(min(_PIECE, byte - offset))):
            offset += len(piece)
            head, found, tail = piece.rpartition(b"\n")
            line += head.count(b"\n") + len(found)
            start = tail if found else start + tail
    return Place(line, byte, len(start.decode("utf-8", "replace")) + 1)


def ragged_row(path: Path, delimiter: str, expected: int) -> Place | None:
    """Find the first row that has not this number of fields: its first surplus field, or its end."""
    with open_bytes(path) as stream:
        rows = _Rows(stream, delimiter)
        for fields, place, text in rows:
            if fields and len(fields) != expected:
                at = (
                    _surplus(text, delimiter, expected)
                    if len(fields) > expected
                    else len(text.rstrip("\r\n"))
                )
                before = text[:at]
                line = place.line + before.count("\n")
                column = len(before.rpartition("\n")[2]) + 1
                return Place(line, place.byte + len(before.encode("utf-8", "surrogateescape")), column)
    return None


class _Rows:
    """The rows of a CSV file: fields, place of their start, and text."""

    def __init__(self, stream: Any, delimiter: str) -> None:
        self._stream = io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream
        self._lines: list[str] = []
        self._reader = csv.reader(self._read(), delimiter=delimiter)

    def _read(self) -> Iterator[str]:
        first = True
        while line := self._stream.readline(_LONGEST):
            if first:
                line, first = line.removeprefix(codecs.BOM_UTF8), False
            self._lines.append(line.decode("utf-8", "surrogateescape"))
            yield self._lines[-1]

    def __iter__(self) -> Iterator[tuple[list[str], Place, str]]:
        line = 1
        byte = 0
        for fields in self._reader:
            text = "".join(self._lines)
            self._lines.clear()
            yield fields, Place(line, byte, 1), text
            line += text.count("\n")
            byte += len(text.encode("utf-8", "surrogateescape"))


def _surplus(text: str, delimiter: str, expected: int) -> int:
    """Give where in a row the first field after the expected ones begins."""
    quoted = False
    left = expected
    for at, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif sign == delimiter and not quoted:
            left -= 1
            if not left:
                return at + 1
    return len(text)
