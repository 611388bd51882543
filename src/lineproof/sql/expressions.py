"""Lineage of one expression: what flows into its value, and what only decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lineproof.sql.lineage import CONSTANT, Lineage, Sources, joined, sources_of, unread
from lineproof.sql.parameters import PARAMETERS

if TYPE_CHECKING:
    from lineproof.sql.scope import Scope

__all__ = ["length", "lineage"]

# What Spark's listener of OpenLineage takes for masking, and their like in other dialects.
_MASKING = (
    exp.Count, exp.CountIf, exp.ApproxDistinct, exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2, exp.StandardHash,
    exp.FarmFingerprint,
)  # fmt: skip
_MASKING_BY_NAME = frozenset(
    ("hash", "md5_number", "md5_number_lower", "md5_number_upper", "sha", "sha1", "sha224", "sha256", "sha384",
     "sha512", "crc32", "xxhash64", "murmur3", "hashbytes", "digest", "hmac", "mask", "hashtext", "n_unique")
)  # fmt: skip
_EXTREMES = (exp.ArgMax, exp.ArgMin)
_BY_NAME = frozenset(
    ("arg_max", "arg_min", "max_by", "min_by", "argmax", "argmin", "arg_max_null", "arg_min_null")
)


def lineage(node: Any, scope: Scope) -> Lineage:  # noqa: C901, PLR0911, PLR0912 -- one line for each kind of expression
    """Give the lineage of an expression in a scope."""
    match node:
        case exp.Column():
            return scope.column(node)
        case exp.PositionalColumn():
            return scope.at(int(node.name) - 1)
        case exp.Identifier():  # a parameter of a lambda
            return CONSTANT
        case exp.Placeholder() | exp.Parameter():
            handed = scope.common.get(PARAMETERS)
            return CONSTANT if handed is None else handed.get(node.name) or unread([handed.all])
        case exp.Case() | exp.If():
            return _branches(node, scope)
        case exp.Window():
            return _window(node, scope)
        case exp.Filter():
            return lineage(node.this, scope).under(sources_of([lineage(node.expression, scope)]))
        case exp.Order():
            return _ordered(node, scope)
        case exp.WithinGroup():
            return _within(node, scope)
        case exp.Exists():
            found = scope.query(node.this)  # whether there are rows; what is in them does not matter
            return found.all.as_condition()._replace(indirect=found.rows)
        case exp.In():
            return _member(node, scope)
        case exp.Subquery() | exp.Select() | exp.SetOperation():
            found = scope.query(node)
            return found.all.under(found.rows)
        case exp.Lambda():
            return lineage(node.this, scope.with_parameters(each.name for each in node.expressions))
        case exp.Star():
            return CONSTANT if isinstance(node.parent, exp.Count) else scope.everything
        case exp.ArgMax() | exp.ArgMin():
            return _extreme(node.this, [node.expression], scope)
        case exp.Anonymous() if str(node.this).lower() in _BY_NAME and len(node.expressions) > 1:
            return _extreme(node.expressions[0], node.expressions[1:2], scope)
    given = [lineage(each, scope) for each in node.iter_expressions()]
    if isinstance(node, _MASKING) or (
        isinstance(node, exp.Anonymous) and str(node.this).lower() in _MASKING_BY_NAME
    ):
        return joined(given).masking()
    if isinstance(node, exp.Anonymous):
        macro = scope.common.get(f"{str(node.this).lower()}()")
        if macro is not None:  # what it reads, and chooses by what it is given
            return joined((macro.all, joined(given).as_condition()))
    if isinstance(node, exp.Columns):
        return unread([scope.everything])
    return joined(given)


def length(node: Any, scope: Scope) -> Sources:
    """Give what decides how long a list is, and so how often the row beside `unnest(list)` comes."""
    return frozenset() if isinstance(node, (exp.Array, exp.Struct)) else sources_of([lineage(node, scope)])


def _extreme(value: Any, by: list[Any], scope: Scope) -> Lineage:
    return lineage(value, scope).under(sources_of(lineage(each, scope) for each in by))


def _branches(node: Any, scope: Scope) -> Lineage:
    """Values flow, what is asked decides."""
    conditions: list[Any] = []
    values: list[Any] = []
    if isinstance(node, exp.If):
        conditions.append(node.this)
        values += [node.args.get("true"), node.args.get("false")]
    else:
        conditions.append(node.this)
        for each in node.args.get("ifs") or ():
            conditions.append(each.this)
            values.append(each.args.get("true"))
        values.append(node.args.get("default"))
    flowing = joined(lineage(each, scope) for each in values if each is not None)
    return flowing.under(sources_of(lineage(each, scope) for each in conditions if each is not None))


def _window(node: Any, scope: Scope) -> Lineage:
    """`f(x) OVER (PARTITION BY ... ORDER BY ...)`, also by the name of a window."""
    spec: list[Any] = [*(node.args.get("partition_by") or ()), node.args.get("order")]
    name = node.args.get("alias")
    named = scope.windows.get(name.name.lower()) if name is not None else None
    if named is not None:
        spec += [*(named.args.get("partition_by") or ()), named.args.get("order")]
    deciding = sources_of(lineage(each, scope) for each in spec if each is not None)
    return lineage(node.this, scope).under(deciding)


def _ordered(node: Any, scope: Scope) -> Lineage:
    """`string_agg(x, ',' ORDER BY y)`; the order of a window has no value of its own."""
    order = sources_of(lineage(each, scope) for each in node.expressions)
    value = CONSTANT if node.this is None else lineage(node.this, scope)
    return value.under(order)


def _within(node: Any, scope: Scope) -> Lineage:
    """`quantile_cont(0.5) WITHIN GROUP (ORDER BY x)`: the order is the value unless there is another."""
    value = lineage(node.this, scope)
    order = joined(lineage(each, scope) for each in node.expression.expressions)
    return value.under(sources_of([order])) if value.direct else joined((value, order))


def _member(node: Any, scope: Scope) -> Lineage:
    """`x IN (SELECT ...)`."""
    query = node.args.get("query")
    parts = [lineage(each, scope) for each in (node.this, *node.expressions)]
    if query is None:
        return joined(parts)
    found = scope.query(query)
    return joined(parts).under(sources_of([found.all]) | found.rows)
