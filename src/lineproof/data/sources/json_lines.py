"""JSON lines: one object per line; numbers and booleans have JSON's types, dates are text that reads as one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json as pj

from lineproof.data.sources.compressed import open_bytes
from lineproof.data.sources.inference import STRING, TEXT_KINDS, convert, infer, join
from lineproof.data.sources.interface import TypesWidened
from lineproof.errors import DataFormatError, EmptyDataError

__all__ = ["JsonLinesSource"]

_BLOCK = 1 << 23


class JsonLinesSource:
    """A file of JSON objects, one per line, perhaps compressed."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is opened by `batches`."""
        self.files: tuple[Path, ...] = (path,)
        self._path = path
        self._schema: Any = None
        self._kinds: dict[str, str] = {}

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        if self._schema is None:
            self._schema = self._first_schema()
        options = pj.ParseOptions(explicit_schema=self._schema, unexpected_field_behavior="error")
        try:
            with open_bytes(self._path) as stream:
                for batch in pj.open_json(stream, _reading(), options):
                    columns = [*map(self._typed, batch.schema.names, batch.columns)]
                    yield pa.RecordBatch.from_arrays(columns, batch.schema.names)
        except pa.ArrowException as error:
            raise self._explained(error) from None

    def _first_schema(self) -> Any:
        try:
            with open_bytes(self._path) as stream:
                schema = pj.open_json(stream, _reading()).schema
        except pa.ArrowException as error:
            raise self._explained(error) from None
        if not len(schema):
            raise EmptyDataError(f"{self._path} has no columns")
        return pa.schema([(field.name, _without_times(field.type)) for field in schema])

    def _typed(self, name: str, values: Any) -> Any:
        """Give a part of a column, dates and times read from text."""
        if not pa.types.is_string(values.type):
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

    def _explained(self, error: Exception) -> DataFormatError | EmptyDataError:
        text = str(error)
        if "Empty JSON" in text:
            return EmptyDataError(f"{self._path} is empty")
        return DataFormatError(f"{self._path} cannot be read as JSON lines: {text.split(':', maxsplit=1)[0]}")


def _reading() -> Any:
    return pj.ReadOptions(use_threads=False, block_size=_BLOCK)


def _without_times(kind: Any) -> Any:
    """Give the type in which Arrow's own guess of times is text again, so that one rule decides."""
    if pa.types.is_timestamp(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_without_times(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _without_times(field.type)) for field in kind])
    return kind
