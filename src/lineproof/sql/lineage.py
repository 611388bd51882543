"""Sources of one column of a query, as plain sets: whoever asks says what a source is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

__all__ = ["CONSTANT", "Lineage", "Relation", "Sources", "joined", "sources_of", "unread"]

Sources: TypeAlias = frozenset[Hashable]
_NONE: Sources = frozenset()


class Lineage(NamedTuple):
    """Where the values of one column come from.

    Attributes:
        direct: What flows into it.
        indirect: What decides which rows there are, their order, grouping or branch.
        exact: Everything named does so; otherwise some may not.
        known: Nothing else can; otherwise something could not be read.
        masked: What flows into it only hashed or counted.
    """

    direct: Sources = _NONE
    indirect: Sources = _NONE
    exact: bool = True
    known: bool = True
    masked: Sources = _NONE

    def masking(self) -> Lineage:
        """Give it with everything that flows in hashed or counted."""
        return self._replace(masked=self.direct)

    def under(self, conditions: Sources) -> Lineage:
        """Give it with more that decides."""
        return self._replace(indirect=(self.indirect | conditions) - self.direct)

    def as_condition(self) -> Lineage:
        """Give it with everything only deciding."""
        return self._replace(direct=_NONE, masked=_NONE, indirect=self.direct | self.indirect)


CONSTANT = Lineage()


def joined(parts: Iterable[Lineage]) -> Lineage:
    """Give what is computed of all parts."""
    listed = list(parts)
    direct = _NONE.union(*(part.direct for part in listed))
    indirect = _NONE.union(*(part.indirect for part in listed)) - direct
    masked = _NONE.union(*(part.masked for part in listed))
    masked = masked.difference(*(part.direct - part.masked for part in listed)) if masked else masked
    exact, known = all(part.exact for part in listed), all(part.known for part in listed)
    return Lineage(direct, indirect, exact, known, masked)


def sources_of(parts: Iterable[Lineage]) -> Sources:
    """Give all that any part depends on."""
    return _NONE.union(*(part.direct | part.indirect for part in parts))


def unread(parts: Iterable[Lineage]) -> Lineage:
    """Give what may be computed of any of the parts: a superset."""
    return joined(parts)._replace(exact=False)


class Relation:
    """A table, or the result of a query.

    Attributes:
        columns: Name and lineage of each column, in order.
        rows: What decides which rows there are.
        rest: Lineage of columns whose names only the data tells (`PIVOT`), or of an unknown table.
        endings: Lineage of such columns by how their names end, where that tells them apart.
    """

    __slots__ = ("columns", "endings", "rest", "rows")

    def __init__(
        self, columns: Sequence[tuple[str, Lineage]], rows: Sources = _NONE, rest: Lineage | None = None
    ) -> None:
        self.columns = list(columns)
        self.rows = rows
        self.rest = rest
        self.endings: list[tuple[str, Lineage]] = []

    def get(self, name: str) -> Lineage | None:
        """Find a column by name, in any case; None if there is none."""
        folded = name.lower()
        for own, lineage in self.columns:
            if own.lower() == folded:
                return lineage
        return None

    def other(self, name: str) -> Lineage | None:
        """Give the lineage of a column whose name only the data tells; None if there is none such."""
        for ending, lineage in self.endings:
            if name.lower().endswith(ending):
                return lineage
        return self.rest

    def under(self, conditions: Sources) -> Relation:
        """Give the relation with `conditions` deciding about its rows."""
        rest = None if self.rest is None else self.rest.under(conditions)
        columns = [(name, lineage.under(conditions)) for name, lineage in self.columns]
        found = Relation(columns, self.rows | conditions, rest)
        found.endings = [(ending, lineage.under(conditions)) for ending, lineage in self.endings]
        return found

    def named(self, names: Sequence[str]) -> Relation:
        """Give the relation with its first columns renamed."""
        renamed = [(name, lineage) for name, (_, lineage) in zip(names, self.columns, strict=False)]
        found = Relation([*renamed, *self.columns[len(renamed) :]], self.rows, self.rest)
        found.endings = self.endings
        return found

    @property
    def all(self) -> Lineage:
        """What is computed of all columns."""
        rest = () if self.rest is None else (self.rest,)
        return joined((*(lineage for _, lineage in self.columns), *rest))
