"""Names in one SELECT: its tables, its own aliases, the queries around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlglot import exp

from lineproof.sql.lineage import CONSTANT, Lineage, Relation, Sources, joined, unread

__all__ = ["Scope"]

Resolve = Callable[[Any, "Scope"], Relation]


class Scope:
    """What names mean inside one SELECT.

    Args:
        resolve: Resolves a query inside this scope.
        common: Common table expressions by folded name.
        outer: The scope around it, for correlated queries.

    Attributes:
        relations: The tables in FROM, by folded alias.
        merged: Columns that a join with USING made one.
        windows: Named windows.
        parameters: Names that a lambda binds.
        rows: What decides which rows there are, as far as joins say.
    """

    def __init__(self, resolve: Resolve, common: Mapping[str, Relation], outer: Scope | None = None) -> None:
        self.resolve = resolve
        self.common = dict(common)
        self.outer = outer
        self.relations: dict[str, Relation] = {}
        self.merged: dict[str, Lineage] = {}
        self.windows: dict[str, Any] = {}
        self.parameters: frozenset[str] = frozenset()
        self.rows: Sources = frozenset()
        self._aliases: dict[str, Any] = {}
        self._reading: set[str] = set()

    def with_parameters(self, names: Iterable[str]) -> Scope:
        """Give the scope inside a lambda."""
        inner = Scope(self.resolve, self.common, self.outer)
        inner.relations, inner.merged, inner.windows = self.relations, self.merged, self.windows
        inner.parameters = self.parameters | {name.lower() for name in names}
        inner._aliases = self._aliases
        return inner

    def say(self, aliases: Mapping[str, Any]) -> None:
        """Let other clauses use what the SELECT list names."""
        self._aliases = {name.lower(): node for name, node in aliases.items()}

    def alias(self, name: str) -> Any:
        """Give the expression that the SELECT list calls by this name; None if it calls none so."""
        return self._aliases.get(name.lower())

    def query(self, node: Any) -> Relation:
        """Resolve a query inside this one."""
        return self.resolve(node, self)

    @property
    def everything(self) -> Lineage:
        """What is computed of all columns of all tables."""
        return joined(relation.all for relation in self.relations.values())

    def column(self, node: exp.Column) -> Lineage:
        """Find a column: by its table, among all tables, among aliases, outside; then as a record's field."""
        if isinstance(node.this, exp.Star):
            relation = self.relation(node.table)
            return self.everything if relation is None else relation.all
        parts = [part.name for part in node.parts]
        if parts[0].lower() in self.parameters:
            return CONSTANT
        for at in range(min(len(parts) - 1, 3), 0, -1):  # catalogue.schema.table, then column, then fields
            relation = self.relation(parts[at - 1])
            if relation is not None:
                found = self._of(relation, parts[at])
                return found if at == len(parts) - 1 else unread([found])
        whole = self.unqualified(parts[0])
        if whole is None:
            return self._not_found()
        return whole if len(parts) == 1 else unread([whole])  # a field of a record

    def at(self, position: int) -> Lineage:
        """Find a column by its place among those of all tables: `#1`."""
        columns = [each for relation in self.relations.values() for _, each in relation.columns]
        return columns[position] if position < len(columns) else self._not_found()

    def _of(self, relation: Relation, name: str) -> Lineage:
        found = relation.get(name)
        if found is not None:
            return found
        return unread([relation.all]) if relation.rest is None else relation.rest

    def relation(self, name: str) -> Relation | None:
        """Give a table by its alias, here or outside; None if there is none."""
        folded = name.lower()
        if folded in self.relations:
            return self.relations[folded]
        return None if self.outer is None else self.outer.relation(name)

    def unqualified(self, name: str) -> Lineage | None:
        """Give a column by its name alone, here or outside; None if there is none."""
        folded = name.lower()
        if folded in self.merged:
            return self.merged[folded]
        for relation in self.relations.values():
            found = relation.get(name)
            if found is not None:
                return found
        if folded in self._aliases and folded not in self._reading:
            return self._own(folded)
        if self.outer is not None:
            found = self.outer.unqualified(name)
            if found is not None:
                return found
        if folded in self.relations:
            return self.relations[folded].all  # the row itself
        open_ = [relation.rest for relation in self.relations.values() if relation.rest is not None]
        return unread(open_) if open_ else None

    def _own(self, folded: str) -> Lineage:
        from lineproof.sql.expressions import lineage  # noqa: PLC0415 -- each reads the other

        self._reading.add(folded)
        try:
            return lineage(self._aliases[folded], self)
        finally:
            self._reading.discard(folded)

    def _not_found(self) -> Lineage:
        return unread([self.everything])._replace(known=False) if self.relations else CONSTANT
