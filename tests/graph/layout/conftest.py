"""Traces made by hand, as any tool's events could make them."""

from __future__ import annotations

import pytest

from lineproof.graph import Edge, Node, Trace


def node(name, *, kind="dataset", namespace="file", **more):
    ref = f"{kind}:{name}@1" if kind == "model" else f"{kind}:{namespace}::{name}@v1"
    return Node(ref=ref, kind=kind, name=name, namespace=namespace, version="v1", **more)


def edge(source, target, *, kind="DIRECT", precision="exact", rule="columnLineage"):
    return Edge(
        source=source.ref,
        target=target.ref,
        kind=kind,
        how="observed",
        precision=precision,
        rule=rule,
        run=None,
        entry=1,
    )


def trace_of(nodes, edges, *, direction="up", cut_at=()):
    return Trace(
        root=nodes[0].ref,
        direction=direction,
        as_of=1,
        nodes=nodes,
        edges=edges,
        complete=not cut_at,
        cut_at=list(cut_at),
    )


class Draft:
    """Makes traces from pairs of numbers; node 0 is the root."""

    node = staticmethod(node)
    edge = staticmethod(edge)
    trace = staticmethod(trace_of)

    def numbered(self, count, pairs, **more):
        nodes = [node(f"part{one}") for one in range(count)]
        return trace_of(nodes, [edge(nodes[a], nodes[b]) for a, b in pairs], **more)


@pytest.fixture
def draft() -> Draft:
    return Draft()
