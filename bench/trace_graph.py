"""A ledger whose graph is as large as is wanted, and holds answers that are equal in every size.

The background is a power law: half of all edges start from what came early. Into it are planted pieces of a known
number of nodes, drawn from the same seed whatever the size: edges lead into them and never out, so what is downstream
of a piece's first node is the piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from lineproof.model.identity import node_id
from lineproof.model.references import Reference
from lineproof.store import Ledger, schema
from lineproof.store.database import insert, transaction

__all__ = ["Graph"]

VERSIONS = 3  # of each dataset
EDGES_PER_NODE = 2.5
PIECES = {100: 20, 10_000: 2}  # nodes: how many pieces
MOMENT = "2026-01-01T00:00:00.000000Z"
_PAGE = 500_000  # rows in memory at a time

Pairs = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


class Graph:
    """A ledger with so many edges between datasets.

    Attributes:
        stored: The ledger.
        roots: For each number of nodes, what to start from, with its id.
        plain: A connection for questions beside ours.
    """

    def __init__(self, folder: Path, edges: int, create: Callable[[Path], Ledger] = Ledger.create) -> None:
        self.edges = edges
        self.stored = create(folder / ".lineproof")
        names, pairs = _background(edges)
        self.roots: dict[int, list[tuple[Reference, int]]] = {size: [] for size in PIECES}
        chance = np.random.default_rng(7)
        for size, copies in PIECES.items():
            for copy in range(copies):
                first = len(names)
                piece = [(f"planted/{size}/{copy}/{one}.csv", f"sha256:{one:064x}") for one in range(size)]
                entering = np.stack([chance.integers(0, 100, 3), np.full(3, first)], axis=1)
                pairs = np.concatenate([pairs, entering, _piece(chance, size) + first])
                names += piece
                root = Reference.parse(f"dataset:file::{piece[0][0]}@{piece[0][1]}")
                self.roots[size].append((root, node_id("version", "file", *piece[0])))
        self._fill(names, pairs)
        self.held = ExitStack()
        self.plain = self.held.enter_context(self.stored.snapshot())

    def close(self) -> None:
        """Give back what is held."""
        self.held.close()
        self.stored.close()

    def _fill(self, names: list[tuple[str, str]], pairs: Pairs) -> None:
        ids = np.array([node_id("version", "file", *one) for one in names], dtype=np.int64)
        owners = [node_id("dataset", "file", name) for name, _ in names]
        datasets = {
            owner: (owner, "file", name, "FILE", 1) for owner, (name, _) in zip(owners, names, strict=True)
        }
        versions = (
            (one, owner, content, 1, number, MOMENT)
            for number, (one, owner, (_, content)) in enumerate(zip(ids.tolist(), owners, names, strict=True))
        )
        job = node_id("job", "bench", "all")
        by_source = ids[np.unique(pairs, axis=0)]
        by_source = by_source[np.lexsort((by_source[:, 1], by_source[:, 0]))]
        made = np.unique(by_source[:, 1]).tolist()
        edge = ("DIRECT", "observed", "exact", "columnLineage", None, 1, MOMENT)
        with self.stored._database.writing() as session:
            for table, rows in (
                (schema.dataset, iter(datasets.values())),
                (schema.version, versions),
                (schema.edge, ((a, b, *edge) for a, b in _rows(by_source))),
                (schema.job, iter([(job, "bench", "all", 1)])),
                (schema.run, ((one, f"run-{one}", job, 1) for one in made)),
                (schema.run_dataset, ((b, a, "input", 1) for a, b in _rows(by_source))),
                (schema.run_dataset, ((one, one, "output", 1) for one in made)),
            ):
                _insert(session, table, rows)
            session.execute("ANALYZE")


def _insert(session: Any, table: Any, rows: Iterator[tuple[object, ...]]) -> None:
    while page := sorted(islice(rows, _PAGE)):
        with transaction(session) as cursor:
            insert(cursor, table, page)


def _rows(pairs: Pairs) -> Iterable[list[int]]:
    for start in range(0, len(pairs), _PAGE):
        yield from pairs[start : start + _PAGE].tolist()


def _background(edges: int) -> tuple[list[tuple[str, str]], Pairs]:
    chance = np.random.default_rng(edges)
    nodes = int(edges / EDGES_PER_NODE)
    drawn = int(edges * 1.1)
    target = chance.integers(1, nodes, drawn)
    early = chance.random(drawn) ** np.where(np.arange(drawn) % 2, 3.0, 1.0)
    pairs = np.unique(np.stack([(target * early).astype(np.int64), target], axis=1), axis=0)
    chance.shuffle(pairs)
    names = [(f"data/{one // VERSIONS}.csv", f"sha256:{one:064x}") for one in range(nodes)]
    return names, pairs[:edges]


def _piece(chance: np.random.Generator, size: int) -> Pairs:
    """Every node has one edge from an earlier one, so that all is reached from the first; and more as elsewhere."""
    tree = np.stack(
        [(np.arange(1, size) * chance.random(size - 1)).astype(np.int64), np.arange(1, size)], axis=1
    )
    target = chance.integers(1, size, int(size * (EDGES_PER_NODE - 1)))
    more = np.stack([(target * chance.random(len(target)) ** 2).astype(np.int64), target], axis=1)
    return np.unique(np.concatenate([tree, more]), axis=0)
