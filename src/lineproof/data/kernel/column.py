"""What one pass learns of one column, beside its fingerprint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineproof.data.kernel.distinct import Distinct, Sizes
from lineproof.data.kernel.histogram import Histogram, day_bins, number_bins
from lineproof.data.kernel.lanes import null_mask, plain
from lineproof.data.kernel.moments import Moments

__all__ = ["NUMBERS", "TIMES", "ColumnState", "canonical"]

NUMBERS = ("int", "float", "decimal", "duration")
TIMES = ("date", "timestamp")
_PER_DAY = 86_400_000_000


class ColumnState:
    """Mergeable state of one column.

    Attributes:
        distinct: Number of different values, the most frequent, and a sample.
        numbers: Histogram: of numbers by size, of times by day, of text by length in characters.
        moments: Mean and variance of numbers, or of lengths of text.
        low: Smallest value: number, microseconds, or text; None when there is none or it is not kept.
        high: Largest value.
        nans: Floats that are not a number.
        infinities: Floats that are infinite.
    """

    def __init__(self, sizes: Sizes) -> None:
        """Begin without values."""
        self.distinct = Distinct(sizes)
        self.numbers = Histogram(counts={})
        self.moments = Moments()
        self.low: Any = None
        self.high: Any = None
        self.nans = 0
        self.infinities = 0

    def observe(self, hashes: Any, missing: Any, array: Any, start: int) -> None:
        """Add a block of values to the sample.

        Args:
            hashes: First words of the block.
            missing: Mask of nulls in the block, or None.
            array: The column's part of the batch.
            start: Row of `array` at which the block begins.
        """
        if missing is None:
            self.distinct.update(hashes, lambda rows: canonical(array.take(pa.array(rows + start))))
            return
        present = np.flatnonzero(~missing)
        if len(present):
            self.distinct.update(
                hashes[present], lambda rows: canonical(array.take(pa.array(present[rows] + start)))
            )

    def update(self, array: Any, kind: str) -> None:
        """Add a batch of values to everything but the sample.

        Args:
            array: The column's part of a record batch.
            kind: Its class of type.
        """
        array = plain(array)
        if pa.types.is_dictionary(array.type):
            if kind in ("string", "binary"):
                self._add_coded_texts(array, kind)
                return
            array = plain(array.dictionary_decode())
        if kind in TIMES:
            self._add_times(array)
        elif kind in NUMBERS:
            self._add_numbers(array)
        elif kind in ("string", "binary"):
            self._add_texts(array, kind)

    def _add_numbers(self, array: Any) -> None:
        if pa.types.is_duration(array.type):
            array = array.cast(pa.int64())
        if pa.types.is_integer(array.type):
            low, high = pc.min_max(array).as_py().values()
            self._extremes(low, high)
        numbers = _present(array, pa.float64(), np.float64)
        finite = np.isfinite(numbers)
        if not finite.all():
            nans = int(np.count_nonzero(np.isnan(numbers)))
            self.nans += nans
            self.infinities += int(len(numbers) - np.count_nonzero(finite)) - nans
            self._add_extreme_floats(numbers[~np.isnan(numbers)], array.type)
            numbers = numbers[finite]
        else:
            self._add_extreme_floats(numbers, array.type)
        self.moments.update(numbers)
        self.numbers.update(number_bins(numbers))

    def _add_extreme_floats(self, numbers: Any, kind: Any) -> None:
        if len(numbers) and not pa.types.is_integer(kind):
            self._extremes(float(numbers.min()) + 0.0, float(numbers.max()) + 0.0)  # no -0.0

    def _add_times(self, array: Any) -> None:
        if pa.types.is_timestamp(array.type):
            ticks = _present(array.cast(pa.timestamp("us"), safe=False), pa.int64(), np.int64)
        else:
            ticks = _present(array.cast(pa.date32()).cast(pa.int32()), pa.int64(), np.int64) * _PER_DAY
        if len(ticks):
            self._extremes(int(ticks.min()), int(ticks.max()))
            self.numbers.update(day_bins(ticks))

    def _add_texts(self, array: Any, kind: str) -> None:
        lengths = pc.utf8_length(array) if kind == "string" else pc.binary_length(array)
        sizes = _present(lengths, pa.float64(), np.float64)
        self.moments.update(sizes)
        self.numbers.update(number_bins(sizes))
        if kind == "string" and len(sizes):
            low, high = pc.min_max(array).as_py().values()
            self._extremes(low, high)

    def _add_coded_texts(self, array: Any, kind: str) -> None:
        """Add text that is stored as codes; it is never written out, which may be far larger than memory."""
        values, codes = plain(array.dictionary), array.indices
        if values.null_count:
            codes = codes.filter(values.take(codes).is_valid())
        codes = _present(codes, pa.int64(), np.int64)
        lengths = pc.utf8_length(values) if kind == "string" else pc.binary_length(values)
        sizes = lengths.fill_null(0).cast(pa.float64()).to_numpy(zero_copy_only=False)[codes]
        self.moments.update(sizes)
        self.numbers.update(number_bins(sizes))
        if kind == "string" and len(codes):
            used = values.take(pa.array(np.unique(codes)))
            low, high = pc.min_max(used).as_py().values()
            self._extremes(low, high)

    def _extremes(self, low: Any, high: Any) -> None:
        if low is not None:
            self.low = low if self.low is None or low < self.low else self.low
            self.high = high if self.high is None or high > self.high else self.high

    def merge(self, other: ColumnState) -> None:
        """Add the values of another part."""
        self.distinct.merge(other.distinct)
        self.numbers.merge(other.numbers)
        self.moments.merge(other.moments)
        self._extremes(other.low, other.high)
        self.nans += other.nans
        self.infinities += other.infinities

    def redact(self, kind: str) -> None:
        """Forget extremes, frequent values and the sample: what a column of persons must not keep."""
        self.low = self.high = None
        self.distinct.close()
        self.numbers.blur(days=kind in TIMES)


def _present(array: Any, kind: Any, dtype: Any) -> Any:
    """Give the values that are not null as a numpy array."""
    if array.null_count:
        array = array.drop_null()
    if array.type != kind:
        array = array.cast(kind, safe=False)
    if array.offset == 0 and len(array) == 0:
        return np.empty(0, dtype)
    return array.to_numpy(zero_copy_only=False)


def canonical(values: Any) -> Any:
    """Give sampled values in one type per class, so that samples of parts can be put together."""
    values = plain(values)
    if pa.types.is_dictionary(values.type):
        values = plain(values.dictionary_decode())
    kind, t = values.type, pa.types
    if t.is_boolean(kind) or t.is_null(kind):
        return values
    if t.is_uint64(kind) and null_mask(values) is None and len(values):
        large = pc.max(values).as_py() >= 1 << 63
        return values.cast(pa.string() if large else pa.int64())
    if t.is_integer(kind):
        return values.cast(pa.int64())
    if t.is_floating(kind):
        return values.cast(pa.float64())
    if t.is_large_string(kind):
        return values.cast(pa.string())
    if t.is_date(kind):
        return values.cast(pa.date32(), safe=False)
    if t.is_timestamp(kind):
        return values.cast(pa.timestamp("us"), safe=False)
    if t.is_decimal(kind):
        return values.cast(pa.string())
    if t.is_large_binary(kind):
        return values.cast(pa.binary())
    if t.is_time(kind):
        return values.cast(pa.time64("us"), safe=False)
    if t.is_duration(kind):
        return values.cast(pa.duration("us"), safe=False)
    return (
        values
        if t.is_string(kind) or t.is_binary(kind)
        else pa.array([str(one) for one in values.to_pylist()])
    )
