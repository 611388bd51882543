"""Identity of the content of a table in memory, version 0: `frame0:` and 128 bits as hex.

What it depends on: values, their kind, missing values, column names and order, order of rows, number of
rows; the index only where it has a name, since then it holds data. What it does not depend on: chunks,
memory layout, width of integers and floats, unit of times. A frame, a plain array and a sparse matrix of
the same numbers have different fingerprints. It is identity, not evidence against tampering: that is the
SHA-256 of a file's bytes. A published version 1, equal over formats and engines, will replace it; the
prefix tells them apart.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import msgspec

from lineproof.data.canonical import DIGEST_HEX, OPAQUE, column_digest, feed_numbers

__all__ = ["VERSION", "FrameFingerprint", "frame_fingerprint"]

VERSION = "frame0"
_WIDE = 100


class FrameFingerprint(msgspec.Struct, frozen=True):
    """What a table in memory holds.

    Attributes:
        fingerprint: `frame0:<32 hex>`.
        rows: Number of rows.
        columns: Digest of each column, in order; names as text, none for an array without names.
        opaque: Columns whose values could not be read; equal fingerprints say nothing about them.
        size_bytes: Bytes of the values, about.
    """

    fingerprint: str
    rows: int
    columns: tuple[tuple[str, str], ...] = ()
    opaque: tuple[str, ...] = ()
    size_bytes: int = 0


def frame_fingerprint(obj: Any) -> FrameFingerprint | None:
    """Give the identity of the content of a table. Reads it, never changes it, never raises.

    Args:
        obj: pandas frame, series or index; numpy array of one or two dimensions; scipy sparse matrix;
            list of numbers or text.

    Returns:
        None when `obj` is none of these.
    """
    try:
        return _fingerprint(obj)
    except Exception:  # noqa: BLE001 - an object of a class we believed to know
        return None


def _fingerprint(obj: Any) -> FrameFingerprint | None:
    pandas, numpy, sparse = (sys.modules.get(name) for name in ("pandas", "numpy", "scipy.sparse"))
    found = None
    if pandas is not None and isinstance(obj, pandas.DataFrame):
        found = _of_frame(obj)
    elif pandas is not None and isinstance(obj, (pandas.Series, pandas.Index)):
        found = _of_columns("series", len(obj), [(obj.name, obj)], _bytes_of(obj))
    elif numpy is not None and isinstance(obj, (numpy.ndarray, list, tuple)):
        found = _of_array(numpy.asarray(obj))
    elif sparse is not None and sparse.issparse(obj):
        found = _of_sparse(obj)
    elif type(obj).__module__.partition(".")[0] in ("polars", "pyarrow"):
        found = _of_columnar(obj)
    return found


def _of_columnar(obj: Any) -> FrameFingerprint:
    """A frame or series of polars, a table or array of Arrow: as the same frame of pandas would be."""
    rows = len(obj)
    size = obj.estimated_size() if hasattr(obj, "estimated_size") else obj.nbytes
    names = getattr(obj, "column_names", None) or getattr(obj, "columns", None)
    if not names or callable(names):
        return _of_columns("series", rows, [(getattr(obj, "name", None), obj)], size)
    return _of_columns("frame", rows, [(name, obj[name]) for name in names], size)


def _of_frame(frame: Any) -> FrameFingerprint:
    columns = _columns_of(frame)
    index = frame.index
    if any(name is not None for name in index.names):
        levels = range(index.nlevels) if index.nlevels > 1 else ()
        named = [(index.names[at], index.get_level_values(at)) for at in levels] or [(index.name, index)]
        columns = [(("index", name), values) for name, values in named] + columns
    return _of_columns("frame", len(frame), columns, _bytes_of(frame))


def _columns_of(frame: Any) -> list[tuple[Any, Any]]:
    kinds = set(frame.dtypes)
    if frame.shape[1] > _WIDE and len(kinds) == 1 and getattr(kinds.pop(), "kind", "O") in "biuf":
        values = frame.to_numpy()  # a series for each of many columns would cost more than the hashing
        if hasattr(values, "strides") and values.dtype.kind in "biuf":
            return [(label, values[:, at]) for at, label in enumerate(frame.columns)]
    return list(frame.items())


def _of_columns(form: str, rows: int, columns: list[tuple[Any, Any]], size: int) -> FrameFingerprint:
    total = hashlib.sha256(f"{VERSION}|{form}|{rows}|{len(columns)}".encode())
    digests, opaque = [], []
    for label, values in columns:
        name = label if isinstance(label, str) else repr(label)
        kind, digest = column_digest(values)
        encoded = name.encode("utf-8", "surrogatepass")
        total.update(f"|{len(encoded)}|".encode() + encoded + f"|{kind}|{digest}".encode())
        digests.append((name, digest))
        if kind == OPAQUE:
            opaque.append(name)
    return FrameFingerprint(_name(total), rows, tuple(digests), tuple(opaque), size)


def _of_array(array: Any) -> FrameFingerprint:
    if array.dtype.kind in "biufc":
        total = hashlib.sha256()
        kind = feed_numbers(total, array)
        total.update(f"{VERSION}|array|{array.shape}|{kind}".encode())
        return FrameFingerprint(_name(total), len(array) if array.ndim else 1, (), (), array.nbytes)
    flat = array.reshape(-1)
    kind, digest = column_digest(flat)
    total = hashlib.sha256(f"{VERSION}|array|{array.shape}|{kind}|{digest}".encode())
    opaque = ("",) if kind == OPAQUE else ()
    return FrameFingerprint(_name(total), len(array) if array.ndim else 1, (), opaque, array.nbytes)


def _of_sparse(matrix: Any) -> FrameFingerprint:
    """Hash the compressed rows, sorted, without duplicates and stored zeros."""
    rows = matrix.tocsr()
    if not rows.has_canonical_format or (rows.data == 0).any():
        rows = rows.copy() if rows is matrix else rows
        rows.sum_duplicates()
        rows.eliminate_zeros()
    total = hashlib.sha256()
    kinds = [feed_numbers(total, part) for part in (rows.indptr, rows.indices, rows.data)]
    total.update(f"{VERSION}|sparse|{rows.shape}|{kinds[-1]}".encode())
    size = rows.indptr.nbytes + rows.indices.nbytes + rows.data.nbytes
    return FrameFingerprint(_name(total), rows.shape[0], (), (), size)


def _bytes_of(obj: Any) -> int:
    usage = obj.memory_usage(index=False) if hasattr(obj, "columns") else obj.nbytes
    return int(usage.sum() if hasattr(usage, "sum") else usage)


def _name(total: Any) -> str:
    return f"{VERSION}:{total.hexdigest()[:DIGEST_HEX]}"
