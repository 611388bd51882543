"""What a trace costs in a small and in a large graph: time must follow the answer, not the graph.

The graphs are power laws: half of all edges go to where edges are already. From each, the same number
of starting points is drawn whose downstream holds exactly as many nodes, and both are asked in turn.
Beside it stand, on the same connection, one recursive query, which gives ids alone (no names, versions, runs,
caps or statement of what was cut), and the shape that a common catalogue uses: it aggregates what all runs read
and wrote, then recurses over that.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from ingest_postgres import server

from lineproof.graph import Direction, trace, view
from lineproof.model.identity import node_id
from lineproof.model.references import Reference
from lineproof.store import Ledger, schema
from lineproof.store.database import insert, transaction

ANSWER = 100  # nodes
VERSIONS = 3  # of each dataset
EDGES_PER_NODE = 2.5
REPEATS = 30
RATIO_LIMIT = 1.3
MOMENT = "2026-01-01T00:00:00.000000Z"
PLAIN = (
    "WITH RECURSIVE found(id) AS (SELECT CAST(? AS BIGINT) UNION SELECT dst FROM edge JOIN found ON src = id) "
    "SELECT count(*) FROM found"
)
CATALOGUE = (
    "WITH RECURSIVE io AS MATERIALIZED (SELECT run, direction, version FROM run_dataset "
    "GROUP BY run, direction, version), "
    "found(id) AS (SELECT CAST(? AS BIGINT) UNION SELECT made.version FROM found "
    "JOIN io AS took ON took.version = found.id AND took.direction = 'input' "
    "JOIN io AS made ON made.run = took.run AND made.direction = 'output') "
    "SELECT count(*) FROM found"
)


class Graph:
    """A ledger with this many dataset edges, and starting points with answers of one size."""

    def __init__(
        self, folder: Path, edges: int, roots: int, create: Callable[[Path], Ledger] = Ledger.create
    ) -> None:
        self.edges = edges
        self._chance = random.Random(edges)
        onward = self._grown(edges)
        nodes = int(edges / EDGES_PER_NODE)
        self._ids = [node_id("version", "file", *self._name(one)) for one in range(nodes)]
        self.stored = create(folder / ".lineproof")
        self._fill(onward)
        self.roots = self._starting_points(onward, nodes, roots)
        self.held = ExitStack()
        self.plain = self.held.enter_context(self.stored.snapshot())

    def _name(self, one: int) -> tuple[str, str]:
        return f"data/{one // VERSIONS}.csv", f"sha256:{one:064x}"

    def _grown(self, edges: int) -> dict[int, set[int]]:
        nodes = int(edges / EDGES_PER_NODE)
        onward: dict[int, set[int]] = defaultdict(set)
        popular = [0]
        count = 0
        while count < edges:
            target = self._chance.randrange(1, nodes)
            source = self._chance.choice(popular) if count % 2 else self._chance.randrange(target)
            if source < target and target not in onward[source]:
                onward[source].add(target)
                popular.append(source)
                count += 1
        return onward

    def _fill(self, onward: dict[int, set[int]]) -> None:
        datasets: dict[int, tuple[object, ...]] = {}
        versions = []
        for one, identity in enumerate(self._ids):
            name, content = self._name(one)
            owner = node_id("dataset", "file", name)
            datasets[owner] = (owner, "file", name, "FILE", 1)
            versions.append((identity, owner, content, 1, one, MOMENT))
        edges = [
            (self._ids[a], self._ids[b], "DIRECT", "observed", "exact", "columnLineage", None, 1, MOMENT)
            for a, targets in onward.items()
            for b in targets
        ]
        job = node_id("job", "bench", "all")
        made = {self._ids[b] for targets in onward.values() for b in targets}
        touched = [(b, a, "input", 1) for a, b, *_ in edges] + [(one, one, "output", 1) for one in made]
        tables = {
            schema.dataset: datasets.values(),
            schema.version: versions,
            schema.edge: edges,
            schema.job: [(job, "bench", "all", 1)],
            schema.run: [(one, f"run-{one}", job, 1) for one in made],
            schema.run_dataset: touched,
        }
        with self.stored._database.writing() as session:
            with transaction(session) as cursor:
                for table, rows in tables.items():
                    ordered = sorted(rows)
                    for start in range(0, len(ordered), 50_000):
                        insert(cursor, table, ordered[start : start + 50_000])
            session.execute("ANALYZE")

    def _starting_points(self, onward: dict[int, set[int]], nodes: int, wanted: int) -> list[Reference]:
        found: list[Reference] = []
        self.root_ids = []
        while len(found) < wanted:
            start = self._chance.randrange(nodes)
            if _downstream(onward, start) == ANSWER:
                name, content = self._name(start)
                found.append(Reference.parse(f"dataset:file::{name}@{content}"))
                self.root_ids.append(self._ids[start])
        return found

    def ask(self) -> float:
        """Trace from every starting point; give the mean seconds of one."""
        with self.stored.connection() as connection:
            seen = view(connection)
            started = time.perf_counter()
            for root in self.roots:
                answer = trace(connection, root, seen, direction=Direction.DOWN)
                assert len(answer.nodes) == ANSWER
                assert answer.complete
            return (time.perf_counter() - started) / len(self.roots)

    def ask_plainly(self) -> float:
        """Follow the same edges with one recursive query; give the mean seconds of one."""
        return self._time(PLAIN, self.root_ids)

    def ask_as_a_catalogue(self) -> float:
        """Give the seconds of one question in the shape of a catalogue."""
        return self._time(CATALOGUE, self.root_ids[:1])

    def _time(self, question: str, roots: list[int]) -> float:
        started = time.perf_counter()
        for root in roots:
            assert tuple(self.plain.execute(question, (root,)).fetchone()) == (ANSWER,)
        return (time.perf_counter() - started) / len(roots)


def _downstream(onward: dict[int, set[int]], start: int) -> int:
    """Count what comes from a node, giving up above the wanted size."""
    seen, waiting = {start}, [start]
    while waiting and len(seen) <= ANSWER:
        new = onward.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return len(seen)


def measure(store: str, sizes: tuple[int, int], create: Callable[[Path], Ledger] = Ledger.create) -> None:
    """Print the time of an answer in both graphs, and their ratio."""
    with tempfile.TemporaryDirectory() as place:
        graphs = [Graph(Path(place, str(size)), size, roots=20, create=create) for size in sizes]
        taken: dict[int, list[float]] = {size: [] for size in sizes}
        plain: dict[int, list[float]] = {size: [] for size in sizes}
        for number in range(REPEATS + 3):
            for graph in graphs:
                ours, theirs = graph.ask(), graph.ask_plainly()
                if number >= 3:  # warm
                    taken[graph.edges].append(ours)
                    plain[graph.edges].append(theirs)
        catalogue = {graph.edges: graph.ask_as_a_catalogue() * 1000 for graph in graphs}
        for graph in graphs:
            graph.held.close()
            graph.stored.close()
    medians = {size: statistics.median(taken[size]) * 1000 for size in sizes}
    for size in sizes:
        recursive = statistics.median(plain[size]) * 1000
        print(
            f"  {store}: trace, {ANSWER} nodes of {size:>9,} edges{'':<13} {medians[size]:9.3f} ms     "
            f"(ids alone: {recursive:.3f} ms; a catalogue's shape: {catalogue[size]:.1f} ms)",
            flush=True,
        )
    small, large = sizes
    print(
        f"  {store + ': ratio':<58} {medians[large] / medians[small]:9.3f} x       limit <= {RATIO_LIMIT}",
        flush=True,
    )


def main(*, quick: bool = False) -> None:
    """Measure over SQLite and over PostgreSQL."""
    sizes = (10_000, 100_000) if quick else (100_000, 1_000_000)
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
