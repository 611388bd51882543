"""The canonical bytes of one column: equal values give equal bytes, whatever holds them.

Definition, version 0 of the fingerprint (`frame0`). A column is a kind, a letter that says how its values
are to be read, and byte streams that are hashed one after another:

    b  booleans              one byte per value
    i  integers              int64, little-endian; u for values beyond its range
    f  floats                float64; -0.0 is 0.0, there is one NaN
    c  complex               as two floats
    t  times without zone    int64 microseconds (n: nanoseconds, when any value needs them)
    z  times with zone       likewise, in UTC
    d  durations             likewise
    s  text                  lengths in bytes, then UTF-8 of all values
    k  categories            codes as int64, then the categories as a column
    o  other objects         per type: which rows, then the distinct values' text, then codes
    x  opaque                nothing but the row count: the values could not be read without harm

Nulls of a kind that has no NaN of its own are a mask, one byte per row, and the value under it is zero.
"""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

from lineproof.data.series import encoded_text, feed_series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DIGEST_HEX", "OPAQUE", "column_digest"]

OPAQUE = "x"
DIGEST_HEX = 32
_CHUNK = 1 << 18  # values per step: the copies that widening makes stay in the processor's cache
_TYPES = 64  # distinct Python types in one column beyond which it is called opaque
_TIME_STEPS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_LARGEST = (1 << 63) - 1
_NO_TIME = -(1 << 63)  # how numpy stores a missing time


def column_digest(values: Any) -> tuple[str, str]:
    """Give the kind and the digest of one column.

    Args:
        values: One-dimensional numpy array or pandas array, series or index; a series of polars, an array
            of Arrow.

    Returns:
        Kind letter, and 128 bits of SHA-256 as hex.
    """
    try:
        digest, kind = _hashed(values)
    except Exception:  # noqa: BLE001 - values may be of any class, with any behaviour
        digest, kind = hashlib.sha256(), OPAQUE
    digest.update(f"|{kind}|{len(values)}".encode())
    return kind, digest.hexdigest()[:DIGEST_HEX]


def _hashed(values: Any) -> tuple[Any, str]:
    library = type(values).__module__.partition(".")[0]
    if library == "polars":
        digest = hashlib.sha256()
        try:
            kind = feed_series(digest, values)
        except Exception:  # noqa: BLE001 - another polars than we know
            kind = None
        if kind is not None:
            return digest, kind
    digest = hashlib.sha256()
    return digest, _feed(digest, _plain(values) if library in ("polars", "pyarrow") else values)


def _plain(column: Any) -> Any:
    """Give the values as numpy holds them."""
    try:
        return column.to_numpy(zero_copy_only=False)  # Arrow, where arrays ask for leave to copy
    except TypeError:
        return column.to_numpy()


def _feed(digest: Any, values: Any) -> str:
    """Hash the values; give the kind."""
    array = getattr(values, "array", values)  # series and index
    if type(array).__name__ == "NumpyExtensionArray":
        array = array.to_numpy()
    kind = getattr(array.dtype, "kind", "O")
    feed: Callable[[Any, Any], str]
    if hasattr(array, "categories") and hasattr(array, "codes"):
        feed = _feed_categories
    elif kind in "mM":
        feed = _feed_times
    elif kind not in "SU" and str(getattr(array.dtype, "name", "")).startswith("str"):  # str, string
        feed = _feed_text_array
    elif hasattr(array, "_mask") and hasattr(array, "_data"):
        feed = _feed_masked
    else:
        if not hasattr(array, "strides"):  # pandas array of another kind
            array = array.to_numpy()
        if array.dtype.kind in "SU":
            array = array.astype(object)
        feed = _feed_objects if array.dtype.kind == "O" else feed_numbers
    return feed(digest, array)


def feed_numbers(digest: Any, array: Any) -> str:
    """Hash a numeric numpy array of any shape in row order, widened; give the kind."""
    np = _numpy()
    kind = array.dtype.kind
    if kind == "b":
        target, letter = np.dtype("u1"), "b"
    elif kind in "iu":
        wide = array.dtype == "u8" and array.size > 0 and int(array.max()) > _LARGEST
        target, letter = (np.dtype("<u8"), "u") if wide else (np.dtype("<i8"), "i")
    elif kind == "c":
        target, letter = np.dtype("<c16"), "c"
    elif kind == "f":
        target, letter = np.dtype("<f8"), "f"
    else:
        raise TypeError(str(array.dtype))
    for chunk in _chunks(array):
        if letter in "fc":
            wide_chunk = _canonical_floats(chunk, target)
        else:
            wide_chunk = np.ascontiguousarray(chunk, dtype=target)
        digest.update(wide_chunk.view(np.uint8).data)
    return letter


def _canonical_floats(chunk: Any, target: Any) -> Any:
    np = _numpy()
    wide = (chunk.astype(target) if chunk.dtype != target else chunk) + 0.0  # -0.0 + 0.0 is 0.0
    wide = np.ascontiguousarray(wide).view("<f8")
    missing = np.isnan(wide)
    if missing.any():
        wide[missing] = np.nan
    return wide


def _chunks(array: Any) -> Iterator[Any]:
    """Cut along the first axis so that each piece holds about `_CHUNK` values."""
    if array.ndim == 0:
        yield array.reshape(1)
        return
    rows = max(1, _CHUNK // max(1, array[:1].size))
    for start in range(0, len(array), rows):
        yield array[start : start + rows]


def _feed_mask(digest: Any, mask: Any) -> None:
    if mask.any():
        digest.update(b"|null|")
        feed_numbers(digest, mask)


def _feed_masked(digest: Any, array: Any) -> str:
    np = _numpy()
    mask = np.asarray(array._mask)  # noqa: SLF001 - the public way builds an object array of all values
    data = np.asarray(array._data)  # noqa: SLF001 - as above
    if mask.any():
        data = np.where(mask, np.zeros((), data.dtype), data)
    kind = feed_numbers(digest, data)
    _feed_mask(digest, mask)
    return kind


def _feed_times(digest: Any, array: Any) -> str:
    np = _numpy()
    unit = getattr(array, "unit", None) or np.datetime_data(array.dtype)[0]
    ticks = array.asi8 if hasattr(array, "asi8") else array.view("<i8")
    if unit not in {"ns", *_TIME_STEPS}:  # days, hours: numpy alone has them
        ticks, unit = array.astype(f"{array.dtype.kind}8[s]").view("<i8"), "s"
    missing = ticks == _NO_TIME
    fine = unit == "ns" and bool((ticks[~missing] % 1000).any())
    if unit != "ns":
        ticks = ticks * _TIME_STEPS[unit]
    elif not fine:
        ticks = ticks // 1000
    feed_numbers(digest, np.where(missing, 0, ticks))
    _feed_mask(digest, missing)
    letter = "d" if array.dtype.kind == "m" else "t" if getattr(array.dtype, "tz", None) is None else "z"
    return letter + ("n" if fine else "")


def _feed_categories(digest: Any, array: Any) -> str:
    kind, inner = column_digest(array.categories)
    if kind == OPAQUE:
        raise TypeError("opaque categories")
    feed_numbers(digest, _numpy().asarray(array.codes))
    digest.update(f"|{kind}|{inner}|{bool(array.ordered)}".encode())
    return "k"


def _feed_text_array(digest: Any, array: Any) -> str:
    """Text held by pandas: from its buffers when pyarrow holds them, else from Python strings."""
    chunked = getattr(array, "_pa_array", None)
    if chunked is not None and "pyarrow" in sys.modules:
        return _feed_arrow_text(digest, chunked)
    np = _numpy()
    values = np.asarray(array, dtype=object)
    return _feed_text(digest, values, np.asarray(array.isna()))


def _feed_arrow_text(digest: Any, chunked: Any) -> str:
    np = _numpy()
    import pyarrow as pa  # noqa: PLC0415 - loaded already by the program's own pandas

    if not pa.types.is_large_string(chunked.type):
        chunked = chunked.cast(pa.large_string())
    texts = hashlib.sha256()
    missing = np.asarray(chunked.is_null().to_numpy())
    lengths = [np.zeros(0, "<i8")]
    for chunk in chunked.chunks:
        _, offsets_buffer, data = chunk.buffers()
        if len(chunk) == 0 or offsets_buffer is None:
            continue
        offsets = np.frombuffer(offsets_buffer, "<i8")[chunk.offset : chunk.offset + len(chunk) + 1]
        lengths.append(np.diff(offsets))
        if data is not None:
            texts.update(memoryview(data)[int(offsets[0]) : int(offsets[-1])])
    all_lengths = np.concatenate(lengths)
    if missing.any() and all_lengths[missing].any():  # text under a null is not part of the value
        return _feed_text(digest, chunked.to_numpy(), missing)
    digest.update(all_lengths.view(np.uint8).data)
    digest.update(texts.digest())
    _feed_mask(digest, missing)
    return "s"


def _feed_text(digest: Any, values: Any, missing: Any) -> str:
    """Python strings: the same bytes as `_feed_arrow_text` gives.

    Raises:
        TypeError: A value that is not missing is not text.
    """
    np = _numpy()
    lengths, data = encoded_text((np.where(missing, "", values) if missing.any() else values).tolist())
    digest.update(lengths)
    digest.update(hashlib.sha256(data).digest())
    _feed_mask(digest, missing)
    return "s"


def _feed_objects(digest: Any, values: Any) -> str:
    """Values of any class: text as text, the rest by type, distinct value and code."""
    np = _numpy()
    missing = _missing(values)
    try:
        return _feed_text(digest, values, missing)
    except TypeError:
        pass
    present = values[~missing]
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in map(type, present.tolist())]
    codes = np.fromiter(
        map({name: at for at, name in enumerate(sorted(set(names)))}.__getitem__, names), "<i8"
    )
    distinct = sorted(set(names))
    if len(distinct) > _TYPES:
        raise TypeError("too many types")
    feed_numbers(digest, codes)
    for at, name in enumerate(distinct):
        digest.update(f"|{name}|".encode())
        _feed_distinct(digest, present[codes == at].tolist())
    _feed_mask(digest, missing)
    return "o"


def _feed_distinct(digest: Any, values: list[Any]) -> None:
    """Hash the text of each distinct value once, and which of them each row holds.

    Raises:
        TypeError: A value cannot be hashed, or its text names its place in memory.
    """
    np = _numpy()
    order = {value: at for at, value in enumerate(dict.fromkeys(values))}
    texts = [repr(value) for value in order]
    if any(" at 0x" in text for text in texts):
        raise TypeError("text of an object names its address")
    _feed_text(digest, np.array([*texts, None], dtype=object)[:-1], np.zeros(len(texts), bool))
    feed_numbers(digest, np.fromiter(map(order.__getitem__, values), "<i8", len(values)))


def _missing(values: Any) -> Any:
    pandas = sys.modules.get("pandas")
    np = _numpy()
    if pandas is not None:
        return np.asarray(pandas.isna(values))
    return np.fromiter((value is None or value != value for value in values), bool, len(values))  # noqa: PLR0124 - NaN


def _numpy() -> Any:
    return sys.modules["numpy"]  # whoever hands us a table has loaded it
