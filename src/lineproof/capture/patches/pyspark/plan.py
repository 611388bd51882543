"""Where the columns of a Spark frame came from, told by its analysed plan.

Attributes carry numbers that stay the same from the relation that reads them to the frame that shows
them. Walking up the plan with the origin of each number gives the lineage, whatever the columns are
called meanwhile, and however they were written: SQL, methods or functions of Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lineproof.capture.patches.pyspark.tree import Tree, expressions, parse
from lineproof.capture.provenance.table import (
    CONSTANT,
    NOTHING,
    ColumnOrigin,
    SourceColumn,
    combined,
    source_origin,
)
from lineproof.model.lineage import How, Precision

__all__ = ["Named", "origins_of_plan"]

Named = tuple[str, str, str]  # namespace, name, version
# What the listener of OpenLineage for Spark takes for masking.
_MASKING = frozenset(
    (
        "Count",
        "Crc32",
        "HiveHash",
        "HyperLogLogPlusPlus",
        "Mask",
        "Md5",
        "Murmur3Hash",
        "Sha1",
        "Sha2",
        "XxHash64",
    )
)
_UNKNOWN = ColumnOrigin(NOTHING, NOTHING, Precision.UNKNOWN, "spark", How.PLANNED)
_RULE = "spark plan"

# Nodes that hand on the columns of their child and decide nothing about rows that a column could tell.
_PASSING = frozenset(
    (
        "SubqueryAlias", "View", "GlobalLimit", "LocalLimit", "Offset", "Tail", "Repartition",
        "RepartitionByExpression", "RebalancePartitions", "ResolvedHint", "EventTimeWatermark", "Sample",
        "CTERelationDef", "CacheTable", "CollectMetrics",
    )
)  # fmt: skip


class Relation(msgspec.Struct):
    """What a node of the plan gives: its attributes in order, and where each came from."""

    ids: list[int]
    names: dict[int, str]
    origins: dict[int, ColumnOrigin]
    rows: ColumnOrigin = CONSTANT  # what decided which rows there are; a column made later depends on it

    def under(self, condition: ColumnOrigin) -> Relation:
        """Give the same with a condition deciding its rows."""
        if condition is CONSTANT:
            return self
        condition = condition.as_condition()
        decided = {one: origin.under(condition) for one, origin in self.origins.items()}
        return Relation(self.ids, self.names, decided, self.rows.under(condition))

    @property
    def everything(self) -> ColumnOrigin:
        """The origin of what was made of all columns."""
        return combined([self.origins[one] for one in self.ids], _RULE).under(self.rows)


def origins_of_plan(
    nodes: list[dict[str, Any]], sources: Mapping[int, Named | list[ColumnOrigin]]
) -> list[tuple[str, ColumnOrigin]]:
    """Give name and origin of each column of a plan.

    Args:
        nodes: The analysed plan, from `toJSON`.
        sources: The dataset version that a relation reads, or the origin of each of its attributes, by
            the number of the first one.
    """
    reader = _Reader(sources)
    found = reader.relation(parse(nodes), {})
    return [(found.names[one], _planned(found.origins[one])) for one in found.ids]


def _planned(origin: ColumnOrigin) -> ColumnOrigin:
    return origin.at_best(Precision.EXACT, How.PLANNED) if origin is not CONSTANT else origin


class _Reader:
    def __init__(self, sources: Mapping[int, Named | list[ColumnOrigin]]) -> None:
        self._sources = sources
        self._shared: dict[int, Relation] = {}  # common table expressions by number

    def relation(self, tree: Tree, outer: Mapping[int, ColumnOrigin]) -> Relation:
        """Give what a node of the plan gives."""
        if tree.kind == "WithCTE":
            return [self.relation(child, outer) for child in tree.children][-1]
        children = [self.relation(child, outer) for child in tree.children]
        if tree.kind in _PASSING:
            if tree.kind == "CTERelationDef":
                self._shared[int(tree.fields["id"])] = children[0]
            return children[0]
        rule = _RULES.get(tree.kind)
        if rule is not None:
            return rule(self, tree, children, outer)
        return self._read(tree) if not children else self._without_rule(tree, children)

    def value(self, tree: Tree, known: Mapping[int, ColumnOrigin]) -> ColumnOrigin:
        """Give the origin of an expression."""
        if tree.kind == "AttributeReference":
            return known.get(tree.id or -1, _UNKNOWN)
        if tree.kind in ("CaseWhen", "If"):
            return self._branches(tree, known)
        parts = [self.value(child, known) for child in tree.children]
        if tree.kind == "WindowExpression":
            return parts[0].under(parts[1].as_condition())
        if tree.kind == "AggregateExpression" and len(parts) > 1:  # sum(x) filter (where ...)
            return parts[0].under(parts[1].as_condition())
        if tree.kind in _MASKING:
            return combined(parts, _RULE).masking()
        if "plan" in tree.fields:  # a subquery
            inner = self.relation(parse(tree.fields["plan"]), known)
            parts.append(inner.everything)
        return combined(parts, _RULE)

    def _branches(self, tree: Tree, known: Mapping[int, ColumnOrigin]) -> ColumnOrigin:
        """`case when a then b ... else c`, `if(a, b, c)`: values are direct, conditions are not."""
        parts = [self.value(child, known) for child in tree.children]
        pairs = len(parts) - len(parts) % 2
        conditions = parts[0:pairs:2] if tree.kind == "CaseWhen" else parts[:1]
        values = [*parts[1:pairs:2], *parts[pairs:]] if tree.kind == "CaseWhen" else parts[1:]
        return combined(values, _RULE).under(combined(conditions, _RULE).as_condition())

    def _read(self, tree: Tree) -> Relation:
        """A relation that reads: a file, a table, a frame of the program, a shared expression."""
        attributes = expressions(tree, "output")
        ids = [attribute.id or -1 for attribute in attributes]
        names = {one: str(attribute.fields["name"]) for one, attribute in zip(ids, attributes, strict=True)}
        if tree.kind == "CTERelationRef" and int(tree.fields["cteId"]) in self._shared:
            shared = self._shared[int(tree.fields["cteId"])]
            origins = {one: shared.origins[own] for one, own in zip(ids, shared.ids, strict=False)}
            return Relation(ids, names, {one: origins.get(one, _UNKNOWN) for one in ids}, shared.rows)
        source = self._sources.get(ids[0]) if ids else None
        if source is None:
            return Relation(ids, names, dict.fromkeys(ids, _UNKNOWN))
        if isinstance(source, list):
            found = source if len(source) == len(ids) else [_UNKNOWN] * len(ids)
        else:
            namespace, name, version = source
            found = [source_origin(SourceColumn(namespace, name, version, names[one]), _RULE) for one in ids]
        return Relation(ids, names, dict(zip(ids, found, strict=True)))

    def _without_rule(self, tree: Tree, children: list[Relation]) -> Relation:
        """A node that we have no rule for: all that goes in may be in all that comes out."""
        whole = combined([child.everything for child in children], tree.kind, Precision.SUPERSET)
        given = next(
            (found for name in ("output", "outAttributes") if (found := expressions(tree, name))), None
        )
        if given is None:
            ids = [one for child in children for one in child.ids]
            names = {one: name for child in children for one, name in child.names.items()}
            return Relation(ids, names, dict.fromkeys(ids, whole))
        ids = [attribute.id or -1 for attribute in given]
        names = {one: str(each.fields["name"]) for one, each in zip(ids, given, strict=True)}
        return Relation(ids, names, dict.fromkeys(ids, whole))

    def made(
        self, columns: list[Tree], below: Relation, outer: Mapping[int, ColumnOrigin], *, keep: bool = False
    ) -> Relation:
        """Give the relation of a list of named expressions over another one."""
        known = {**outer, **below.origins}
        ids = list(below.ids) if keep else []
        names = dict(below.names) if keep else {}
        origins = dict(below.origins) if keep else {}
        for column in columns:
            one = column.id
            if one is None:
                continue
            value = column.children[0] if column.kind == "Alias" else column
            ids.append(one)
            names[one] = str(column.fields["name"])
            origins[one] = self.value(value, known).under(below.rows)
        return Relation(ids, names, origins, below.rows)

    def condition(
        self, tree: Tree, names: tuple[str, ...], known: Mapping[int, ColumnOrigin]
    ) -> ColumnOrigin:
        """Give what the expressions in these fields depend on, as a condition."""
        found = [self.value(each, known) for name in names for each in expressions(tree, name)]
        return combined(found, _RULE).as_condition() if found else CONSTANT


_Rule = Callable[[_Reader, Tree, list[Relation], Mapping[int, ColumnOrigin]], Relation]


def _project(read: _Reader, tree: Tree, below: list[Relation], outer: Mapping[int, ColumnOrigin]) -> Relation:
    return read.made(expressions(tree, "projectList"), below[0], outer)


def _aggregate(
    read: _Reader, tree: Tree, below: list[Relation], outer: Mapping[int, ColumnOrigin]
) -> Relation:
    keys = read.condition(tree, ("groupingExpressions",), {**outer, **below[0].origins})
    return read.made(expressions(tree, "aggregateExpressions"), below[0], outer).under(keys)


def _window(read: _Reader, tree: Tree, below: list[Relation], outer: Mapping[int, ColumnOrigin]) -> Relation:
    return read.made(expressions(tree, "windowExpressions"), below[0], outer, keep=True)


def _filter(read: _Reader, tree: Tree, below: list[Relation], outer: Mapping[int, ColumnOrigin]) -> Relation:
    return below[0].under(read.condition(tree, ("condition", "order", "keys"), {**outer, **below[0].origins}))


def _join(read: _Reader, tree: Tree, below: list[Relation], outer: Mapping[int, ColumnOrigin]) -> Relation:
    left, right = below
    both = {**outer, **left.origins, **right.origins}
    condition = read.condition(tree, ("condition",), both)
    kind = str(tree.fields.get("joinType"))
    if "LeftSemi" in kind or "LeftAnti" in kind:
        return left.under(condition)
    rows = combined((left.rows, right.rows), _RULE)
    joined = Relation([*left.ids, *right.ids], {**left.names, **right.names}, both, rows)
    return joined.under(condition)


def _distinct(_: _Reader, __: Tree, below: list[Relation], ___: Mapping[int, ColumnOrigin]) -> Relation:
    return below[0].under(below[0].everything.as_condition())


def _union(_: _Reader, __: Tree, below: list[Relation], ___: Mapping[int, ColumnOrigin]) -> Relation:
    """By position; the first child's numbers stand for the result."""
    first = below[0]
    origins = {
        one: combined([child.origins[child.ids[at]] for child in below if at < len(child.ids)], _RULE)
        for at, one in enumerate(first.ids)
    }
    rows = combined([child.rows for child in below], _RULE).as_condition()
    return Relation(first.ids, first.names, origins, rows)


def _kept_by_other(_: _Reader, __: Tree, below: list[Relation], ___: Mapping[int, ColumnOrigin]) -> Relation:
    """`except`, `intersect`: the other side decides which rows stay."""
    other = combined([child.everything for child in below], _RULE)
    return below[0].under(other.as_condition())


def _generate(
    read: _Reader, tree: Tree, below: list[Relation], outer: Mapping[int, ColumnOrigin]
) -> Relation:
    """`explode` and its kin: rows are repeated by what is taken apart."""
    known = {**outer, **below[0].origins}
    taken = combined([read.value(each, known) for each in expressions(tree, "generator")], _RULE)
    decided = below[0].under(taken.as_condition())
    made = expressions(tree, "generatorOutput")
    ids = [each.id or -1 for each in made]
    names = {one: str(each.fields["name"]) for one, each in zip(ids, made, strict=True)}
    return Relation(
        [*decided.ids, *ids],
        {**decided.names, **names},
        {**decided.origins, **dict.fromkeys(ids, taken.under(below[0].rows))},
        decided.rows,
    )


_RULES: dict[str, _Rule] = {
    "Project": _project,
    "Aggregate": _aggregate,
    "Window": _window,
    "Filter": _filter,
    "Sort": _filter,
    "Deduplicate": _filter,
    "Join": _join,
    "Distinct": _distinct,
    "Union": _union,
    "Except": _kept_by_other,
    "Intersect": _kept_by_other,
    "Generate": _generate,
}
