"""Which edges one event makes.

Where an output says which columns it came from, that makes its edges. Where it says nothing, every
input of the event may have reached it, and the edge says so (`inputs*outputs`, superset).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lineproof.model.lineage import EdgeKind, How, Precision
from lineproof.model.openlineage import MODEL_NAMESPACE
from lineproof.store.project.nodes import Key, Nodes
from lineproof.store.project.rows import UNVERSIONED, Rows
from lineproof.store.project.wire import ColumnLineage, InputField, Transformation

__all__ = ["Edges", "Flow"]

_BY_COLUMNS = "columnLineage"
_BY_POSITION = "inputs*outputs"
_BY_MODEL = "model"
_OWN_NAMESPACE = "lineproof"
_MOST_PAIRS = 10_000  # edges of inputs x outputs; beyond that they meet in one node
_MOST_CONTENTS = 8  # of one dataset that one source column may be of
# From strong to weak.
_PRECISIONS = (Precision.EXACT.value, Precision.SUPERSET.value, Precision.UNKNOWN.value)
_HOWS = frozenset(how.value for how in How)

Flow = tuple[Key, int, str | None]  # an input or output: key, node, dataset type


class Edges:
    """The edges of one event.

    Args:
        entry: Number of the event's entry.
        run: Node of the run that made them.
        time: When it happened, as the event says.
        nodes: Versions and columns of the event.
        rows: Where rows go.
    """

    def __init__(self, entry: int, run: int | None, time: str | None, nodes: Nodes, rows: Rows) -> None:
        self._end = (run, entry, time)
        self._entry = entry
        self._nodes = nodes
        self._edges = rows.others["edge"]

    def from_inputs(self, inputs: Sequence[Flow], outputs: Sequence[Flow]) -> None:
        """Say that each of these outputs may have come from every input.

        Many times many are not written out: they meet in one node that stands for all inputs of the
        event, which says the same with fewer edges.
        """
        if len(inputs) * len(outputs) > _MOST_PAIRS:
            key = (_OWN_NAMESPACE, f"inputs of entry {self._entry}", UNVERSIONED)
            hub: Flow = (key, self._nodes.version(key), None)
            self.from_inputs(inputs, [hub])
            inputs = [hub]
        for _, target, _ in outputs:
            for _, source, _ in inputs:
                self._add(source, target, EdgeKind.DIRECT, How.OBSERVED, Precision.SUPERSET, _BY_POSITION)

    def from_models(self, inputs: Sequence[Flow], target: int) -> None:
        """A model has no columns that flow, yet it decided every value that came out."""
        for key, source, kind in inputs:
            if key[0] == MODEL_NAMESPACE or kind == "MODEL":
                self._add(source, target, EdgeKind.DIRECT, How.OBSERVED, Precision.EXACT, _BY_MODEL)

    def from_columns(self, lineage: ColumnLineage, key: Key, target: int) -> bool:
        """Add what an output says of its columns, and what follows for the datasets.

        Returns:
            Whether it says where anything came from.
        """
        above: dict[int, tuple[str, str, str]] = {}
        for name, field in lineage.fields.items():
            column = self._nodes.column(key, target, name)
            how = field.how or How.OBSERVED.value
            how = how if how in _HOWS else How.INFERRED.value
            stated = field.precision or Precision.EXACT.value
            precision = stated if stated in _PRECISIONS else Precision.UNKNOWN.value
            for source, versions, kind, limit in self._sources(field.input_fields):
                known = max(precision, limit, key=_PRECISIONS.index)
                self._add(source, column, kind, how, known, field.rule or _BY_COLUMNS)
                _strengthen(above, versions, kind, how, known)
        for source, versions, _, limit in self._sources(lineage.dataset or ()):
            self._add(source, target, EdgeKind.INDIRECT, How.OBSERVED, limit, _BY_COLUMNS)
            _strengthen(above, versions, EdgeKind.INDIRECT, How.OBSERVED.value, limit)
        for version, (kind, how, precision) in above.items():
            self._add(version, target, kind, how, precision, _BY_COLUMNS)
        return bool(above)

    def _sources(self, fields: Sequence[InputField]) -> Iterator[tuple[int, list[int], str, str]]:
        """Give column, versions it may be of, kind, and the best precision possible, of each source."""
        for field in fields:
            precision = Precision.EXACT.value
            if field.version is not None:
                keys = [(field.namespace, field.name, field.version)]
            else:
                keys = self._nodes.contents(field.namespace, field.name)
                if len(keys) > 1:
                    precision = Precision.SUPERSET.value
            versions = [self._nodes.version(key) for key in keys]
            if len(keys) > _MOST_CONTENTS:
                # Each column of each content would make an event of n lines n squared edges.
                keys = [(field.namespace, field.name, UNVERSIONED)]
                precision = Precision.UNKNOWN.value
            for key in keys:
                column = self._nodes.column(key, self._nodes.version(key), field.field)
                for kind in _kinds(field.transformations):
                    yield column, versions, kind, precision

    def _add(self, source: int, target: int, kind: str, how: str, precision: str, rule: str) -> None:
        if source != target:
            self._edges.append((source, target, str(kind), str(how), str(precision), rule, *self._end))


def _strengthen(
    above: dict[int, tuple[str, str, str]], versions: Sequence[int], kind: str, how: str, precision: str
) -> None:
    """Note what a column edge says of the datasets: of several, the strongest holds."""
    for version in versions:
        before = above.get(version)
        if before is None:
            above[version] = (str(kind), how, precision)
            continue
        strongest = EdgeKind.DIRECT.value if EdgeKind.DIRECT in (before[0], kind) else before[0]
        above[version] = (strongest, before[1], min(before[2], precision, key=_PRECISIONS.index))


def _kinds(transformations: Sequence[Transformation] | None) -> tuple[str, ...]:
    stated = {one.type for one in transformations or ()}
    return tuple(kind.value for kind in EdgeKind if kind in stated) or (EdgeKind.DIRECT.value,)
