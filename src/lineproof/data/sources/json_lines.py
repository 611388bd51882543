"""JSON lines: one object per line; numbers and booleans have JSON's types, dates are text that reads as one.

A column that first appears late in the file, or whose values change their type there, is found when it is met:
the rest of the file is then looked through for its types, and all of it is read again.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as pj

from lineproof.data.sources.columnar import no_rows
from lineproof.data.sources.compressed import open_bytes
from lineproof.data.sources.inference import STRING, TEXT_KINDS, convert, infer, join
from lineproof.data.sources.interface import FileSource, TypesWidened
from lineproof.data.sources.json_values import MIXED, Types, column_of, infer_rows, join_types, rows_of
from lineproof.data.sources.places import Place, bad_utf8
from lineproof.errors import DataError, DataFormatError, DataLimitError, EmptyDataError, EncodingError

__all__ = ["JsonLinesSource"]

_BLOCK = 1 << 23
_MAX_LINE = 1 << 24  # bytes
_MAX_DEPTH = 100  # objects and lists inside each other


class JsonLinesSource(FileSource):
    """A file of JSON objects, one per line, perhaps compressed."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is opened by `batches`."""
        super().__init__(path)
        self._types: Types = {}
        self._kinds: dict[str, str] = {}
        self._slow = False  # Arrow's reader does not take it: decoded in Python

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        try:
            with open_bytes(self._path) as stream:
                yield from self._read(_Blocks(stream, self._path))
        except (pa.ArrowException, OSError) as error:
            raise DataFormatError(f"{self._path} cannot be read: it is damaged or cut short") from error

    def _read(self, blocks: _Blocks) -> Iterator[Any]:
        begun = False
        for block in blocks:
            if not self._types:
                self._learn(block, blocks)
            if not self._types:
                continue  # objects without members so far
            if not begun:
                begun = True
                yield no_rows(pa.schema([(name, pa.null()) for name in self._types]))
            batch = self._parsed(block)
            if batch is None:
                self._learn(block, blocks)
                for more in blocks:
                    self._learn(more, blocks)
                raise TypesWidened
            names = batch.schema.names
            yield pa.RecordBatch.from_arrays([*map(self._typed, names, batch.columns)], names)
        if not begun:
            raise EmptyDataError(
                f"{self._path} is empty" if not blocks.line else f"{self._path} has no columns"
            )

    def _parsed(self, block: bytes) -> Any:
        """Give the rows of a block in the known types, or None when something does not fit these."""
        try:
            if self._slow:
                rows = rows_of(block)
                if any(name not in self._types for row in rows for name in row):
                    return None
                columns = [
                    column_of([row.get(name) for row in rows], kind) for name, kind in self._types.items()
                ]
                return pa.RecordBatch.from_arrays(columns, list(self._types))
            schema = pa.schema(list(self._types.items()))
            options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
            return pj.read_json(io.BytesIO(block), _reading(block), options).combine_chunks().to_batches()[0]
        except (pa.ArrowException, ValueError):
            return None

    def _learn(self, block: bytes, blocks: _Blocks) -> None:
        """Widen the known types by those of a block.

        Raises:
            DataFormatError: It holds what is no JSON object.
        """
        try:
            schema = pj.read_json(io.BytesIO(block), _reading(block)).schema
            found: Types = {field.name: _without_times(field.type) for field in schema}
        except pa.ArrowException:
            self._slow = True
            try:
                found = infer_rows(rows_of(block))
            except (ValueError, RecursionError) as error:
                raise blocks.explained(block) from error
        for name, kind in found.items():
            self._types[name] = join_types(self._types[name], kind) if name in self._types else kind
        self._slow = self._slow or MIXED in self._types.values()

    def _typed(self, name: str, values: Any) -> Any:
        """Give a part of a column, dates and times read from text."""
        if not pa.types.is_string(values.type) or self._types[name] is MIXED:
            return values
        known = self._kinds.get(name)
        if known is None:
            kind, converted = infer(values, TEXT_KINDS)
            if kind is not None:
                self._kinds[name] = kind
            return converted
        converted = convert(values, known)
        if converted is None:
            kind, _ = infer(values, TEXT_KINDS)
            self._kinds[name] = join(known, kind or STRING)
            raise TypesWidened
        return converted


class _Blocks:
    """A stream cut into blocks of whole lines, each checked to be UTF-8 and not nested too deeply.

    Attributes:
        line: Lines before the block that was given last.
    """

    def __init__(self, stream: Any, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._given = b""
        self._byte = 0
        self.line = 0

    def __iter__(self) -> Iterator[bytes]:
        pending = b""
        while piece := self._stream.read(_BLOCK):
            pending += piece
            if not self._byte and not self._given:
                pending = pending.removeprefix(codecs.BOM_UTF8)
            whole, newline, rest = pending.rpartition(b"\n")
            if len(rest) > _MAX_LINE:
                raise DataLimitError(f"{self._path}: a line is longer than {_MAX_LINE >> 20} MiB")
            if newline:
                yield from self._checked(whole + newline)
                pending = rest
        yield from self._checked(pending)

    def _checked(self, block: bytes) -> Iterator[bytes]:
        self._byte += len(self._given)
        self.line += self._given.count(b"\n")
        self._given = block
        if not block.strip():
            return
        try:
            block.decode()
        except UnicodeDecodeError:
            raise EncodingError(f"{self._path}: {bad_utf8(self._path)} is not UTF-8") from None
        if _deep(block):
            raise DataLimitError(f"{self._path}: a line is nested more than {_MAX_DEPTH} levels deep")
        yield block

    def explained(self, block: bytes) -> DataError:
        """Say which line is no JSON object, and where, without repeating it."""
        byte = self._byte
        for number, line in enumerate(block.splitlines(keepends=True), self.line + 1):
            column = 1
            try:
                if not line.strip() or isinstance(json.loads(line), dict):
                    byte += len(line)
                    continue
            except json.JSONDecodeError as error:
                column = error.colno
            place = Place(number, byte + len(line.decode()[: column - 1].encode()), column)
            return DataFormatError(
                f"{self._path}: what is at {place} is not JSON with an object in each line"
            )
        return DataFormatError(f"{self._path} cannot be read as JSON lines")


def _deep(block: bytes) -> bool:
    """Say whether a line may be nested too deeply for a recursive reader; brackets in text count as well."""
    signs = np.frombuffer(block, np.uint8)
    opening = (signs | 0x20) == ord("{")  # `[` and `{` differ in this bit
    starts = np.concatenate([[0], np.flatnonzero(signs == ord("\n"))])
    many = np.add.reduceat(opening, starts, dtype=np.int64)
    ends: Any = np.append(starts[1:], len(signs))
    for at in np.flatnonzero(many > _MAX_DEPTH):
        part = signs[starts[at] : ends[at]] | 0x20
        steps = (part == ord("{")).astype(np.int64) - (part == ord("}"))
        if np.cumsum(steps).max() > _MAX_DEPTH:
            return True
    return False


def _reading(block: bytes) -> Any:
    return pj.ReadOptions(use_threads=False, block_size=len(block) + 1)


def _without_times(kind: Any) -> Any:
    """Give the type in which Arrow's own guess of times is text again, so that one rule decides."""
    if pa.types.is_timestamp(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_without_times(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _without_times(field.type)) for field in kind])
    return kind
