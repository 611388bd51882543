"""`frame.apply(function)`: the function works on rows or on columns, out of our sight."""

from __future__ import annotations

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.pandas.reduce import aggregated
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Fields, Tabular, origin_of
from lineproof.model.lineage import How, Precision

__all__ = ["FRAME_APPLY", "SERIES_APPLY"]


def _frame_apply(op: Operation) -> Table:
    if op.given(1, "axis", 0) not in (1, "columns"):
        return _by_column(op)
    table = op.table
    function = op.given(0, "func")
    use = op.uses(function, table)
    named = [table.get(label) or CONSTANT for label in use.labels]
    precision = Precision.SUPERSET if use.whole else Precision.EXACT
    arguments = [origin_of(value) for value in op.arguments(skip=frozenset(("func",)))]
    arguments += [origin_of(op.site.operand(each, None)) for each in op.call.kwargs.get("args", ())]
    read = combined(table.origins if use.whole else named, op.name, precision)
    read = read.at_best(precision, How.STATIC) if callable(function) else read
    flat = combined((read, origin_of(use.outside), *arguments), op.name)
    if shape_of(op.result) is Shape.FRAME:
        return _frame_of_rows(op, table, flat)
    return op.shaped(lambda _: flat, index=table.index, rows=table.rows)


def _frame_of_rows(op: Operation, table: Table, flat: ColumnOrigin) -> Table:
    """A function that returns rows: column by column where its source tells, else any from any."""
    loose = flat.at_best(Precision.SUPERSET)
    row = Table((None,), (table.flat,), elements=dict(table.columns), vector=True)
    returned = op.site.result_of(op.given(0, "func"), [Tabular(row, vector=True)])
    parts = returned.parts if isinstance(returned, Fields) else {}
    if not all(label in parts for label in op.labels()):
        return op.shaped(
            lambda label: combined((table.get(label) or CONSTANT, loose), "apply"),
            index=table.index,
            rows=table.rows,
        )
    unread = flat.sources - combined([origin_of(part) for part in parts.values()], "apply").sources
    rest = loose if unread else CONSTANT
    return op.shaped(
        lambda label: combined((origin_of(parts[label]), rest), "apply"), index=table.index, rows=table.rows
    )


def _by_column(op: Operation) -> Table:
    table = op.table
    function = op.given(0, "func")
    outside = origin_of(op.uses(function).outside) if callable(function) else CONSTANT
    if shape_of(op.result) is Shape.FRAME and len(op.labels()) == len(table.labels):
        return op.alike([combined((origin, outside), op.name) for origin in table.origins], table)
    return aggregated(op)


def _series_apply(op: Operation) -> Table:
    """`series.apply(function)`: value by value; a frame if the function returns series."""
    table = op.table
    extra = [origin_of(value) for value in op.arguments()]
    extra += [origin_of(op.site.operand(each, None)) for each in op.call.kwargs.get("args", ())]
    origin = combined((*table.origins, *extra), op.name)
    return op.alike([origin] * len(op.labels()), table)


FRAME_APPLY: Rule = _frame_apply
SERIES_APPLY: Rule = _series_apply
