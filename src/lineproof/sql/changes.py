"""What a table holds after a statement that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lineproof.sql.expressions import lineage
from lineproof.sql.lineage import CONSTANT, Lineage, Relation, Sources, joined, sources_of
from lineproof.sql.scope import Scope

if TYPE_CHECKING:
    from lineproof.sql.statement import Statement

__all__ = ["changed", "inserted", "merged"]


def inserted(statement: Statement, node: exp.Insert, root: Scope) -> Relation:
    """INSERT: the rows that were there and the new ones, column by column."""
    added = statement.query(node.expression, root)
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    before = statement.known([_name(target)])
    named = [each.name for each in node.this.expressions] if isinstance(node.this, exp.Schema) else []
    if not before.columns:
        return added.named(named)
    names = named or [name for name, _ in before.columns]
    if node.args.get("by_name"):
        names = [name for name, _ in added.columns]
    fresh = dict(zip((name.lower() for name in names), (each for _, each in added.columns), strict=False))
    if added.rest is not None:  # columns that the statement does not tell
        fresh = {name.lower(): joined((fresh.get(name.lower(), CONSTANT), added.rest)) for name in names}
    found = Relation(
        [(name, joined((each, fresh.get(name.lower(), CONSTANT)))) for name, each in before.columns]
    )
    conflict = node.args.get("conflict")
    return found if conflict is None else _resolved(conflict, target, found, added.named(names), root)


def _resolved(conflict: Any, target: Any, found: Relation, added: Relation, root: Scope) -> Relation:
    """`ON CONFLICT DO UPDATE SET`: rows that meet by the key decide what is stored."""
    scope = Scope(root.resolve, root.common, root)
    scope.relations = {target.alias_or_name.lower(): found, "excluded": added}
    keys = [each.name for each in conflict.args.get("conflict_keys") or ()]
    condition = sources_of([found.get(each) or CONSTANT for each in keys] or [found.columns[0][1]])
    where = conflict.args.get("where")
    if where is not None:
        condition |= sources_of([lineage(where, scope)])
    return _stored(found, _assignments(conflict.expressions, scope), condition)


def changed(statement: Statement, node: Any, root: Scope) -> Relation:
    """UPDATE and DELETE."""
    scope = Scope(statement.query, root.common, root)
    name = statement.add(node.this, scope)
    before = scope.relations[name]
    used = [node.args.get("from_"), node.args.get("from")]
    for each in [*(one.this for one in used if one is not None), *(node.args.get("using") or ())]:
        statement.add(each, scope)
    where = node.args.get("where")
    rows: Sources = frozenset() if where is None else sources_of([lineage(where, scope)])
    if isinstance(node, exp.Delete):
        return before.under(rows)
    return _stored(before, _assignments(node.expressions, scope), rows)


def merged(statement: Statement, node: exp.Merge, root: Scope) -> Relation:
    """MERGE: what is stored where rows meet, and what is added where they do not."""
    scope = Scope(statement.query, root.common, root)
    name = statement.add(node.this, scope)
    found = scope.relations[name]
    statement.add(node.args["using"], scope)
    met = node.args.get("on")
    keys: Sources = frozenset() if met is None else sources_of([lineage(met, scope)])
    for when in node.args["whens"].expressions:
        rows, then = keys, when.args.get("then")
        condition = when.args.get("condition")
        if condition is not None:
            rows |= sources_of([lineage(condition, scope)])
        if isinstance(then, exp.Update):
            found = _stored(found, _assignments(then.expressions, scope), rows)
        elif isinstance(then, exp.Insert):
            found = _added(found, then, scope).under(rows)
        else:  # DELETE, or a short form that names no columns
            found = Relation([(each, joined((own, scope.everything))) for each, own in found.columns])
    return found


def _added(found: Relation, then: exp.Insert, scope: Scope) -> Relation:
    values = [] if then.expression is None else then.expression.expressions
    named = [each.name for each in then.this.expressions] if isinstance(then.this, exp.Tuple) else []
    names = named or [name for name, _ in found.columns]
    fresh = {
        name.lower(): lineage(each, scope) for name, each in zip(names, values, strict=False)
    } or dict.fromkeys((name.lower() for name in names), scope.everything)
    return Relation([(name, joined((own, fresh.get(name.lower(), CONSTANT)))) for name, own in found.columns])


def _assignments(expressions: Any, scope: Scope) -> dict[str, Lineage]:
    return {each.this.name.lower(): lineage(each.expression, scope) for each in expressions or ()}


def _stored(before: Relation, values: dict[str, Lineage], rows: Sources) -> Relation:
    """Give the relation with some columns overwritten in the rows that `rows` decide about."""
    columns = [
        (column, joined((each, values[column.lower()])).under(rows) if column.lower() in values else each)
        for column, each in before.columns
    ]
    return Relation(columns, before.rows)


def _name(table: Any) -> str:
    return ".".join(part.name for part in table.parts).lower().removeprefix("main.")
