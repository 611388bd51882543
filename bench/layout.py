"""What a picture costs, by the number of things in it, each drawn on its own; and grouped, as in reports.

The graphs are generated like pipelines: stages of data, each thing made of one to three things of the
stages just before it, now and then of one far back. Beside it stands the least that any layered layout must
do: longest paths and six barycentre sweeps, without passes for long lines, cycles, heights or routes.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from lineproof.graph.answer import Edge, Node, Trace
from lineproof.graph.layout import lay_out

SIZES = (300, 1_000, 3_000, 10_000)
LIMIT_MS = 100  # for 1,000 things
STAGES = 12
REPEATS = 7


def pipeline(things: int, seed: int = 1) -> Trace:
    """Generate a trace of this many datasets."""
    chance = random.Random(seed)
    width = things // STAGES
    edges = set()
    for one in range(width, things):
        first = (one // width - 1) * width
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            far = chance.random() < 0.05
            near = (one % width) + chance.randrange(-8, 9)
            edges.add((chance.randrange(first + width) if far else first + max(0, min(near, width - 1)), one))
    names = [f"dataset:file::stage{one // width}/part{one % width}.parquet@v1" for one in range(things)]
    return Trace(
        root=names[-1],
        direction="up",
        as_of=1,
        nodes=[
            Node(
                ref=ref,
                kind="dataset",
                name=ref.removeprefix("dataset:file::")[:-3],
                namespace="file",
                version="v1",
            )
            for ref in reversed(names)
        ],
        edges=[
            Edge(
                source=names[source],
                target=names[target],
                kind="DIRECT",
                how="observed",
                precision="exact",
                rule="columnLineage",
                run=None,
                entry=1,
            )
            for source, target in sorted(edges)
        ],
        complete=True,
        cut_at=[],
    )


def least(trace: Trace) -> list[list[int]]:
    """Layer by longest path and sort by barycentre, and nothing else."""
    number = {node.ref: index for index, node in enumerate(reversed(trace.nodes))}
    before: list[list[int]] = [[] for _ in number]
    for edge in trace.edges:
        before[number[edge.target]].append(number[edge.source])
    layer: list[int] = []
    for near in before:  # sources have lower numbers here
        layer.append(1 + max((layer[other] for other in near), default=-1))
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for one, level in enumerate(layer):
        rows[level].append(one)
    place = list(range(len(layer)))
    for _ in range(6):
        for row in rows:
            row.sort(key=lambda one: sum(place[near] for near in before[one]) / (len(before[one]) or 1))
            for index, one in enumerate(row):
                place[one] = index
    return rows


def taken(work: Callable[[], object], repeats: int) -> float:
    """Give the median CPU milliseconds of one call."""
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times) * 1000


def main(*, quick: bool = False) -> None:
    """Print the time of each size, its growth, and of the same grouped to 300 boxes."""
    repeats = 3 if quick else REPEATS
    before = 0.0
    for things in SIZES:
        trace = pipeline(things)
        alone = taken(lambda trace=trace: lay_out(trace, limit=None), repeats)
        grouped = taken(lambda trace=trace: lay_out(trace), repeats)
        bare = taken(lambda trace=trace: least(trace), repeats)
        limit = f"limit <= {LIMIT_MS} ms" if things == 1_000 else ""
        growth = f"{alone / before:.1f} x" if before else ""
        print(
            f"  layout of {things:>6,} things, {len(trace.edges):>6,} edges: each its box {alone:7.1f} ms "
            f"{growth:>6}  grouped {grouped:7.1f} ms  (bare sweeps {bare:.1f} ms)  {limit}",
            flush=True,
        )
        before = alone


if __name__ == "__main__":
    main()
