"""What holds for every operation without a rule: all that went in may be in what came out."""

from __future__ import annotations

from lineproof.capture.patches.pandas.operation import Operation
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import Table, combined
from lineproof.capture.provenance.values import origin_of
from lineproof.model.lineage import Precision

__all__ = ["union"]

_CARRIES = (Shape.FRAME, Shape.SERIES, Shape.ARRAY, Shape.INDEX, Shape.GROUPED)


def union(op: Operation) -> Table:
    """Each column from all columns of the receiver and of all arguments; in place if nothing came back."""
    table = op.table
    extra = [origin_of(value) for value in op.arguments()]
    flat = combined((*table.origins, *table.index, *extra), f"union:{op.name}", Precision.SUPERSET)
    if shape_of(op.target) in _CARRIES:
        op.session.without_rule(op.call.name)
    keys = (flat,) * max(len(table.index), 1)
    return op.shaped(lambda _: flat, index=keys, rows=combined((table.rows,), "union").as_condition())
