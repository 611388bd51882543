"""From which source columns each feature of a model came, over any number of steps."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection

import msgspec

from lineproof.graph import Trace
from lineproof.graph.answer import Edge, Node
from lineproof.model.lineage import EdgeKind, Precision
from lineproof.model.references import Kind

__all__ = ["FeatureOrigin", "Reach", "features_of"]


class FeatureOrigin(msgspec.Struct, frozen=True):
    """One source of one feature.

    Attributes:
        source: Reference of the column, or of a dataset whose columns are not known.
        direct: Whether values flow from it; otherwise it decided which rows exist, their order or grouping.
        exact: Whether some way there is exact at every step; otherwise it may be a source.
    """

    source: str
    direct: bool
    exact: bool


class Reach(msgspec.Struct, frozen=True):
    """Where the features come from.

    Attributes:
        origins: Feature to its sources, direct ones first.
        unknown: Features that may have further sources, which the record does not know.
        entries: Feature to the entries whose events made its nearest edges.
    """

    origins: dict[str, list[FeatureOrigin]]
    unknown: frozenset[str]
    entries: dict[str, tuple[int, ...]]


class _Masks:
    """Sets of features as bits of a number, for each node: which of them it can reach, and how."""

    def __init__(self) -> None:
        self.any: dict[str, int] = defaultdict(int)
        self.exact: dict[str, int] = defaultdict(int)
        self.direct: dict[str, int] = defaultdict(int)
        self.direct_exact: dict[str, int] = defaultdict(int)

    def flow(self, edge: Edge) -> bool:
        """Give what the target reaches to the source; say whether the source learnt anything."""
        exact = edge.precision == Precision.EXACT
        direct = edge.kind == EdgeKind.DIRECT
        grown = False
        for masks, passes in (
            (self.any, True),
            (self.exact, exact),
            (self.direct, direct),
            (self.direct_exact, exact and direct),
        ):
            news = masks[edge.target] & ~masks[edge.source] if passes else 0
            if news:
                masks[edge.source] |= news
                grown = True
        return grown


def features_of(columns: Trace) -> Reach:
    """Follow every feature to its sources.

    Cost is edges times the number of changes, with all features carried at once; cycles end by themselves.

    Args:
        columns: Upstream trace of the model, column by column.
    """
    features = [node for node in columns.nodes if node.kind == Kind.COLUMN and node.dataset == columns.root]
    into: dict[str, list[Edge]] = defaultdict(list)
    for edge in columns.edges:
        into[edge.target].append(edge)
    masks = _Masks()
    for place, feature in enumerate(features):
        for mask in (masks.any, masks.exact, masks.direct, masks.direct_exact):
            mask[feature.ref] = 1 << place
    waiting = deque(node.ref for node in features)
    while waiting:
        for edge in into.get(waiting.popleft(), ()):
            if masks.flow(edge):
                waiting.append(edge.source)
    own = {node.ref for node in features}
    ends = [
        node for node in columns.nodes if _is_source(node) and not into.get(node.ref) and node.ref not in own
    ]
    unknown = [node for node in columns.nodes if node.sources == "unknown"]
    return Reach(
        {feature.name: _origins(place, ends, masks) for place, feature in enumerate(features)},
        frozenset(feature.name for place, feature in enumerate(features) if _reached(place, unknown, masks)),
        {node.name: tuple(sorted({edge.entry for edge in into.get(node.ref, ())})) for node in features},
    )


def _is_source(node: Node) -> bool:
    return node.kind in {Kind.COLUMN, Kind.DATASET, Kind.MODEL}


def _origins(place: int, ends: Collection[Node], masks: _Masks) -> list[FeatureOrigin]:
    bit = 1 << place
    found = []
    for node in ends:
        if not masks.any[node.ref] & bit:
            continue
        direct = bool(masks.direct[node.ref] & bit)
        exact = bool((masks.direct_exact if direct else masks.exact)[node.ref] & bit)
        found.append(FeatureOrigin(node.ref, direct, exact))
    return sorted(found, key=lambda one: (not one.direct, one.source))


def _reached(place: int, nodes: Collection[Node], masks: _Masks) -> bool:
    return any(masks.any[node.ref] >> place & 1 for node in nodes)
