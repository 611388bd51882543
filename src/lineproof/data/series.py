"""Columns of polars as canonical bytes, by polars alone: a program that uses nothing else has no numpy loaded.

Numbers leave polars by its IPC stream, the layout of which is checked. What is not known to come out as it
would through numpy is refused.
"""

from __future__ import annotations

import hashlib
import io
import sys
from array import array
from collections.abc import Iterator
from typing import Any

__all__ = ["encoded_text", "feed_series"]

_CHUNK = 1 << 18  # values per step
_LARGEST = (1 << 63) - 1
_ALIGNED = 64
_HEAD = 8  # bytes before a message: a mark and a length; the mark at the end of the stream has as many
_TEXT = frozenset(("String", "Categorical", "Enum"))
_FLOATS = frozenset(("Float32", "Float64"))
_INTEGERS = frozenset(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64))


def encoded_text(texts: list[str]) -> tuple[bytes, bytes]:
    """Give the length of each text in bytes, as int64, and the UTF-8 of all of them."""
    joined = "".join(texts)
    if joined.isascii():
        return array("q", map(len, texts)).tobytes(), joined.encode()
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return array("q", map(len, encoded)).tobytes(), b"".join(encoded)


def feed_series(digest: Any, series: Any) -> str | None:
    """Hash the values of a series of polars; give the kind (see `data.canonical`).

    Returns:
        None for what numpy must read; nothing has gone into the digest then.
    """
    if sys.byteorder != "little":
        return None
    name = series.dtype.base_type().__name__
    if name in _TEXT:
        return _feed_text(digest, series)
    kind = _kind_of_numbers(series, name)
    if kind is None:
        return None
    for chunk in _chunks(series):
        digest.update(_values(_widened(chunk, kind), 1 if kind == "b" else 8))
    return kind


def _chunks(series: Any) -> Iterator[Any]:
    for start in range(0, len(series), _CHUNK):
        yield series.slice(start, _CHUNK)


def _kind_of_numbers(series: Any, name: str) -> str | None:
    """Give the kind that numpy would find; None where it would find objects, or is not known to."""
    nulls = series.null_count() > 0
    if name in _FLOATS or (name in _INTEGERS and nulls):
        return "f"
    if name in _INTEGERS:
        return "u" if name == "UInt64" and len(series) and series.max() > _LARGEST else "i"
    return "b" if name == "Boolean" and not nulls else None


def _widened(series: Any, kind: str) -> Any:
    """Give the values in the type of their kind; -0.0 is 0.0, and there is one NaN, which stands for nulls."""
    polars = sys.modules["polars"]
    if kind != "f":
        return series.cast({"b": polars.UInt8, "i": polars.Int64, "u": polars.UInt64}[kind])
    value = polars.col("value").cast(polars.Float64).fill_null(float("nan"))
    canonical = polars.when(value.is_nan()).then(float("nan")).when(value == 0.0).then(0.0).otherwise(value)
    return polars.DataFrame({"value": series}).select(canonical).to_series()


def _values(series: Any, width: int) -> memoryview:
    """Give the bytes of a series of numbers without nulls: the last buffer of the last message of its stream.

    Raises:
        ValueError: The stream is laid out in another way.
    """
    stream = io.BytesIO()
    series.to_frame().write_ipc_stream(stream, compression="uncompressed")
    view = stream.getbuffer()
    at = 0
    for _ in ("schema", "record batch"):
        mark, length = bytes(view[at : at + 4]), int.from_bytes(view[at + 4 : at + _HEAD], "little")
        if mark != b"\xff\xff\xff\xff":
            raise ValueError("no message")
        at += _HEAD + length
    size, end = len(series) * width, len(view) - _HEAD
    bits = _padded((len(series) + 7) // 8)
    if end - at not in (_padded(size), _padded(size) + bits):
        raise ValueError("not the buffers that were expected")
    start = end - _padded(size)
    return view[start : start + size]


def _padded(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def _feed_text(digest: Any, series: Any) -> str:
    lengths, texts = bytearray(), hashlib.sha256()
    for chunk in _chunks(series):
        of_chunk, data = encoded_text([text or "" for text in chunk.to_list()])
        lengths += of_chunk
        texts.update(data)
    digest.update(lengths)
    digest.update(texts.digest())
    if series.null_count():
        digest.update(b"|null|")
        for chunk in _chunks(series.is_null()):
            digest.update(_values(_widened(chunk, "b"), 1))
    return "s"
