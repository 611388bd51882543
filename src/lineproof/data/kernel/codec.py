"""States as bytes and back: msgpack, with arrays as little-endian bytes and samples as Arrow streams.

Equal states give equal bytes, except for float moments, whose last digits depend on the order of merging.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from lineproof.data.kernel.column import ColumnState
from lineproof.data.kernel.content import ColumnContent, ContentState
from lineproof.data.kernel.distinct import Distinct, Sizes
from lineproof.data.kernel.histogram import Histogram
from lineproof.data.kernel.moments import Moments
from lineproof.data.kernel.table import TableState
from lineproof.errors import StateError

__all__ = ["FORMAT", "from_bytes", "to_bytes"]

FORMAT = "lineproof-state-1"


class _Column(msgspec.Struct, array_like=True):
    sample: int
    bits: int
    closed: int | None
    hashes: bytes
    counts: bytes
    values: bytes | None
    registers: bytes | None
    bins: bytes
    bin_counts: bytes
    moments: Moments
    low: int | float | str | None
    high: int | float | str | None
    nans: int
    infinities: int


class _Content(msgspec.Struct, array_like=True):
    """Sums as hex: msgpack has no unsigned integers of 64 bits everywhere."""

    rows: int
    first: str
    second: str
    columns: dict[str, tuple[str, int, str, str]]


class _Table(msgspec.Struct, array_like=True):
    format: str
    content: _Content
    columns: dict[str, _Column]


class _Head(msgspec.Struct, array_like=True):
    """What states of all versions begin with."""

    format: str


def to_bytes(state: TableState) -> bytes:
    """Write a state."""
    content = state.content
    parts = {
        name: (one.kind, one.nulls, f"{one.first:016x}", f"{one.second:016x}")
        for name, one in sorted(content.columns.items())
    }
    head = _Content(content.rows, f"{content.first:016x}", f"{content.second:016x}", parts)
    columns = {name: _pack(one) for name, one in sorted(state.columns.items())}
    return msgspec.msgpack.encode(_Table(FORMAT, head, columns))


def from_bytes(data: bytes) -> TableState:
    """Read a state.

    Raises:
        StateError: The bytes are no state of this version.
    """
    try:
        format_ = msgspec.msgpack.decode(data, type=_Head).format
        if format_ != FORMAT:  # said before the rest is read: another format has another rest
            raise StateError(f"a state of format {format_[:40]}, this version reads {FORMAT}")
        table = msgspec.msgpack.decode(data, type=_Table)
        state = TableState()
        state.content = ContentState(
            table.content.rows,
            {name: _content(part) for name, part in table.content.columns.items()},
            int(table.content.first, 16),
            int(table.content.second, 16),
        )
        state.columns = {name: _unpack(one) for name, one in table.columns.items()}
    except (msgspec.MsgspecError, ValueError, pa.ArrowException) as error:
        raise StateError("the bytes are not the state of a table") from error
    return state


def _content(part: tuple[str, int, str, str]) -> Any:
    kind, nulls, first, second = part
    return ColumnContent(kind, nulls, int(first, 16), int(second, 16))


def _pack(state: ColumnState) -> _Column:
    distinct = state.distinct
    bins = sorted(state.numbers.counts)
    return _Column(
        distinct.sizes.sample,
        distinct.sizes.bits,
        distinct.closed,
        distinct.hashes.astype("<u8").tobytes(),
        distinct.counts.astype("<i8").tobytes(),
        None if distinct.values is None else _ipc(distinct.values),
        None if distinct.registers is None else distinct.registers.tobytes(),
        np.array(bins, "<i8").tobytes(),
        np.array([state.numbers.counts[number] for number in bins], "<i8").tobytes(),
        state.moments,
        state.low,
        state.high,
        state.nans,
        state.infinities,
    )


def _unpack(packed: _Column) -> ColumnState:
    state = ColumnState(Sizes(packed.sample, packed.bits))
    bins, counts = np.frombuffer(packed.bins, "<i8"), np.frombuffer(packed.bin_counts, "<i8")
    state.numbers = Histogram(dict(zip(bins.tolist(), counts.tolist(), strict=True)))
    state.moments = packed.moments
    state.low, state.high = packed.low, packed.high
    state.nans, state.infinities = packed.nans, packed.infinities
    hashes, sizes = np.frombuffer(packed.hashes, "<u8").copy(), np.frombuffer(packed.counts, "<i8").copy()
    values = None if packed.values is None else _from_ipc(packed.values)
    registers = None if packed.registers is None else np.frombuffer(packed.registers, np.uint8).copy()
    state.distinct = Distinct.restored(state.distinct.sizes, hashes, sizes, values, registers, packed.closed)
    return state


def _ipc(values: Any) -> bytes:
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([pa.concat_arrays([values])], names=["v"])
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _from_ipc(data: bytes) -> Any:
    with pa.ipc.open_stream(data) as reader:
        return reader.read_next_batch().column(0)
