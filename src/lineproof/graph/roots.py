"""The first edges of a trace that starts at something other than data: a run, a prediction."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from lineproof.graph.facts import Facts, batches
from lineproof.graph.hops import Direction, Hop
from lineproof.graph.resolve import Found
from lineproof.graph.segments import kept_of, table_of
from lineproof.graph.states import descendants
from lineproof.model.identity import node_id
from lineproof.model.lineage import EdgeKind, How, Precision
from lineproof.store.schema import run_dataset

__all__ = ["hops_of_prediction", "hops_of_run", "per_column"]

_SEGMENT_RULE = "prediction.segment"


def hops_of_run(facts: Facts, root: Found, direction: Direction) -> list[Hop]:
    """Give what a run, with all runs inside it, read that it did not make; or all that it made."""
    touched = _datasets_of(facts, descendants(facts, [root.id]))
    if direction is Direction.DOWN:
        return [_hop(root.id, one, "run output", *where) for one, where in sorted(touched["output"].items())]
    made = touched["output"]
    taken = {one: where for one, where in touched["input"].items() if one not in made}
    return [_hop(one, root.id, "run input", *where) for one, where in sorted(taken.items())]


def hops_of_prediction(facts: Facts, root: Found) -> list[Hop]:
    """Give the model that made a prediction, and the table its features came from."""
    kept = kept_of(facts, root)
    run, time = None, None
    sources = [kept.model]
    if kept.segment is not None:
        run = None if kept.segment.run is None else node_id("run", kept.segment.run)
        time = kept.segment.time
        if kept.segment.features_from:
            sources.append(table_of(kept.segment.features_from))
    known = facts.versions(sources)
    return [_hop(one, root.id, _SEGMENT_RULE, run, kept.entry, time=time) for one in sources if one in known]


def per_column(facts: Facts, hops: Collection[Hop], direction: Direction) -> list[Hop]:
    """Give the same edges for each column of the datasets at their far ends."""
    up = direction is Direction.UP
    columns = facts.columns_of({hop.source if up else hop.target for hop in hops})
    spread: list[Hop] = []
    for hop in hops:
        far = columns[hop.source if up else hop.target]
        spread += [hop._replace(source=one.id) if up else hop._replace(target=one.id) for one in far] or [hop]
    return spread


def _datasets_of(facts: Facts, runs: Collection[int]) -> dict[str, dict[int, tuple[int, int]]]:
    touched: dict[str, dict[int, tuple[int, int]]] = {"input": {}, "output": {}}
    for piece in batches(runs):
        query = (
            select(run_dataset.c.direction, run_dataset.c.version, run_dataset.c.run, run_dataset.c.entry)
            .where(run_dataset.c.run.in_(piece), facts.view.known(run_dataset))
            .order_by(run_dataset.c.entry)
        )
        for direction, version, run, entry in facts.connection.execute(query):
            touched[direction].setdefault(version, (run, entry))
    return touched


def _hop(source: int, target: int, rule: str, run: int | None, entry: int, *, time: str | None = None) -> Hop:
    return Hop(source, target, EdgeKind.DIRECT, How.OBSERVED, Precision.EXACT, rule, run, entry, time)
