"""How many different values a column has, which are the most frequent, and a sample of them.

The sample is the values with the smallest hashes, each with how often it occurs. Whoever has a small enough
hash is in the sample from its first row on, so counts are exact and the result does not depend on order.
While all values fit into the sample, the number of different values is exact too; beyond that it is
estimated from HyperLogLog registers, which are maxima, so their merge does not depend on order either.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

__all__ = ["Distinct", "Sizes"]

_SLOTS_EACH = 16  # slots of the look-up table per sampled value: few values share one
_WORD = 64
_MANY = 256  # columns
Take = Callable[[Any], Any]
"""Gives the values at these rows of the block, in canonical form."""


class Sizes(msgspec.Struct, frozen=True):
    """How much is kept for each column; less where there are many.

    Attributes:
        sample: Values in the sample.
        bits: Registers are two to this power; their standard error is 1.04 / sqrt(2^bits).
    """

    sample: int
    bits: int

    @classmethod
    def for_columns(cls, number: int) -> Sizes:
        """Choose by the number of columns of the table."""
        return cls(2048, 14) if number <= _MANY else cls(max(64, (1 << 19) // number), 10)


class Distinct:
    """Sample of different values and registers of one column.

    Attributes:
        sizes: How much is kept.
        hashes: First words of the sampled values, ascending.
        counts: How often each occurs.
        values: The values, an Arrow array; None when there are none, or they are not kept.
        registers: HyperLogLog registers, once the sample does not hold all values.
        closed: Number of different values when the sample was thrown away; None while it is kept.
    """

    def __init__(self, sizes: Sizes) -> None:
        """Begin without values."""
        self.sizes = sizes
        self.hashes: Any = np.empty(0, np.uint64)
        self.counts: Any = np.empty(0, np.int64)
        self.values: Any = None
        self.registers: Any = None
        self.closed: int | None = None
        self._slots: Any = None

    @classmethod
    def restored(
        cls, sizes: Sizes, hashes: Any, counts: Any, values: Any, registers: Any, closed: int | None
    ) -> Distinct:
        """Make it from its parts."""
        made = cls(sizes)
        made.hashes, made.counts, made.values = hashes, counts, values
        made.registers, made.closed = registers, closed
        if len(hashes):
            made._build_slots()
        return made

    @property
    def complete(self) -> bool:
        """Whether the sample holds all different values."""
        return self.registers is None

    def update(self, hashes: Any, take: Take) -> None:
        """Add a block of values.

        Args:
            hashes: Their first words, without nulls.
            take: Gives the values at rows of `hashes`.
        """
        if self.registers is not None:
            self._register(hashes)
            if self.closed is not None:
                self.closed = self.count_registers()
                return
            rows = np.flatnonzero(hashes <= self.hashes[-1])
        else:
            rows = None
        if rows is None or len(rows):
            self._sample(hashes, rows, take)

    def _sample(self, hashes: Any, rows: Any, take: Take) -> None:
        chosen = hashes if rows is None else hashes[rows]
        if self._slots is not None:
            slots, shift = self._slots, np.uint64(_WORD - (len(self._slots) - 1).bit_length())
            at = slots[chosen >> shift]
            known = self.hashes[at] == chosen
            self.counts += np.bincount(at[known], minlength=len(self.counts))
            new = np.flatnonzero(~known)
            if not len(new):
                return
            chosen = chosen[new]
            rows = new if rows is None else rows[new]
        unique, first, counts = np.unique(chosen, return_index=True, return_counts=True)
        first = first if rows is None else rows[first]
        self._merge(unique, counts, lambda which: take(first[which]))

    def _merge(self, hashes: Any, counts: Any, values: Take) -> None:
        """Add different values; `values` gives those at positions of `hashes`, which are sorted."""
        places = np.searchsorted(self.hashes, hashes)
        inside = np.minimum(places, max(0, len(self.hashes) - 1))
        known = self.hashes[inside] == hashes if len(self.hashes) else np.zeros(len(hashes), bool)
        np.add.at(self.counts, inside[known], counts[known])
        new = np.flatnonzero(~known)
        if not len(new):
            return
        everything = np.concatenate([self.hashes, hashes[new]])
        order = np.argsort(everything, kind="stable")
        if self.registers is None and len(everything) > self.sizes.sample:
            self.registers = np.zeros(1 << self.sizes.bits, np.uint8)
            self._register(everything)
        order = order[: self.sizes.sample]
        old = len(self.hashes)
        kept = new[order[order >= old] - old]  # of the new ones
        fresh = values(kept)
        both = fresh if self.values is None else _together(self.values, fresh)
        # Old values keep their place in `both`; new ones follow in the order in which they were kept.
        index = np.where(order < old, order, old + np.cumsum(order >= old) - 1)
        self.values = both.take(pa.array(index))
        all_counts = np.concatenate([self.counts, counts[new]])
        self.hashes, self.counts = everything[order], all_counts[order]
        self._build_slots()

    def _build_slots(self) -> None:
        bits = max(4, (_SLOTS_EACH * len(self.hashes) - 1).bit_length())
        self._slots = np.zeros(1 << bits, np.intp)
        self._slots[self.hashes >> np.uint64(_WORD - bits)] = np.arange(len(self.hashes))

    def _register(self, hashes: Any) -> None:
        """Note the number of leading zeros behind the first bits, where it is a new maximum."""
        bits = np.uint64(self.sizes.bits)
        behind = hashes << bits
        least = int(self.registers.min())
        if least:
            rare = np.flatnonzero(behind < np.uint64(1 << (_WORD - least)))
            hashes, behind = hashes[rare], behind[rare]
        _, exponents = np.frexp(behind.astype(np.float64))
        zeros = np.where(
            behind == 0, _WORD - self.sizes.bits, np.minimum(_WORD - exponents, _WORD - self.sizes.bits)
        )
        np.maximum.at(
            self.registers,
            (hashes >> np.uint64(_WORD - self.sizes.bits)).astype(np.intp),
            zeros.astype(np.uint8) + np.uint8(1),
        )

    def merge(self, other: Distinct) -> None:
        """Add the values of another part, whose sizes must be the same."""
        if self.registers is None and other.registers is not None:
            self.registers = np.zeros(1 << self.sizes.bits, np.uint8)
            self._register(self.hashes)
        elif self.registers is not None and other.registers is None:
            self._register(other.hashes)
        if self.registers is not None and other.registers is not None:
            np.maximum(self.registers, other.registers, out=self.registers)
        if self.closed is not None or other.closed is not None:
            self._forget(self.count_registers())
        elif other.values is not None:
            self._merge(other.hashes, other.counts, lambda which: other.values.take(pa.array(which)))

    def count(self) -> int:
        """Give the number of different values: exact while the sample is complete, else estimated."""
        if self.closed is not None:
            return self.closed
        return len(self.hashes) if self.registers is None else self.count_registers()

    def count_registers(self) -> int:
        """Give the estimate of the registers."""
        return round(_estimate(self.registers))

    def close(self) -> None:
        """Forget the sample, its hashes too: who can guess a value can hash it. Registers stay."""
        if self.closed is None:
            count = self.count()
            if self.registers is None:
                self.registers = np.zeros(1 << self.sizes.bits, np.uint8)
                self._register(self.hashes)
            self._forget(count)

    def _forget(self, count: int) -> None:
        self.closed = count
        self.hashes, self.counts = np.empty(0, np.uint64), np.empty(0, np.int64)
        self.values = self._slots = None


def _together(one: Any, other: Any) -> Any:
    """Put samples together; what differs in type becomes text."""
    if one.type != other.type:
        one, other = one.cast(pa.string()), other.cast(pa.string())
    return pa.concat_arrays([one, other])


def _estimate(registers: Any) -> float:
    """Estimate a number of different values from registers.

    Source: O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6.
    """
    size = len(registers)
    most = _WORD - (size - 1).bit_length()
    counts = np.bincount(registers, minlength=most + 2)
    total = size * _tau(1 - counts[most + 1] / size)
    for level in range(most, 0, -1):
        total = 0.5 * (total + counts[level])
    total += size * _sigma(counts[0] / size)
    return size * size / (2 * math.log(2) * total)


def _sigma(x: float) -> float:
    if x == 1:
        return math.inf
    y, total = 1.0, x
    while True:
        x *= x
        before, total = total, total + x * y
        y += y
        if total == before:
            return total


def _tau(x: float) -> float:
    if x in (0, 1):
        return 0.0
    y, total = 1.0, 1 - x
    while True:
        x = math.sqrt(x)
        before, y = total, y / 2
        total -= (1 - x) ** 2 * y
        if total == before:
            return total / 3
