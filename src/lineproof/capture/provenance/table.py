"""Where the columns of one object came from: immutable values that objects share.

Rules work on these values alone, never on the data: their cost follows the number of columns.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, final

import msgspec

from lineproof.model.lineage import How, Precision

__all__ = ["CONSTANT", "NOTHING", "ColumnOrigin", "SourceColumn", "Sources", "Table", "combined"]


class SourceColumn(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """A column of a dataset version that the program read."""

    namespace: str
    name: str
    version: str
    column: str


Sources = frozenset[SourceColumn]
NOTHING: Sources = frozenset()

_PRECISION_RANK = {Precision.EXACT: 0, Precision.SUPERSET: 1, Precision.UNKNOWN: 2}
_HOW_RANK = {How.OBSERVED: 0, How.PLANNED: 1, How.DECLARED: 2, How.STATIC: 3, How.INFERRED: 4}


class ColumnOrigin(msgspec.Struct, frozen=True, cache_hash=True):
    """Where the values of one column came from.

    Attributes:
        direct: Columns whose values flow into this one.
        indirect: Columns that decided which rows exist, their order, grouping or branch. A column
            that is direct is not repeated here.
        precision: How precisely this is known.
        rule: Name of the rule that made it.
        how: How it is known.
        masked: Those direct columns of which nothing but a hash or a count arrives here.
    """

    direct: Sources
    indirect: Sources
    precision: Precision
    rule: str
    how: How
    masked: Sources = NOTHING

    @property
    def sources(self) -> Sources:
        """All columns that had any effect."""
        return self.direct | self.indirect

    def under(self, condition: ColumnOrigin) -> ColumnOrigin:
        """Give this origin with all that `condition` depends on as indirect sources."""
        if condition is CONSTANT:
            return self
        added = condition.sources
        precision = _worst(self.precision, condition.precision)
        if added <= self.sources and precision == self.precision:
            return self
        indirect = (self.indirect | added) - self.direct
        how = _loosest((self, condition))
        return _interned(self.direct, indirect, precision, self.rule, how, self.masked)

    def as_condition(self) -> ColumnOrigin:
        """Give an origin in which every source is indirect."""
        if not self.direct:
            return self
        return _interned(NOTHING, self.sources, self.precision, self.rule, self.how)

    def only_conditions(self) -> ColumnOrigin:
        """Give an origin with what decided alone: how many values there are, not which."""
        if not self.direct:
            return self
        kept = _interned(NOTHING, self.indirect, self.precision, self.rule, self.how)
        return kept if self.indirect else CONSTANT

    def by(self, rule: str) -> ColumnOrigin:
        """Give the same origin as made by `rule`."""
        if rule == self.rule or self is CONSTANT:
            return self
        return _interned(self.direct, self.indirect, self.precision, rule, self.how, self.masked)

    def at_best(self, precision: Precision, how: How = How.OBSERVED) -> ColumnOrigin:
        """Give the same origin, known no better than this."""
        worst = _worst(self.precision, precision)
        loosest = max(self.how, how, key=_HOW_RANK.__getitem__)
        return _interned(self.direct, self.indirect, worst, self.rule, loosest, self.masked)

    def masking(self) -> ColumnOrigin:
        """Give the same origin, its values masked: hashed, or counted."""
        if self.masked == self.direct:
            return self
        return _interned(self.direct, self.indirect, self.precision, self.rule, self.how, self.direct)


_known: dict[ColumnOrigin, ColumnOrigin] = {}
_KNOWN_LIMIT = 50_000


def _interned(
    direct: Sources,
    indirect: Sources,
    precision: Precision,
    rule: str,
    how: How,
    masked: Sources = NOTHING,
) -> ColumnOrigin:
    origin = ColumnOrigin(direct, indirect, precision, rule, how, masked)
    if len(_known) > _KNOWN_LIMIT:
        _known.clear()
    return _known.setdefault(origin, origin)


CONSTANT = ColumnOrigin(NOTHING, NOTHING, Precision.EXACT, "constant", How.OBSERVED)
_known[CONSTANT] = CONSTANT


def source_origin(source: SourceColumn, rule: str) -> ColumnOrigin:
    """Give the origin of a column just read from `source`."""
    return _interned(frozenset((source,)), NOTHING, Precision.EXACT, rule, How.OBSERVED)


def _worst(first: Precision, second: Precision) -> Precision:
    return first if _PRECISION_RANK[first] >= _PRECISION_RANK[second] else second


def _loosest(origins: Iterable[ColumnOrigin]) -> How:
    return max((origin.how for origin in origins), key=_HOW_RANK.__getitem__, default=How.OBSERVED)


def combined(
    origins: Iterable[ColumnOrigin], rule: str, precision: Precision = Precision.EXACT
) -> ColumnOrigin:
    """Give the origin of values computed from all of `origins`.

    Args:
        origins: Where the operands came from.
        rule: Name of the rule that combines them.
        precision: The best that may be claimed for the result.
    """
    distinct = {origin for origin in origins if origin is not CONSTANT}
    if not distinct:
        return CONSTANT if precision is Precision.EXACT else CONSTANT.at_best(precision)
    if len(distinct) == 1:
        only = distinct.pop().by(rule)
        return only if precision is Precision.EXACT else only.at_best(precision)
    direct = NOTHING.union(*(origin.direct for origin in distinct))
    indirect = NOTHING.union(*(origin.indirect for origin in distinct)) - direct
    for origin in distinct:
        precision = _worst(precision, origin.precision)
    return _interned(direct, indirect, precision, rule, _loosest(distinct), _masked(distinct))


def _masked(origins: Iterable[ColumnOrigin]) -> Sources:
    """Give the sources that arrive masked on each way they take."""
    found = NOTHING.union(*(origin.masked for origin in origins))
    return found.difference(*(origin.direct - origin.masked for origin in origins)) if found else found


@final
class Table:
    """Where all columns of one frame, series, index or array came from.

    Never changed after it was made, so that objects share it.

    Attributes:
        labels: Column labels in order, repeats included; `(name,)` for a series.
        origins: The origin of each column.
        index: The origin of each level of the row index.
        rows: What decided which rows exist and their order; a column added later depends on it.
        elements: Origins by row label, where rows stand for columns (`frame.mean()`).
        vector: One-dimensional: a series, an index of one level, a one-dimensional array, a number.
        names: The origin of the labels themselves, where values became columns (`pivot`).
        parts: Origins of the fields of columns that hold records (`struct`), by label and field.
        records: The rows are handed out as plain objects: `rows`, or `entities` of an object-relational mapper.
        base: For grouped data, the table that was grouped; `index` and `elements` are then the keys.
    """

    __slots__ = (
        "_by_label",
        "base",
        "elements",
        "index",
        "labels",
        "names",
        "origins",
        "parts",
        "records",
        "rows",
        "vector",
    )

    def __init__(
        self,
        labels: Iterable[Hashable],
        origins: Iterable[ColumnOrigin],
        *,
        index: tuple[ColumnOrigin, ...] = (CONSTANT,),
        rows: ColumnOrigin = CONSTANT,
        elements: Mapping[Hashable, ColumnOrigin] | None = None,
        vector: bool = False,
        base: Table | None = None,
        names: ColumnOrigin = CONSTANT,
        parts: Mapping[Hashable, Mapping[str, ColumnOrigin]] | None = None,
        records: str = "",
    ) -> None:
        self.labels = tuple(labels)
        self.origins = tuple(origins)
        self.index = index
        self.rows = rows
        self.elements = elements
        self.vector = vector
        self.base = base
        self.names = names
        self.parts = parts
        self.records = records
        self._by_label: dict[Hashable, ColumnOrigin] | None = None
        assert len(self.labels) == len(self.origins)

    def __repr__(self) -> str:
        """Show labels and origins."""
        return f"Table({dict(zip(self.labels, self.origins, strict=True))!r})"

    @property
    def columns(self) -> dict[Hashable, ColumnOrigin]:
        """Origins by label; columns that share a label are combined."""
        if self._by_label is None:
            by_label: dict[Hashable, ColumnOrigin] = {}
            for label, origin in zip(self.labels, self.origins, strict=True):
                earlier = by_label.get(label)
                by_label[label] = origin if earlier is None else combined((earlier, origin), origin.rule)
            self._by_label = by_label
        return self._by_label

    def __contains__(self, label: object) -> bool:
        """Whether there is a column, or a first level, of this label."""
        return self.get(label) is not None

    def get(self, label: Any) -> ColumnOrigin | None:
        """Give the origin of a column, or of all columns below a first-level label; None if absent."""
        try:
            found = self.columns.get(label)
        except TypeError:
            return None
        if found is not None:
            return found
        below = [
            origin
            for name, origin in zip(self.labels, self.origins, strict=True)
            if isinstance(name, tuple) and name and _starts_with(name, label)
        ]
        return combined(below, below[0].rule) if below else None

    @property
    def is_uniform(self) -> bool:
        """Whether all columns came from the same, so that it does not matter which one is meant."""
        return len(set(self.origins)) == 1

    @property
    def says_nothing(self) -> bool:
        """Whether all that is said is that nothing is known."""
        return bool(self.origins) and all(
            origin.precision is Precision.UNKNOWN and not origin.direct and not origin.indirect
            for origin in self.origins
        )

    @property
    def flat(self) -> ColumnOrigin:
        """The origin of a value computed from all columns."""
        return combined(self.origins, self.origins[0].rule) if self.origins else self.rows

    @property
    def keys(self) -> ColumnOrigin:
        """The origin of a value computed from all levels of the index."""
        return combined(self.index, self.index[0].rule) if self.index else CONSTANT

    def but(self, **changes: Any) -> Table:
        """Give a copy with some attributes changed."""
        kept: dict[str, Any] = {
            "labels": self.labels,
            "origins": self.origins,
            "index": self.index,
            "rows": self.rows,
            "elements": self.elements,
            "vector": self.vector,
            "base": self.base,
            "names": self.names,
            "parts": self.parts,
            "records": self.records,
        }
        kept.update(changes)
        return Table(**kept)

    def mapped(self, change: Callable[[ColumnOrigin], ColumnOrigin]) -> Table:
        """Give the table with each column's origin changed; index and rows stay."""
        elements = None
        if self.elements is not None:
            elements = {label: change(origin) for label, origin in self.elements.items()}
        return self.but(origins=[change(origin) for origin in self.origins], elements=elements)

    def under(self, condition: ColumnOrigin) -> Table:
        """Give the table with `condition` deciding its rows: indirect for all that is in it."""
        if condition is CONSTANT:
            return self
        condition = condition.as_condition()
        return Table(
            self.labels,
            [origin.under(condition) for origin in self.origins],
            index=tuple(origin.under(condition) for origin in self.index),
            rows=self.rows.under(condition),
            elements=self.elements,
            vector=self.vector,
            names=self.names,
            parts=self.parts,
        )

    def take(self, positions: Sequence[int]) -> Table:
        """Give the columns at these positions."""
        return self.but(
            labels=[self.labels[at] for at in positions],
            origins=[self.origins[at] for at in positions],
            elements=None,
        )

    def column(self, label: Hashable, origin: ColumnOrigin) -> Table:
        """Give a series of this table's rows."""
        return Table((label,), (origin,), index=self.index, rows=self.rows, vector=True)


def _starts_with(name: tuple[Any, ...], label: Any) -> bool:
    if isinstance(label, tuple):
        return name[: len(label)] == label
    return bool(name[0] == label)
