"""CSV: one header line, fields by the delimiter that the header shows, types by the rule of `inference`."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv

from lineproof.data.sources.columnar import no_rows
from lineproof.data.sources.compressed import open_bytes
from lineproof.data.sources.inference import STRING, convert, infer, join
from lineproof.data.sources.interface import FileSource, TypesWidened, unique_names
from lineproof.data.sources.places import bad_utf8, ragged_row
from lineproof.errors import (
    DataError,
    DataFormatError,
    DataLimitError,
    EmptyDataError,
    EncodingError,
    RaggedRowError,
)

__all__ = ["MAX_ROW", "CsvSource"]

MAX_ROW = 1 << 24  # bytes of the longest row
_BLOCK = 1 << 21  # bytes that are cut into rows at a time, when no row is longer
_DELIMITERS = (",", ";", "\t", "|")
_ROW = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


class CsvSource(FileSource):
    """A CSV file, perhaps compressed."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is opened by `batches`."""
        super().__init__(path)
        self._kinds: dict[int, str] = {}
        self._block = _BLOCK

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        try:
            with open_bytes(self._path) as stream:
                yield from self._read(stream)
        except (pa.ArrowException, OSError, EOFError, UnicodeDecodeError) as error:
            if "straddling" in str(error) and self._block < MAX_ROW:
                self._block = MAX_ROW
                raise TypesWidened from None
            raise self._explained(error) from None

    def _read(self, stream: Any) -> Iterator[Any]:
        first = _at_least(stream, self._block)
        names, delimiter = self._header(first)
        yield no_rows(pa.schema([(name, pa.null()) for name in names]))
        # A thread of pyarrow reads ahead. If it is inside Python when an error ends the reading, pyarrow may
        # wait for itself for ever when the process ends: a file that was read whole needs no Python there.
        whole = len(first) < self._block
        try:
            reader = pcsv.open_csv(
                pa.BufferReader(first) if whole else _Joined(first, stream),
                read_options=pcsv.ReadOptions(use_threads=False, block_size=self._block),
                parse_options=pcsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                convert_options=pcsv.ConvertOptions(
                    column_types=dict.fromkeys(self._given, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" not in str(error):
                raise
            return
        for batch in reader:
            yield pa.RecordBatch.from_arrays([*map(self._typed, range(len(names)), batch.columns)], names)

    def _typed(self, at: int, text: Any) -> Any:
        """Give a part of a column in the column's type.

        Raises:
            TypesWidened: It does not fit; now the column has a wider type.
        """
        known = self._kinds.get(at)
        if known is None:
            kind, converted = infer(text)
            if kind is not None:
                self._kinds[at] = kind
            return converted
        converted = convert(text, known)
        if converted is None:
            kind, _ = infer(text)
            self._kinds[at] = join(known, kind or STRING)
            raise TypesWidened
        return converted

    def _header(self, first: bytes) -> tuple[list[str], str]:
        """Give the column names and the delimiter."""
        start = first.removeprefix(codecs.BOM_UTF8)
        if not start.strip():
            raise EmptyDataError(f"{self._path} is empty: it has no header")
        self._refuse_what_is_no_text(first)
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(start)
        except UnicodeDecodeError:
            text = start.decode("utf-8", "replace")
        line = next(line for line in io.StringIO(text) if line.strip())
        delimiter = max(_DELIMITERS, key=line.count)  # the first of those that occur most often
        lines = io.StringIO(text.lstrip("\r\n"), newline="")
        csv.field_size_limit(MAX_ROW)
        self._given = next(csv.reader(lines, delimiter=delimiter))
        self._delimiter = delimiter
        return unique_names(self._given), delimiter

    def _refuse_what_is_no_text(self, first: bytes) -> None:
        """Refuse UTF-16, and what begins with zero bytes or a line without an end, which is no header."""
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise EncodingError(
                f"{self._path}: it is UTF-16, not UTF-8",
                "convert the file to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`",
            )
        line = first.lstrip(b"\r\n").partition(b"\n")[0]
        if b"\0" in line:
            raise DataFormatError(f"{self._path}: its first line holds zero bytes: it is no text")
        if len(line) >= MAX_ROW:
            raise DataLimitError(f"{self._path}: a row is longer than {MAX_ROW >> 20} MiB")
        if len(line) >= self._block:
            self._block = MAX_ROW
            raise TypesWidened

    def _explained(self, error: Exception) -> DataError:
        """Say what is wrong and where, without repeating the data."""
        text = str(error)
        ragged = _ROW.search(text)
        if ragged:
            row, expected, got = map(int, ragged.groups())
            place = ragged_row(self._path, self._delimiter, expected)
            where = "" if place is None else f" at {place}"
            return RaggedRowError(f"{self._path}: row {row} has {got} fields, the header {expected}{where}")
        if "straddling" in text:
            return DataLimitError(f"{self._path}: a row is longer than {MAX_ROW >> 20} MiB")
        if "UTF8" in text or isinstance(error, UnicodeDecodeError):
            return EncodingError(f"{self._path}: {bad_utf8(self._path)} is not UTF-8")
        return DataFormatError(f"{self._path} cannot be read as CSV: {text.split(':', maxsplit=1)[0]}")


class _Joined(io.RawIOBase):
    """Bytes that were read ahead, followed by the stream that they came from."""

    def __init__(self, first: bytes, stream: Any) -> None:
        super().__init__()
        self._first = memoryview(first)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if len(self._first):
            piece = bytes(self._first[:size] if size > 0 else self._first)
            self._first = self._first[len(piece) :]
            return piece
        data: bytes = self._stream.read(size)
        return data


def _at_least(stream: Any, size: int) -> bytes:
    """Read so many bytes, or up to the end."""
    pieces, left = [], size
    while left > 0 and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
