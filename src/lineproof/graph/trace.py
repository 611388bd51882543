"""Where something came from, or what came from it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from lineproof.errors import CommandError
from lineproof.graph.answer import Describe, Trace
from lineproof.graph.columns import ColumnHops, stated_precision
from lineproof.graph.facts import Facts
from lineproof.graph.hops import DatasetHops, Direction, Hop, Hops, Step
from lineproof.graph.resolve import Found, resolve
from lineproof.graph.roots import hops_of_prediction, hops_of_run, per_column
from lineproof.graph.view import View
from lineproof.graph.walk import Reached, walk
from lineproof.model.lineage import Precision
from lineproof.model.references import Kind, Reference

__all__ = ["DEFAULT_LIMIT", "trace"]

DEFAULT_LIMIT = 1000  # nodes in one answer
_DATA = frozenset({Kind.DATASET, Kind.MODEL, Kind.COLUMN})


def trace(
    connection: Connection,
    reference: Reference,
    seen: View,
    *,
    direction: Direction = Direction.UP,
    columns: bool = False,
    depth: int | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Trace:
    """Follow lineage from a dataset, model, column, run or prediction.

    Args:
        connection: Snapshot of the ledger's tables.
        reference: What to start from.
        seen: What the answer may rest on.
        direction: Up to its sources, or down to what came from it.
        columns: Column by column instead of dataset by dataset; a column is always traced so.
        depth: Most edges away from the root; None for no cap.
        limit: Most nodes in the answer, runs that made edges not counted.

    Returns:
        The answer; `complete` is False where a cap cut it, and `cut_at` says where.

    Raises:
        UnknownReferenceError: Nothing recorded answers to the reference.
        AmbiguousReferenceError: Several things do.
        CommandError: What it names has no lineage of its own.
    """
    root = resolve(connection, reference, seen)
    columns = columns or root.kind is Kind.COLUMN
    facts = Facts(connection, seen)
    hops_of = ColumnHops(facts, direction) if columns else DatasetHops(facts, direction)
    start, first = _start(facts, root, direction, columns)
    hops = _FromRoot(root.id, first, hops_of)
    reached = walk(hops, start[:limit], direction, depth=depth, limit=limit)
    reached.depths.setdefault(root.id, 0)
    if len(start) > limit:
        reached.cut.add(root.id)
    describe = Describe(facts, root)
    describe.learn(reached.depths, _without_known_sources(facts, hops_of, reached, direction))
    nodes = describe.nodes(reached.depths, reached.hops)
    return Trace(
        root=root.ref,
        direction=direction,
        as_of=seen.as_of,
        nodes=nodes,
        edges=describe.edges(reached.hops),
        complete=not reached.cut,
        cut_at=sorted(describe.ref(one) for one in reached.cut),
    )


def _without_known_sources(facts: Facts, hops_of: Hops, reached: Reached, direction: Direction) -> set[int]:
    """Give the nodes at which a trace upwards ends although the record does not say that they are sources."""
    if isinstance(hops_of, ColumnHops):
        return hops_of.unknown
    if direction is Direction.DOWN:
        return set()
    ends = set(reached.depths) - {hop.target for hop in reached.hops}
    stated = stated_precision(facts, facts.versions(ends))
    return {one for one, columns in stated.items() if Precision.UNKNOWN in columns.values()}


class _FromRoot:
    """Adds the first edges of a root that is no data to those of the graph."""

    def __init__(self, root: int, first: list[Hop] | None, then: Hops) -> None:
        self._root = root
        self._first = first
        self._then = then

    def __call__(self, level: Collection[int], budget: int) -> Step:
        if self._first is not None and list(level) == [self._root]:
            return Step(self._first[:budget], set() if len(self._first) <= budget else {self._root})
        return self._then(level, budget)


def _start(
    facts: Facts, root: Found, direction: Direction, columns: bool
) -> tuple[list[int], list[Hop] | None]:
    """Give the nodes to start from, and the root's own edges where the graph does not hold them."""
    if root.kind in _DATA:
        if columns and root.kind is not Kind.COLUMN:
            return [one.id for one in facts.columns_of([root.id])[root.id]] or [root.id], None
        return [root.id], None
    if root.kind is Kind.RUN:
        first = hops_of_run(facts, root, direction)
    elif root.kind is Kind.PREDICTION:
        first = hops_of_prediction(facts, root) if direction is Direction.UP else []
    else:
        raise CommandError(
            f"{root.ref} has no lineage of its own",
            "trace a dataset, model, column, run or prediction; `lineproof show` tells what this is",
        )
    return [root.id], per_column(facts, first, direction) if columns else first
