"""From the values of an Arrow array to two 64-bit words each: what the fingerprint adds up.

Values that are equal give equal words, whatever the width, encoding, unit or engine that holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineproof.data.kernel.mixing import (
    LENGTH_FIRST,
    LENGTH_SECOND,
    NULL_FIRST,
    NULL_SECOND,
    Workspace,
    column_keys,
    mix,
)
from lineproof.data.kernel.text import ByteValues, byte_values, finish, position
from lineproof.errors import DataTypeError

__all__ = ["NULL", "Lanes", "all_lanes", "lanes_of", "null_mask", "plain"]

NULL = "null"
_NAN = np.uint64(0x7FF8000000000000)
_SIGN = np.uint64(1 << 63)
_NANOSECONDS = 1000
_PER_UNIT = {"s": 1_000_000, "ms": 1000, "us": 1}

Compute = Callable[[int, int, Workspace], tuple[Any, Any]]


class Lanes:
    """The words of one array, computed block by block.

    Attributes:
        kind: Class of type: int, float, ...
        missing: Mask of nulls, or None when there are none.
    """

    def __init__(self, kind: str, missing: Any, compute: Compute) -> None:
        self.kind = kind
        self.missing = missing
        self._compute = compute

    def block(self, start: int, stop: int, space: Workspace) -> tuple[Any, Any, int]:
        """Give the first and second words of the rows from `start` to `stop`, and how many are null.

        The arrays belong to the workspace and hold until the next call.
        """
        first, second = self._compute(start, stop, space)
        if self.missing is None:
            return first, second, 0
        missing = self.missing[start:stop]
        nulls = int(np.count_nonzero(missing))
        if nulls:
            np.copyto(first, NULL_FIRST, where=missing)
            np.copyto(second, NULL_SECOND, where=missing)
        return first, second, nulls


def plain(array: Any) -> Any:
    """Give an array without wrapping: extension types as stored, runs decoded, views as offsets."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    if isinstance(array, pa.ExtensionArray):
        return plain(array.storage)
    kind = array.type
    if pa.types.is_run_end_encoded(kind):
        return plain(pc.run_end_decode(array))
    if pa.types.is_string_view(kind):
        return array.cast(pa.large_string())
    if pa.types.is_binary_view(kind):
        return array.cast(pa.large_binary())
    if pa.types.is_fixed_size_binary(kind):
        return array.cast(pa.large_binary())
    if pa.types.is_decimal32(kind) or pa.types.is_decimal64(kind):
        return array.cast(pa.decimal128(kind.precision, kind.scale))
    return array


def null_mask(array: Any) -> Any:
    """Give the mask of nulls, or None when there are none."""
    if array.null_count == 0:
        return None
    return array.is_null().to_numpy(zero_copy_only=False)


def lanes_of(array: Any) -> Lanes:
    """Prepare the words of an array.

    Args:
        array: Arrow array of any type.

    Raises:
        DataTypeError: The type has no values that could be compared over formats (intervals, unions).
    """
    array = plain(array)
    kind = array.type
    t = pa.types
    if t.is_null(kind):
        return Lanes(NULL, np.ones(len(array), bool), _zeros)
    if t.is_dictionary(kind):
        return _of_dictionary(array)
    if t.is_struct(kind):
        return _of_struct(array)
    if t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind) or t.is_map(kind):
        return _of_list(array)
    if t.is_list_view(kind) or t.is_large_list_view(kind):
        return _of_list(array.cast(pa.large_list(kind.value_type)))
    missing = null_mask(array)
    if t.is_string(kind) or t.is_large_string(kind):
        return Lanes("string", missing, _of_bytes(byte_values(array, missing)))
    if t.is_binary(kind) or t.is_large_binary(kind):
        return Lanes("binary", missing, _of_bytes(byte_values(array, missing)))
    if t.is_decimal(kind):
        text = _decimal_text(array)
        return Lanes("decimal", missing, _of_bytes(byte_values(text, missing)))
    return _of_fixed(array, missing)


def all_lanes(lanes: Lanes, rows: int) -> tuple[Any, Any]:
    """Give the words of all rows of an array as new arrays."""
    space = Workspace()
    first: Any = np.empty(rows, np.uint64)
    second: Any = np.empty(rows, np.uint64)
    step = len(space.first)
    for start in range(0, rows, step):
        stop = min(rows, start + step)
        first[start:stop], second[start:stop], _ = lanes.block(start, stop, space)
    return first, second


def _zeros(start: int, stop: int, space: Workspace) -> tuple[Any, Any]:
    return space.first[: stop - start], space.second[: stop - start]


def _of_bytes(values: ByteValues) -> Compute:
    return lambda start, stop, _space: values.lanes(start, stop)


def _of_words(words: Any) -> Compute:
    """Mix fixed-width values; integers and floats narrower than a word are widened first."""

    def compute(start: int, stop: int, space: Workspace) -> tuple[Any, Any]:
        size = stop - start
        first, second = space.first[:size], space.second[:size]
        part = words[start:stop]
        if part.dtype.kind == "f":
            part = _float_words(part, space.wide[:size])
        elif part.dtype.itemsize == _SIGN.itemsize:
            part = part.view(np.uint64)
        else:
            np.copyto(first.view(np.int64), part, casting="unsafe")
            part = first
        mix(first, space.spare[:size], part)
        np.multiply(first, first, out=second)
        return first, second

    return compute


def _float_words(part: Any, wide: Any) -> Any:
    """Give the bits of floats as float64, with one NaN."""
    if part.dtype != np.float64:
        np.copyto(wide.view(np.float64), part)
        part = wide.view(np.float64)
    if np.isnan(np.minimum.reduce(part)):  # one quick look, without an array of its own
        part = part.copy()
        part.view(np.uint64)[np.isnan(part)] = _NAN
    return part.view(np.uint64)


def _of_fixed(array: Any, missing: Any) -> Lanes:
    kind, values = _fixed(array)
    beyond = None
    if isinstance(values, tuple):
        values, beyond = values
    compute = _of_words(values)
    if beyond is None:
        return Lanes(kind, missing, compute)
    which, exact = beyond

    def with_exceptions(start: int, stop: int, space: Workspace) -> tuple[Any, Any]:
        first, second = compute(start, stop, space)
        here = np.flatnonzero(which[start:stop])
        if len(here):
            size = exact.dtype.itemsize
            whole = np.ascontiguousarray(exact[start:stop][here])
            starts = np.arange(len(here), dtype=np.int64) * size
            lengths: Any = np.full(len(here), size, np.int64)
            first[here], second[here] = ByteValues(whole.view(np.uint8), starts, lengths).lanes(0, len(here))
        return first, second

    return Lanes(kind, missing, with_exceptions)


def _fixed(array: Any) -> tuple[str, Any]:
    """Give the class and the numbers of a fixed-width array; with exceptions, (numbers, (which, exact))."""
    kind = array.type
    t = pa.types
    if t.is_boolean(kind):
        return "bool", _buffer(array.cast(pa.uint8()), "u1")
    if t.is_floating(kind):
        return "float", _buffer(array, f"<f{kind.bit_width // 8}")
    if t.is_uint64(kind):
        values = _buffer(array, "<u8")
        large = values >= _SIGN
        return "int", (values, (large, values)) if large.any() else values
    if t.is_integer(kind):
        return "int", _buffer(array, f"<{'i' if t.is_signed_integer(kind) else 'u'}{kind.bit_width // 8}")
    if t.is_date(kind):
        return "date", _buffer(array.cast(pa.date32()), "<i4")
    for name, is_kind in (("timestamp", t.is_timestamp), ("time", t.is_time), ("duration", t.is_duration)):
        if is_kind(kind):
            return name, _microseconds(_buffer(array, f"<i{kind.bit_width // 8}"), kind.unit)
    raise DataTypeError(f"a column is of type {kind}, which has no fingerprint")


def _buffer(array: Any, dtype: str) -> Any:
    """Give the numbers of a fixed-width array without copying; whatever lies under nulls included."""
    buffer = array.buffers()[1]
    if buffer is None or len(array) == 0:
        return np.zeros(len(array), dtype)
    return np.frombuffer(buffer, dtype, len(array), array.offset * np.dtype(dtype).itemsize)


def _microseconds(ticks: Any, unit: str) -> Any:
    """Give microseconds; where nanoseconds do not end there, they are exceptions."""
    if unit != "ns":
        return ticks.astype(np.int64) * _PER_UNIT[unit] if unit != "us" else ticks
    micros = ticks // _NANOSECONDS
    finer = micros * _NANOSECONDS != ticks
    return (micros, (finer, ticks)) if finer.any() else micros


def _decimal_text(array: Any) -> Any:
    """Give each decimal as digits without trailing zeros, `e`, and its exponent."""
    kind = array.type
    whole = pa.decimal256(76, 0) if pa.types.is_decimal256(kind) else pa.decimal128(38, 0)
    digits = pa.Array.from_buffers(whole, len(array), array.buffers(), offset=array.offset).cast(pa.string())
    short = pc.utf8_rtrim(digits, "0")
    dropped = pc.subtract(pc.binary_length(digits), pc.binary_length(short))
    exponent = pc.subtract(dropped, pa.scalar(kind.scale, pa.int32())).cast(pa.string())
    text = pc.binary_join_element_wise(short, exponent, "e")
    return pc.if_else(pc.equal(short, ""), "0e0", text)


def _of_dictionary(array: Any) -> Lanes:
    """Take the words of the distinct values by their codes."""
    inner = lanes_of(array.dictionary)
    first, second = all_lanes(inner, len(array.dictionary))
    codes = array.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    missing = null_mask(array.indices)
    if not len(first):
        return Lanes(inner.kind, np.ones(len(array), bool), _zeros)
    if inner.missing is not None:
        of_values = inner.missing[codes]
        missing = of_values if missing is None else missing | of_values
    return Lanes(
        inner.kind, missing, lambda start, stop, _: (first[codes[start:stop]], second[codes[start:stop]])
    )


def _of_struct(array: Any) -> Lanes:
    """Combine the words of the fields as those of a row."""
    rows = len(array)
    first, second = np.full(rows, LENGTH_FIRST), np.full(rows, LENGTH_SECOND)
    kinds = []
    for at in range(array.type.num_fields):
        name = array.type.field(at).name
        inner = lanes_of(pc.struct_field(array, at))
        one, two = all_lanes(inner, rows)
        key_first, key_second = column_keys(name)
        first += one * key_first
        second += two * key_second
        kinds.append(f"{name}:{inner.kind}")
    spare: Any = np.empty(rows, np.uint64)
    mix(first, spare)
    mix(second, spare)
    return Lanes(f"struct<{','.join(sorted(kinds))}>", null_mask(array), _taken(first, second))


def _of_list(array: Any) -> Lanes:
    """Sum the words of the elements, each by its position, and close with the length."""
    missing = null_mask(array)
    if pa.types.is_map(array.type):
        lengths = np.diff(array.offsets.to_numpy()).astype(np.int64)
        values = _entries(array)
    else:
        lengths = pc.list_value_length(array).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        values = pc.list_flatten(array)
    if missing is not None:
        lengths[missing] = 0
    inner = lanes_of(values)
    one, two = all_lanes(inner, len(values))
    owner: Any = np.repeat(np.arange(len(array)), lengths)
    begins = np.cumsum(lengths) - lengths
    places = (np.arange(len(values)) - begins[owner] + 1).astype(np.uint64) * position(0)
    sums = [_summed(words, places, owner, len(array)) for words in (one, two)]
    first, second = finish(sums[0], sums[1], lengths)
    return Lanes(f"list<{inner.kind}>", missing, _taken(first, second))


def _summed(words: Any, places: Any, owner: Any, size: int) -> Any:
    """Sum the words of the elements by the row that owns them, each mixed with its place; overwrites them."""
    words += places
    mix(words, np.empty_like(words))
    total: Any = np.zeros(size, np.uint64)
    np.add.at(total, owner, words)
    return total


def _entries(array: Any) -> Any:
    """Give the entries of the maps that are not null, as structs of key and value."""
    present = array.filter(array.is_valid()) if array.null_count else array
    begin, end = present.offsets[0].as_py(), present.offsets[-1].as_py()
    keys, items = present.keys, present.items
    if len(keys) != end - begin:
        keys, items = keys.slice(begin, end - begin), items.slice(begin, end - begin)
    return pa.StructArray.from_arrays([keys, items], ["key", "value"])


def _taken(first: Any, second: Any) -> Compute:
    return lambda start, stop, _: (first[start:stop].copy(), second[start:stop].copy())
