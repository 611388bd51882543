"""Content fingerprint, version 1: what a table holds, whatever holds it.

The state of any set of rows is a few sums modulo 2^64, so states of parts add up to the state of the whole
in any order, and rows can be taken out again. `docs/fingerprint.md` is the definition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from lineproof.data.kernel.lanes import NULL, Lanes, lanes_of
from lineproof.data.kernel.mixing import BLOCK, Workspace, column_keys, mix
from lineproof.errors import SchemaChangeError

__all__ = ["VERSION", "ColumnContent", "Content", "ContentState", "Observe"]

VERSION = "content1"
_ALL = (1 << 64) - 1
_HEX = 32

Observe = Callable[[int, Any, Lanes, int, int], None]
"""Called with column index, first words, its lanes and the rows' start and stop, for each block."""


class Content(msgspec.Struct, frozen=True):
    """Identity of the content of a table.

    Attributes:
        fingerprint: `content1:<32 hex>`.
        rows: Number of rows.
        columns: Fingerprint of each column, by name in the order of the table.
    """

    fingerprint: str
    rows: int
    columns: dict[str, str]


class ColumnContent(msgspec.Struct):
    """What is known of the values of one column.

    Attributes:
        kind: Class of type; `null` until a typed column was seen.
        nulls: Number of nulls.
        first: Sum of the first words of all values, modulo 2^64.
        second: Sum of the second words.
    """

    kind: str = NULL
    nulls: int = 0
    first: int = 0
    second: int = 0

    def combine(self, other: ColumnContent, name: str, sign: int = 1) -> None:
        """Add (or with sign -1 take out) the values of another part."""
        self.see(other.kind, name)
        self.nulls += sign * other.nulls
        self.first = (self.first + sign * other.first) & _ALL
        self.second = (self.second + sign * other.second) & _ALL

    def see(self, kind: str, name: str) -> None:
        """Note the class of type of a part.

        Raises:
            SchemaChangeError: An earlier part had another.
        """
        if self.kind == NULL:
            self.kind = kind
        elif kind not in (NULL, self.kind):
            raise SchemaChangeError(f"column {name!r} is {self.kind} in one part and {kind} in another")

    def fingerprint(self, rows: int) -> str:
        """Give the column's fingerprint; its name is not part of it."""
        kind = NULL if self.nulls == rows else self.kind
        return _digest("column", kind, rows, self.nulls, f"{self.first:016x}{self.second:016x}")


class ContentState(msgspec.Struct):
    """Mergeable state of the fingerprint of a set of rows.

    Attributes:
        rows: Number of rows.
        columns: State of each column, by name.
        first: Sum of the first words of all rows, modulo 2^64.
        second: Sum of the second words.
    """

    rows: int = 0
    columns: dict[str, ColumnContent] = {}
    first: int = 0
    second: int = 0

    def update(self, batch: Any, space: Workspace, observe: Observe | None = None) -> None:
        """Add the rows of an Arrow record batch.

        Args:
            batch: Record batch; its column names are unique.
            space: Arrays to work in; not shared between threads.
            observe: Sees the words of each block of each column before they are overwritten.

        Raises:
            SchemaChangeError: Its columns are not those of the rows before.
            DataTypeError: A column's type has no fingerprint.
        """
        names = batch.schema.names
        self._expect(names)
        with np.errstate(all="ignore"):
            lanes = [lanes_of(column) for column in batch.columns]
        for name, one in zip(names, lanes, strict=True):
            self.columns[name].see(one.kind, name)
        keys = [column_keys(name) for name in names]
        columns = [self.columns[name] for name in names]
        with np.errstate(all="ignore"):
            for start in range(0, batch.num_rows, BLOCK):
                stop = min(batch.num_rows, start + BLOCK)
                self._add_block(columns, lanes, keys, start, stop, space, observe)
        self.rows += batch.num_rows

    def _add_block(
        self,
        columns: list[ColumnContent],
        lanes: list[Lanes],
        keys: list[tuple[Any, Any]],
        start: int,
        stop: int,
        space: Workspace,
        observe: Observe | None,
    ) -> None:
        size = stop - start
        row_first, row_second, spare = space.row_first[:size], space.row_second[:size], space.spare[:size]
        row_first.fill(0)
        row_second.fill(0)
        for at, (column, one, (key_first, key_second)) in enumerate(zip(columns, lanes, keys, strict=True)):
            first, second, nulls = one.block(start, stop, space)
            column.nulls += nulls
            column.first = (column.first + int(np.add.reduce(first))) & _ALL
            column.second = (column.second + int(np.add.reduce(second))) & _ALL
            np.multiply(first, key_first, out=spare)
            row_first += spare
            np.multiply(second, key_second, out=spare)
            row_second += spare
            if observe is not None:
                observe(at, first, one, start, stop)
        mix(row_first, spare)
        row_second += row_first
        mix(row_second, spare)
        self.first = (self.first + int(np.add.reduce(row_first))) & _ALL
        self.second = (self.second + int(np.add.reduce(row_second))) & _ALL

    def add(self, other: ContentState) -> None:
        """Add the rows of another state; it is not changed.

        Raises:
            SchemaChangeError: Its columns are not these.
        """
        self._combine(other, 1)

    def remove(self, other: ContentState) -> None:
        """Take out the rows of another state, which must be among these.

        Raises:
            SchemaChangeError: Its columns are not these.
        """
        self._combine(other, -1)

    def _combine(self, other: ContentState, sign: int) -> None:
        self._expect(list(other.columns))
        for name, column in other.columns.items():
            self.columns[name].combine(column, name, sign)
        self.rows += sign * other.rows
        self.first = (self.first + sign * other.first) & _ALL
        self.second = (self.second + sign * other.second) & _ALL

    def _expect(self, names: list[str]) -> None:
        if not self.columns and self.rows == 0:
            self.columns = {name: ColumnContent() for name in names}
        elif self.columns.keys() != set(names) or len(names) != len(self.columns):
            differing = sorted(self.columns.keys() ^ set(names))[:5]
            raise SchemaChangeError(f"parts of one table have different columns: {', '.join(differing)}")

    def content(self) -> Content:
        """Give the fingerprints of what was added so far."""
        columns = {name: column.fingerprint(self.rows) for name, column in self.columns.items()}
        head = f"lineproof {VERSION} table\n{self.rows}\n{self.first:016x}{self.second:016x}\n"
        encoded = {name.encode("utf-8", "surrogatepass"): columns[name] for name in columns}
        lines = b"".join(
            b"%d:%s:%s\n" % (len(name), name, encoded[name].encode()) for name in sorted(encoded)
        )
        digest = hashlib.sha256(head.encode() + lines)
        return Content(f"{VERSION}:{digest.hexdigest()[:_HEX]}", self.rows, columns)


def _digest(what: str, *parts: object) -> str:
    text = "\n".join((f"lineproof {VERSION} {what}", *map(str, parts))) + "\n"
    return f"{VERSION}:{hashlib.sha256(text.encode()).hexdigest()[:_HEX]}"
