"""What of a trace is drawn: a box for each thing, a line for each pair of boxes that edges join."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from lineproof.errors import ReferenceSyntaxError
from lineproof.graph.answer import Edge, Node, Trace
from lineproof.graph.layout.picture import Box, Sketch, SketchLine
from lineproof.model.lineage import EdgeKind, Precision
from lineproof.model.references import Kind, Reference

__all__ = ["joined", "sketch"]

_WEAKER = {Precision.EXACT: 0, Precision.SUPERSET: 1, Precision.UNKNOWN: 2}


def sketch(trace: Trace) -> Sketch:
    """Turn a trace into boxes and lines.

    Runs that made edges are named in the boxes of what they wrote and get no box of their own; neither
    does a version asked about column by column, since its columns stand for it.
    """
    runs = {node.ref: node.name for node in trace.nodes if node.kind == Kind.RUN}
    boxless = _boxless(trace)
    cut = set(trace.cut_at)
    boxes = [_box(node, trace, runs, cut) for node in trace.nodes if node.ref not in boxless]
    places = {box.ref: at for at, box in enumerate(boxes)}
    return Sketch(boxes=boxes, lines=joined(_lines(trace.edges, places)))


def _boxless(trace: Trace) -> set[str]:
    touched = {ref for edge in trace.edges for ref in (edge.source, edge.target)}
    runs = {node.ref for node in trace.nodes if node.kind == Kind.RUN and node.ref != trace.root}
    holders = {node.dataset for node in trace.nodes if node.dataset}
    return ((runs | holders) & {node.ref for node in trace.nodes}) - touched


def _box(node: Node, trace: Trace, runs: Mapping[str, str], cut: Container[str]) -> Box:
    holder = _parsed(node.dataset) if node.dataset else None
    if node.kind == Kind.COLUMN:
        origin = f"of {_named(holder, node.dataset)}" if node.dataset else ""
    elif node.run is not None and node.run in runs:
        origin = f"by {runs[node.run]}"
    else:
        origin = f"in {node.namespace}" if node.namespace else ""
    return Box(
        ref=node.ref,
        kind=node.kind,
        label=node.name,
        detail=f"{node.kind} {node.version}" if node.version else node.kind,
        origin=origin,
        namespace=node.namespace or (holder and holder.namespace) or "",
        members=[node.ref],
        root=node.ref == trace.root,
        unknown=int(node.sources == "unknown"),
        cut=int(node.ref in cut),
    )


def _parsed(dataset: str) -> Reference | None:
    try:
        return Reference.parse(dataset)
    except ReferenceSyntaxError:  # of a trace that was not made here
        return None


def _named(holder: Reference | None, dataset: str | None) -> str:
    if holder is None:
        return str(dataset)
    if holder.version is None:
        return holder.name
    return (
        f"{holder.name}@{holder.version}" if holder.kind is Kind.MODEL else f"{holder.name} {holder.version}"
    )


def _lines(edges: Iterable[Edge], places: Mapping[str, int]) -> Iterator[SketchLine]:
    for edge in edges:
        yield SketchLine(
            source=places[edge.source],
            target=places[edge.target],
            direct=edge.kind == EdgeKind.DIRECT,
            precision=Precision(edge.precision),
            rules=[edge.rule],
        )


def joined(lines: Iterable[SketchLine]) -> list[SketchLine]:
    """Make one line of all between the same two boxes, as weak as the weakest of them."""
    found: dict[tuple[int, int], SketchLine] = {}
    for line in lines:
        kept = found.setdefault((line.source, line.target), line)
        if kept is not line:
            kept.direct = kept.direct or line.direct
            kept.precision = max(kept.precision, line.precision, key=_WEAKER.__getitem__)
            kept.rules += [rule for rule in line.rules if rule not in kept.rules]
            kept.count += line.count
    return list(found.values())
