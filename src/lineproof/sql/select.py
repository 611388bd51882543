"""One SELECT: tables and joins, conditions, grouping, the list of what is selected."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from lineproof.sql.expressions import length, lineage
from lineproof.sql.lineage import CONSTANT, Lineage, Relation, Sources, joined, sources_of, unread
from lineproof.sql.scope import Scope

__all__ = ["select"]

_NOTHING: Sources = frozenset()


def select(node: exp.Select, scope: Scope) -> Relation:
    """Give the relation that a SELECT makes; its tables are in the scope already."""
    # 1. Let names of the list and of windows be used by the other clauses.
    # 2. Collect what decides about rows: joins, WHERE, groups, HAVING, QUALIFY, ORDER BY, lists unnested.
    # 3. Read the list; DISTINCT makes every column decide about the others.
    scope.say({each.alias: each.this for each in node.expressions if isinstance(each, exp.Alias)})
    scope.windows = {each.this.name.lower(): each for each in node.args.get("windows") or ()}
    conditions = [lineage(part, scope) for part in _clauses(node, "where", "qualify", "having")]
    grouped = _grouped(node, scope)
    ordered = sources_of(_item(each.this, node, scope) for each in _order(node))
    lists = _unnested(node)
    lengths = _NOTHING.union(*(length(each, scope) for each in lists))
    rows = scope.rows | sources_of(conditions) | grouped | ordered | lengths
    columns = [column for each in node.expressions for column in _selected(each, scope)]
    if any(isinstance(each, exp.Column) for each in lists):  # all may be equally long, or records
        columns = [(name, unread([each])) for name, each in columns]
    distinct = node.args.get("distinct")
    if distinct is not None:
        on = distinct.args.get("on")
        rows |= (
            sources_of([lineage(on, scope)]) if on is not None else sources_of(each for _, each in columns)
        )
    rest = [relation.rest for relation in scope.relations.values() if relation.rest is not None]
    starred = any(each.find(exp.Star, exp.Columns) for each in node.expressions)
    found = Relation(
        [(name, each.under(rows)) for name, each in columns],
        rows,
        joined(rest).under(rows) if rest and starred else None,
    )
    if found.rest is not None:
        endings = [each for relation in scope.relations.values() for each in relation.endings]
        found.endings = [(ending, each.under(rows)) for ending, each in endings]
    return found


def _clauses(node: exp.Select, *names: str) -> list[Any]:
    return [node.args[name] for name in names if node.args.get(name) is not None]


def _order(node: Any) -> list[Any]:
    order = node.args.get("order")
    return [] if order is None else [each for each in order.expressions if isinstance(each, exp.Ordered)]


def _item(node: Any, query: exp.Select, scope: Scope) -> Lineage:
    """`ORDER BY 1`, `GROUP BY alias`, `ORDER BY ALL`: by place or name in the list, else as an expression."""
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        at = int(node.name) - 1
        columns = [column for each in query.expressions for column in _selected(each, scope)]
        return columns[at][1] if at < len(columns) else CONSTANT
    if isinstance(node, (exp.Var, exp.Column, exp.Identifier)) and node.name.upper() == "ALL":
        return joined(each for one in query.expressions for _, each in _selected(one, scope))
    alias = scope.alias(node.name) if isinstance(node, exp.Column) and not node.table else None
    return lineage(node if alias is None else alias, scope)


def _grouped(node: exp.Select, scope: Scope) -> Sources:
    group = node.args.get("group")
    if group is None:
        return _NOTHING
    if group.args.get("all"):
        plain = [each for each in node.expressions if not each.find(exp.AggFunc)]
        return sources_of(each for one in plain for _, each in _selected(one, scope))
    found = [_item(each, node, scope) for each in group.expressions]
    for kind in ("rollup", "cube", "grouping_sets"):
        for each in group.args.get(kind) or ():
            found += [scope.column(column) for column in each.find_all(exp.Column)]
    return sources_of(found)


def _unnested(node: exp.Select) -> list[Any]:
    """Give what the list takes apart, `SELECT a, unnest(b)`: a row comes as often as that is long."""
    calls = [each for one in node.expressions for each in one.find_all(exp.Explode, exp.Unnest)]
    own = [each for each in calls if each.find_ancestor(exp.Select) is node]
    return [
        one for each in own for one in (each.expressions if isinstance(each, exp.Unnest) else [each.this])
    ]


def _selected(node: Any, scope: Scope) -> list[tuple[str, Lineage]]:
    """Give the columns of one item of the list; a star stands for many."""
    inner = node.this if isinstance(node, exp.Alias) else node
    if isinstance(inner, exp.Star):
        return _star(inner, _all_columns(scope), scope)
    if isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star):
        relation = scope.relations.get(inner.table.lower())
        return _star(inner.this, [] if relation is None else relation.columns, scope)
    many = inner.find(exp.Columns)
    if many is not None:
        return [(name, lineage(_with(inner, name), scope)) for name in _matching(many, scope)]
    return [(node.alias_or_name or node.sql(), lineage(inner, scope))]


def _all_columns(scope: Scope) -> list[tuple[str, Lineage]]:
    found: list[tuple[str, Lineage]] = []
    seen: set[str] = set()
    for relation in scope.relations.values():
        for name, each in relation.columns:
            folded = name.lower()
            if folded in scope.merged:
                if folded in seen:
                    continue
                seen.add(folded)
                found.append((name, scope.merged[folded]))
            else:
                found.append((name, each))
    return found


def _star(star: exp.Star, columns: list[tuple[str, Lineage]], scope: Scope) -> list[tuple[str, Lineage]]:
    """`* EXCLUDE (a) REPLACE (b + 1 AS b) RENAME (c AS d)`."""
    left_out = {each.name.lower() for each in star.args.get("except_") or star.args.get("except") or ()}
    replaced = {each.alias.lower(): each.this for each in star.args.get("replace") or ()}
    renamed = {each.this.name.lower(): each.alias for each in star.args.get("rename") or ()}
    return [
        (
            renamed.get(name.lower(), name),
            lineage(replaced[name.lower()], scope) if name.lower() in replaced else each,
        )
        for name, each in columns
        if name.lower() not in left_out
    ]


def _matching(node: exp.Columns, scope: Scope) -> list[str]:
    names = [name for name, _ in _all_columns(scope)]
    given = node.this
    if isinstance(given, exp.Literal) and given.is_string:
        return [name for name in names if re.search(given.name, name)]
    if isinstance(given, exp.Array):
        return [each.name for each in given.expressions]
    if isinstance(given, exp.Star):
        return [name for name, _ in _star(given, _all_columns(scope), scope)]
    return names


def _with(node: Any, name: str) -> Any:
    """Give the expression with one column in the place of `COLUMNS(...)`."""

    def one(each: Any) -> Any:
        return exp.column(name, quoted=True) if isinstance(each, exp.Columns) else each

    return node.copy().transform(one)
