"""Statements and the tables they read: queries, set operations, common tables, files, pivots, changes."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from lineproof.sql.changes import changed, inserted, merged
from lineproof.sql.expressions import length, lineage
from lineproof.sql.lineage import CONSTANT, Lineage, Relation, Sources, joined, sources_of, unread
from lineproof.sql.parameters import PARAMETERS, named
from lineproof.sql.scope import Scope
from lineproof.sql.select import select

__all__ = ["Statement"]


# Functions in FROM that make their rows of nothing but what they are given.
_COMPUTES = frozenset(
    ("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "string_split")
)
_PIVOT = re.compile(r"\s*((?:un)?pivot\b.*?)((?:order\s+by|limit)\b[^()]*)", re.IGNORECASE | re.DOTALL)


class Statement:
    """Resolves one statement.

    Args:
        tables: Columns of each table, by name or path.
        dialect: As sqlglot calls it.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Lineage]], dialect: str) -> None:
        self._tables = {name.lower(): columns for name, columns in tables.items()}
        self._dialect = dialect

    def relation(self, text: str) -> Relation | None:
        """Give what the statement makes; None for a statement that makes no table.

        Raises:
            Exception: It cannot be parsed.
        """
        if PARAMETERS in self._tables:
            text = named(text, self._dialect)
        pivot = _PIVOT.fullmatch(text.strip().rstrip(";"))
        if pivot is not None:  # sqlglot knows no order behind it
            text = f"select * from ({pivot.group(1)}) as pivoted {pivot.group(2)}"  # noqa: S608 -- parsed, not run
        parsed = [each for each in sqlglot.parse(text, read=self._dialect) if each is not None]
        return self._made(parsed[-1]) if parsed else None

    def _made(self, node: Any) -> Relation | None:
        given = [
            name for name in self._tables if name.endswith("()") or name == PARAMETERS
        ]  # macros, and these
        root = Scope(self.query, {name: self.known([name]) for name in given})
        if isinstance(node, exp.DML):
            self._common(node, root)
        match node:
            case exp.Create():
                return None if node.expression is None else self.query(node.expression, root)
            case exp.Copy():
                return self.query(node.this, root)
            case exp.Insert():
                return inserted(self, node, root)
            case exp.Update() | exp.Delete():
                return changed(self, node, root)
            case exp.Merge():
                return merged(self, node, root)
            case exp.Query() | exp.Subquery() | exp.Pivot() | exp.Table() | exp.Values():
                return self.query(node, root)
        return None

    def query(self, node: Any, outer: Scope) -> Relation:
        """Resolve a query, a table or a parenthesis around one."""
        scope = Scope(self.query, outer.common, outer)
        self._common(node, scope)
        match node:
            case exp.Select():
                self._sources(node, scope)
                return select(node, scope)
            case exp.SetOperation():
                found = self._combined(node, scope)
            case exp.Subquery() | exp.Paren():
                found = self._pivoted(node, self.query(node.this, scope), scope)
            case exp.Pivot():
                found = self._pivot(node, self._source(node.this, scope), scope)
            case _:
                return self._source(node, scope)
        order = node.args.get("order")
        if order is None:
            return found
        inner = Scope(self.query, scope.common, outer)
        inner.relations = {"": found}
        keys = [found.columns[int(each.this.name) - 1][1] if isinstance(each.this, exp.Literal)
                else lineage(each.this, inner) for each in order.expressions]  # fmt: skip
        return found.under(sources_of(keys))

    def _common(self, node: Any, scope: Scope) -> None:
        """Common table expressions; one that reads itself is resolved from its first part on."""
        clause = node.args.get("with_") or node.args.get("with")
        for each in () if clause is None else clause.expressions:
            name = each.alias.lower()
            names = [column.name for column in each.args["alias"].columns]
            if isinstance(each.this, exp.SetOperation):
                scope.common[name] = self.query(each.this.left, scope).named(names)
            scope.common[name] = self.query(each.this, scope).named(names)
            if isinstance(each.this, exp.SetOperation):
                scope.common[name] = self.query(each.this, scope).named(names)

    def _combined(self, node: Any, scope: Scope) -> Relation:
        left, right = self.query(node.left, scope), self.query(node.right, scope)
        rows = left.rows | right.rows
        by_name = node.args.get("by_name")
        columns: list[tuple[str, Lineage]] = []
        for at, (name, mine) in enumerate(left.columns):
            other = right.get(name) if by_name else right.columns[at][1] if at < len(right.columns) else None
            both = mine if other is None or isinstance(node, exp.Except) else joined((mine, other))
            columns.append((name, both))
        if by_name:
            columns += [column for column in right.columns if left.get(column[0]) is None]
        if isinstance(node, exp.Except):
            rows |= sources_of([right.all])
        if node.args.get("distinct") or not isinstance(node, exp.Union):
            rows |= sources_of(each for _, each in columns)
        return Relation([(name, each.under(rows)) for name, each in columns], rows)

    def _sources(self, node: exp.Select, scope: Scope) -> None:
        """Put the tables of FROM and of joins into the scope, and say what the joins decide by."""
        first = node.args.get("from_") or node.args.get("from")
        if first is not None:
            self.add(first.this, scope)
        for join in [
            *(first.this.args.get("joins") or () if first is not None else ()),
            *(node.args.get("joins") or ()),
        ]:
            self._join(join, scope)
        for lateral in node.args.get("laterals") or ():
            self.add(lateral, scope)

    def add(self, node: Any, scope: Scope) -> str:
        """Put a table into a scope; give its name there."""
        relation = self._source(node, scope)
        name = (node.alias_or_name or f"table {len(scope.relations)}").lower()
        if name in scope.relations:
            name = f"{name} {len(scope.relations)}"
        scope.relations[name] = relation
        scope.rows |= relation.rows
        return name

    def _join(self, join: Any, scope: Scope) -> None:
        before = dict(scope.relations)
        name = self.add(join.this, scope)
        right, side = scope.relations[name], (join.side or "").upper()
        using = [each.name for each in join.args.get("using") or ()]
        if (join.args.get("method") or "").upper() == "NATURAL":
            using = [each for each, _ in right.columns if any(one.get(each) for one in before.values())]
        for key in using:
            left = scope.merged.get(key.lower()) or next(
                (found for one in before.values() if (found := one.get(key)) is not None), CONSTANT
            )
            other = right.get(key) or CONSTANT
            scope.rows |= sources_of([left, other])
            own = other if side == "RIGHT" else joined((left, other)) if side == "FULL" else left
            scope.merged[key.lower()] = own
        on = join.args.get("on")
        if on is not None:
            scope.rows |= sources_of([lineage(on, scope)])
        if (join.kind or "").upper() in ("SEMI", "ANTI"):
            del scope.relations[name]

    def _source(self, node: Any, scope: Scope) -> Relation:
        """Give a table, a file, a function or a query in FROM under the names it has there."""
        match node:
            case exp.Lateral():
                found = self._source(node.this, scope)
            case exp.Subquery():
                found = self._pivoted(node, self.query(node.this, scope), scope)
            case exp.Unnest() | exp.Explode():
                lists = node.expressions or [node.this]
                given = [lineage(each, scope) for each in lists]
                rows = frozenset[Hashable]().union(*(length(each, scope) for each in lists))
                found = Relation([(f"unnest {at}", each) for at, each in enumerate(given)], rows)
                offset = node.args.get("offset")
                if offset:
                    found = Relation([*found.columns, ("offset", CONSTANT)], rows)
                names = (
                    [column.name for column in node.args["alias"].columns] if node.args.get("alias") else []
                )
                return found.named(names or ["unnest"])
            case exp.Values():
                lines = [
                    each.expressions if isinstance(each, exp.Tuple) else [each] for each in node.expressions
                ]
                columns = [
                    joined(lineage(cell, scope) for cell in cells) for cells in zip(*lines, strict=False)
                ]
                found = Relation([(f"col{at}", each) for at, each in enumerate(columns)])
            case exp.Table():
                found = self._pivoted(node, self._table(node, scope), scope)
            case exp.Query() | exp.Pivot():
                return self.query(node, scope)
            case _:
                found = Relation([], rest=unread([lineage(node, scope)]))
        alias = node.args.get("alias")
        return found.named([column.name for column in alias.columns]) if alias is not None else found

    def _table(self, node: exp.Table, scope: Scope) -> Relation:
        name = node.this
        if not isinstance(name, exp.Identifier):
            return self._function(name, scope)
        folded = name.name.lower()
        if not node.db and folded in scope.common:
            return scope.common[folded]
        dotted = ".".join(part.name for part in node.parts).lower()
        return self.known([dotted] if dotted in self._tables else [folded])

    def known(self, names: list[str]) -> Relation:
        """Give one table, or several files as one."""
        found: dict[str, list[Lineage]] = {}
        rest: Lineage | None = None
        for name in names:
            columns = self._tables.get(name)
            if not columns:
                rest = Lineage(exact=False, known=False)
            for column, each in (columns or {}).items():
                found.setdefault(column, []).append(each)
        whole = [(column, joined(each)) for column, each in found.items()]
        return Relation(whole, _of_rows([each for _, each in whole]), rest)

    def _function(self, node: Any, scope: Scope) -> Relation:
        """`read_csv('a.csv')`, `read_parquet(['a', 'b'])`, `range(10)`."""
        paths = [each.name.lower() for each in node.find_all(exp.Literal) if each.is_string]
        known = [path for path in paths if path in self._tables]
        if known:
            return self.known(known)
        text = node.sql_name().lower() if isinstance(node, exp.Func) else ""
        if isinstance(node, exp.Anonymous):
            text = str(node.this).lower()
        given = joined(lineage(each, scope) for each in node.iter_expressions())
        if text in self._tables:  # a macro that makes a table
            return self.known([text]).under(sources_of([given]))
        if isinstance(node, exp.Anonymous) and text not in _COMPUTES:
            return Relation([], rest=Lineage(exact=False, known=False))
        return Relation([(text or "value", given)], sources_of([given]), rest=given)

    def _pivoted(self, node: Any, found: Relation, scope: Scope) -> Relation:
        for pivot in node.args.get("pivots") or ():
            found = self._pivot(pivot, found, scope)
        return found

    def _pivot(self, node: Any, source: Relation, scope: Scope) -> Relation:
        inner = Scope(self.query, scope.common, scope)
        inner.relations = {"": source}
        if node.args.get("unpivot"):
            return self._unpivot(node, source)
        fields = [each.this if isinstance(each, exp.In) else each for each in node.args.get("fields") or ()]
        standard = bool(fields)
        on = [lineage(each, inner) for each in (fields if standard else node.expressions)]
        using = node.expressions if standard else node.args.get("using") or ()
        values = [lineage(each, inner) for each in using]
        used = {column.name.lower() for column in node.find_all(exp.Column)}
        group = node.args.get("group")
        if group is not None:
            keys = [(each.name, lineage(each, inner)) for each in group.expressions]
        else:
            keys = [(name, each) for name, each in source.columns if name.lower() not in used]
        grouped = sources_of(each for _, each in keys)
        rows = sources_of(on) | grouped | source.rows
        found = Relation(
            [(name, each.under(grouped)) for name, each in keys],
            source.rows | grouped,
            joined(values).under(rows),
        )
        if len(values) > 1:  # `food_total`: the value's name comes last
            found.endings = [
                (f"_{each.alias_or_name or each.sql()}".lower(), value.under(rows))
                for each, value in zip(using, values, strict=True)
            ]
        return found

    def _unpivot(self, node: Any, source: Relation) -> Relation:
        into = node.args.get("into")
        names, values = "name", ["value"]
        on = [column.name.lower() for each in node.expressions for column in each.find_all(exp.Column)]
        if into is not None:
            names, values = into.this.name, [each.name for each in into.expressions]
        for each in node.args.get("fields") or ():  # UNPIVOT (value FOR name IN (a, b))
            values = [one.name for one in node.expressions]
            names = each.this.name
            on = [column.name.lower() for one in each.expressions for column in one.find_all(exp.Column)]
        taken = [each for name, each in source.columns if name.lower() in on] or [source.all]
        kept = [(name, each) for name, each in source.columns if name.lower() not in on]
        flat = joined(taken) if on else unread(taken)
        columns = [*kept, (names, CONSTANT), *((value, flat) for value in values)]
        found = Relation(columns, source.rows)
        return found if node.args.get("include_nulls") else found.under(sources_of([flat]))


def _of_rows(columns: list[Lineage]) -> Sources:
    """What all columns of a table depend on, and one by a condition, decided which rows it has."""
    if not columns:
        return frozenset()
    shared = frozenset.intersection(*(each.direct | each.indirect for each in columns))
    return shared.intersection(frozenset[Hashable]().union(*(each.indirect for each in columns)))
