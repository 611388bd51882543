"""What a trace costs in a small and in a large graph: time must follow the answer, not the graph.

The same answers are asked for in both, in turn. Beside ours stand, on the same connection, a bare recursive query
that gives ids alone, one that gives what an answer holds of each node and edge (no versions' numbers, tags, caps or
statement of what was cut), and the shape that a common catalogue uses: it aggregates what all runs read and wrote,
then recurses over that.

`LINEPROOF_BENCH_EDGES=1000000,10000000` chooses the sizes; ten million take ten minutes to fill in each store.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ingest_postgres import server
from trace_graph import PIECES, Graph

from lineproof.graph import Direction, trace, view
from lineproof.store import Ledger

REPEATS = {100: 30, 10_000: 10}
RATIO_LIMIT = 1.3
BARE_LIMIT = 1.5
MOST_FOR_A_CATALOGUE = 1_000_000  # edges: it reads all of them for each question
_FOUND = "WITH RECURSIVE found(id) AS (SELECT CAST(? AS BIGINT) UNION SELECT dst FROM edge JOIN found ON src = id) "
IDS = _FOUND + "SELECT count(*) FROM found"
NODES = _FOUND + (
    "SELECT found.id, version.content, version.entry, version.time, dataset.namespace, dataset.name, dataset.type, "
    "(SELECT run.uuid || job.name FROM run_dataset AS made JOIN run ON run.id = made.run "
    "JOIN job ON job.id = run.job WHERE made.version = found.id AND made.direction = 'output' LIMIT 1) "
    "FROM found LEFT JOIN version ON version.id = found.id LEFT JOIN dataset ON dataset.id = version.dataset"
)
EDGES = _FOUND + "SELECT edge.* FROM found LEFT JOIN edge ON edge.src = found.id"
CATALOGUE = (
    "WITH RECURSIVE io AS MATERIALIZED (SELECT run, direction, version FROM run_dataset "
    "GROUP BY run, direction, version), "
    "found(id) AS (SELECT CAST(? AS BIGINT) UNION SELECT made.version FROM found "
    "JOIN io AS took ON took.version = found.id AND took.direction = 'input' "
    "JOIN io AS made ON made.run = took.run AND made.direction = 'output') "
    "SELECT count(*) FROM found"
)


def ours(graph: Graph, answer: int) -> float:
    """Trace from every starting point of answers of so many nodes; give the mean seconds of one."""
    roots = graph.roots[answer]
    with graph.stored.connection() as connection:
        seen = view(connection)
        started = time.perf_counter()
        for root, _ in roots:
            found = trace(connection, root, seen, direction=Direction.DOWN, limit=20_000)
            assert found.complete
            assert sum(node.kind == "dataset" for node in found.nodes) == answer
        return (time.perf_counter() - started) / len(roots)


def bare(graph: Graph, answer: int, *questions: str) -> float:
    """Ask these questions for every starting point; give the mean seconds of one."""
    roots = graph.roots[answer]
    started = time.perf_counter()
    for _, root in roots:
        for question in questions:
            with closing(graph.plain.cursor()) as cursor:
                cursor.execute(question, (root,)).fetchall()
    return (time.perf_counter() - started) / len(roots)


def catalogue(graph: Graph) -> str:
    """Give the milliseconds of one question in the shape of a catalogue, in words."""
    if graph.edges > MOST_FOR_A_CATALOGUE:
        return "not asked"
    _, root = graph.roots[100][0]
    started = time.perf_counter()
    (count,) = graph.plain.execute(CATALOGUE, (root,)).fetchone()
    assert count == 100
    return f"{(time.perf_counter() - started) * 1000:.0f} ms"


def measure(store: str, sizes: list[int], create: Callable[[Path], Ledger] = Ledger.create) -> None:
    """Print the time of equal answers in graphs of these sizes, and their ratio."""
    with tempfile.TemporaryDirectory() as place:
        graphs = [Graph(Path(place, str(size)), size, create) for size in sizes]
        for answer in PIECES:
            _measure(store, graphs, answer)
        for graph in graphs:
            print(f"  {store}: a catalogue's shape, 100 nodes of {graph.edges:,} edges: {catalogue(graph)}")
            graph.close()


def _measure(store: str, graphs: list[Graph], answer: int) -> None:
    taken: dict[tuple[int, str], list[float]] = {}
    for number in range(REPEATS[answer] + 3):
        for graph in graphs:
            for what, seconds in (
                ("ours", ours(graph, answer)),
                ("ids", bare(graph, answer, IDS)),
                ("rows", bare(graph, answer, NODES, EDGES)),
            ):
                if number >= 3:
                    taken.setdefault((graph.edges, what), []).append(seconds * 1000)
    median = {key: statistics.median(values) for key, values in taken.items()}
    for graph in graphs:
        mine, ids, rows = (median[graph.edges, what] for what in ("ours", "ids", "rows"))
        print(
            f"  {store}: trace, {answer:>6,} nodes of {graph.edges:>10,} edges {mine:10.2f} ms  bare recursive query: "
            f"ids alone {ids:.2f} ms, the same rows {rows:.2f} ms ({mine / rows:.2f} x, limit {BARE_LIMIT})",
            flush=True,
        )
    small, large = graphs[0].edges, graphs[-1].edges
    title = f"{store}: {large:,} beside {small:,} edges, {answer:,} nodes"
    ratio = median[large, "ours"] / median[small, "ours"]
    print(f"  {title:<58} {ratio:9.3f} x       limit <= {RATIO_LIMIT}", flush=True)


def main(*, quick: bool = False) -> None:
    """Measure over SQLite and over PostgreSQL."""
    stated = os.environ.get("LINEPROOF_BENCH_EDGES")
    sizes = [10_000, 100_000] if quick else [100_000, 1_000_000]
    sizes = [int(one) for one in stated.split(",")] if stated else sizes
    measure("SQLite", sizes)
    running = server()
    try:

        def create(folder: Path) -> Ledger:
            os.environ["LINEPROOF_STORE"] = running.new_schema()
            return Ledger.create(folder)

        measure("PostgreSQL", sizes, create)
    finally:
        os.environ.pop("LINEPROOF_STORE", None)
        running.stop()


if __name__ == "__main__":
    main()
