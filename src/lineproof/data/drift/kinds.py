"""What a column is to a comparison, by its Arrow type; and its values as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.types as pt

__all__ = ["CATEGORY", "CLOCK", "EMPTY", "NESTED", "NUMBER", "TIME", "coded", "kind_of", "numbers"]

NUMBER, CATEGORY, TIME, NESTED, EMPTY = "number", "category", "time", "nested", "empty"
CLOCK = "clock"  # times that move with the rows' own


def kind_of(kind: pa.DataType) -> str:
    """Give what a type is compared as."""
    if pt.is_dictionary(kind):
        return kind_of(kind.value_type)
    if pt.is_null(kind):
        return EMPTY
    if pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind) or pt.is_duration(kind):
        return NUMBER
    if pt.is_timestamp(kind) or pt.is_date(kind):
        return TIME
    if pt.is_nested(kind):
        return NESTED
    return CATEGORY


def numbers(values: pa.ChunkedArray) -> Any:
    """Give numbers, or times as seconds, as float64 with NaN for what is missing."""
    kind = values.type
    if pt.is_dictionary(kind):
        return numbers(pa.chunked_array([one.dictionary_decode() for one in values.chunks], kind.value_type))
    if pt.is_timestamp(kind) or pt.is_date(kind):
        found = values.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).cast(pa.float64(), safe=False)
        return _plain(found) / 1e6
    if pt.is_duration(kind):
        values = values.cast(pa.int64())
    wide = pt.is_float32(kind) or pt.is_float64(kind)
    return np.asarray(_plain(values if wide else values.cast(pa.float64(), safe=False)), dtype=np.float64)


def coded(values: pa.ChunkedArray) -> tuple[Any, list[str]]:
    """Give a code per row, -1 for what is missing, and the text of each code."""
    if not pt.is_dictionary(values.type):
        values = values.dictionary_encode()
    if not values.num_chunks:
        return np.zeros(0, dtype=np.int64), []
    one = values.unify_dictionaries().combine_chunks()
    if isinstance(one, pa.ChunkedArray):
        one = one.chunk(0)
    codes, missing = _buffered(one.indices.cast(pa.int64()))
    if missing is not None:
        codes = np.where(missing, -1, codes)
    texts = one.dictionary.to_pylist()
    return codes, texts if pt.is_string(one.dictionary.type) else [_text(value) for value in texts]


def _plain(values: pa.ChunkedArray) -> Any:
    """Give float64 with NaN for null, and the values themselves where none is."""
    found, missing = _buffered(values.combine_chunks() if values.num_chunks != 1 else values.chunk(0))
    if missing is None:
        return found
    return np.where(missing, np.nan, found)


def _buffered(array: pa.Array) -> tuple[Any, Any]:
    """Give the numbers of an array, whatever lies under nulls included, and which are null, if any.

    From its buffers: pyarrow's own conversion imports pandas, which costs more than all that is done here.
    """
    if isinstance(array, pa.ChunkedArray):  # of no chunks
        return np.zeros(0), None
    kind = np.dtype(array.type.to_pandas_dtype())
    marks, held = array.buffers()
    if held is None or not len(array):
        return np.zeros(len(array), kind), np.ones(len(array), bool)
    found = np.frombuffer(held, kind, len(array), array.offset * kind.itemsize)
    if not array.null_count:
        return found, None
    bits = np.unpackbits(np.frombuffer(marks, np.uint8), bitorder="little")
    return found, bits[array.offset : array.offset + len(array)] == 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else value.hex() if isinstance(value, bytes) else str(value)
