"""Spark's plans as JSON: a list of nodes in preorder, each with its number of children."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

__all__ = ["Tree", "expressions", "parse"]


class Tree(msgspec.Struct):
    """One node of a plan or an expression.

    Attributes:
        kind: Class of the node without its package.
        fields: What the node holds beside its children.
    """

    kind: str
    fields: dict[str, Any]
    children: list[Tree]

    @property
    def id(self) -> int | None:
        """Number of the attribute that the node is or makes; None when it is neither."""
        given = self.fields.get("exprId")
        return int(given["id"]) if isinstance(given, dict) else None


def parse(nodes: list[dict[str, Any]]) -> Tree:
    """Give the tree of a list of nodes in preorder.

    Raises:
        StopIteration: The list ends before the tree does.
    """
    return _next(iter(nodes))


def expressions(tree: Tree, name: str) -> list[Tree]:
    """Give the expressions in a field: one, or a list, or a list of lists."""
    return list(_found(tree.fields.get(name)))


def _next(nodes: Iterator[dict[str, Any]]) -> Tree:
    node = next(nodes)
    kind = str(node["class"]).rpartition(".")[2].removesuffix("$")
    return Tree(kind, node, [_next(nodes) for _ in range(int(node["num-children"]))])


def _found(value: Any) -> Iterator[Tree]:
    if not isinstance(value, list) or not value:
        return
    if isinstance(value[0], dict) and "class" in value[0] and "num-children" in value[0]:
        yield parse(value)
        return
    for part in value:
        yield from _found(part)
