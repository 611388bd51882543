"""What a trace costs in a small and in a large graph: time must follow the answer, not the graph.

The graphs are power laws: half of all edges go to where edges are already. From each, the same number
of starting points is drawn whose downstream holds exactly as many nodes, and both are asked in turn.
Beside it stands one recursive query in plain sqlite3, which gives ids alone: no names, versions, runs,
caps or statement of what was cut.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from lineproof.graph import Direction, trace, view
from lineproof.model.identity import node_id
from lineproof.model.references import Reference
from lineproof.store import Ledger

ANSWER = 100  # nodes
VERSIONS = 3  # of each dataset
EDGES_PER_NODE = 2.5
REPEATS = 30
RATIO_LIMIT = 1.3
MOMENT = "2026-01-01T00:00:00.000000Z"
PLAIN = (
    "WITH RECURSIVE found(id) AS (SELECT ? UNION SELECT dst FROM edge JOIN found ON src = id) "
    "SELECT count(*) FROM found"
)


class Graph:
    """A ledger with this many dataset edges, and starting points with answers of one size."""

    def __init__(self, folder: Path, edges: int, roots: int) -> None:
        self.edges = edges
        self._chance = random.Random(edges)
        onward = self._grown(edges)
        nodes = int(edges / EDGES_PER_NODE)
        self._ids = [node_id("version", "file", *self._name(one)) for one in range(nodes)]
        self.stored = Ledger.create(folder / ".lineproof")
        self._fill(onward)
        self.roots = self._starting_points(onward, nodes, roots)
        self.plain = sqlite3.connect(folder / ".lineproof" / "ledger.db")

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
        with closing(sqlite3.connect(self.stored.folder / "ledger.db")) as database:
            for table, unsorted in (("dataset", datasets.values()), ("version", versions), ("edge", edges)):
                rows = sorted(unsorted)
                marks = ", ".join("?" * len(rows[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            database.commit()

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
        started = time.perf_counter()
        for root in self.root_ids:
            assert self.plain.execute(PLAIN, (root,)).fetchone() == (ANSWER,)
        return (time.perf_counter() - started) / len(self.root_ids)


def _downstream(onward: dict[int, set[int]], start: int) -> int:
    """Count what comes from a node, giving up above the wanted size."""
    seen, waiting = {start}, [start]
    while waiting and len(seen) <= ANSWER:
        new = onward.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return len(seen)


def main(*, quick: bool = False) -> None:
    """Print the time of an answer in both graphs, and their ratio."""
    sizes = (20_000, 200_000) if quick else (100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as place:
        graphs = [Graph(Path(place, str(size)), size, roots=20) for size in sizes]
        taken: dict[int, list[float]] = {size: [] for size in sizes}
        plain: dict[int, list[float]] = {size: [] for size in sizes}
        for number in range(REPEATS + 3):
            for graph in graphs:
                ours, theirs = graph.ask(), graph.ask_plainly()
                if number >= 3:  # warm
                    taken[graph.edges].append(ours)
                    plain[graph.edges].append(theirs)
    medians = {size: statistics.median(taken[size]) * 1000 for size in sizes}
    for size in sizes:
        recursive = statistics.median(plain[size]) * 1000
        print(
            f"  trace, {ANSWER} nodes of {size:>9,} edges{'':<25} {medians[size]:9.3f} ms     "
            f"(recursive query, ids alone: {recursive:.3f} ms)",
            flush=True,
        )
    small, large = sizes
    print(
        f"  {'ratio':<58} {medians[large] / medians[small]:9.3f} x       limit <= {RATIO_LIMIT}", flush=True
    )


if __name__ == "__main__":
    main()
