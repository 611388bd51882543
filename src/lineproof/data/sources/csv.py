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
from lineproof.data.sources.ending import Joined, open_quote, with_last
from lineproof.data.sources.inference import STRING, convert, infer, join
from lineproof.data.sources.interface import FileSource, TypesWidened, unique_names
from lineproof.data.sources.places import bad_utf8, place_of, ragged_row
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
        names = self._header(first)
        yield no_rows(pa.schema([(name, pa.null()) for name in names]))
        # A thread of pyarrow reads ahead. If it is inside Python when an error ends the reading, pyarrow may
        # wait for itself for ever when the process ends: a file that was read whole needs no Python there.
        joined = None if len(first) < self._block else Joined(first, stream, 2 * self._block)
        ended = False
        for batch, ended in with_last(self._reader(first, joined)):
            cut = self._cut(first, joined, batch.columns[-1][-1].as_py()) if ended else None
            whole = batch if cut is None else batch.slice(0, batch.num_rows - 1)
            if whole.num_rows:
                typed = map(self._typed, range(len(names)), whole.columns)
                yield pa.RecordBatch.from_arrays([*typed], names)
            if cut is not None:
                raise cut
        cut = None if ended else self._cut(first, joined, self._given[-1])
        if cut is not None:
            raise cut

    def _reader(self, first: bytes, joined: Joined | None) -> Any:
        """Give the batches of the file, every column as text; none where there is only a header."""
        try:
            return pcsv.open_csv(
                pa.BufferReader(first) if joined is None else joined,
                read_options=pcsv.ReadOptions(use_threads=False, block_size=self._block),
                parse_options=pcsv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                convert_options=pcsv.ConvertOptions(
                    column_types=dict.fromkeys(self._given, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" not in str(error):
                raise
            return ()

    def _cut(self, first: bytes, joined: Joined | None, value: str | None) -> DataFormatError | None:
        """Say that the file ends inside of its last field, which was read as `value`; None where it does not."""
        ending, size = (first, len(first)) if joined is None else (joined.ending(), joined.size)
        length = open_quote(ending, value, self._delimiter)
        if length is None:
            return None
        place = place_of(self._path, size - length)
        return DataFormatError(
            f"{self._path} ends inside a quoted field that begins at {place}",
            "get the whole file, or close the quote; --partial scans the rows before",
        )

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

    def _header(self, first: bytes) -> list[str]:
        """Give the column names; the delimiter is known from then on."""
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
        return unique_names(self._given)

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


def _at_least(stream: Any, size: int) -> bytes:
    """Read so many bytes, or up to the end."""
    pieces, left = [], size
    while left > 0 and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
