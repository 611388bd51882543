"""Operations that make one value of many, and those that describe or count values."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of

__all__ = ["ON_BOTH", "aggregated"]


def _reduced(op: Operation) -> Table:
    return _over(op, op.given(0, "axis", 0))


def _over(op: Operation, axis: Any) -> Table:
    table = op.table
    if table.vector:
        return _of_series(op)
    if axis in (1, "columns"):
        flat = combined(_numeric(op), op.name)
        return op.alike([flat] * len(op.labels()), table)
    if shape_of(op.result) is Shape.FRAME:
        return op.shaped(lambda label: (table.get(label) or table.flat).by(op.name), rows=table.rows)
    elements = {label: origin.by(op.name) for label, origin in table.columns.items()}
    flat = combined(table.origins, op.name)
    return op.shaped(lambda _: flat, rows=table.rows, elements=elements)


def _of_series(op: Operation) -> Table:
    table = op.table
    origin = combined(table.origins, op.name)
    return Table(op.labels(), [origin] * len(op.labels()), rows=table.rows, vector=len(op.labels()) == 1)


def _numeric(op: Operation) -> list[ColumnOrigin]:
    """The columns that a reduction over each row takes part of."""
    table = op.table
    if not op.given(2, "numeric_only", default=False):
        return list(table.origins)
    kinds = [dtype.kind for dtype in op.receiver.dtypes]
    return [origin for origin, kind in zip(table.origins, kinds, strict=True) if kind in "biufc"]


def _at_extreme(op: Operation) -> Table:
    """`idxmax`: hands out labels of rows, or with axis 1 of columns, chosen by values."""
    found = _reduced(op)
    keys = op.table.names if op.given(0, "axis", 0) in (1, "columns") else op.table.keys
    return found.mapped(lambda origin: combined((origin, keys), op.name))


def _quantile(op: Operation) -> Table:
    found = _over(op, op.given(1, "axis", 0))
    level = op.origin(0, "q")
    return found.mapped(lambda origin: combined((origin, level), op.name))


def _described(op: Operation) -> Table:
    table = op.table
    return op.shaped(lambda label: (table.get(label) or table.flat).by(op.name), rows=table.rows)


def _correlated(op: Operation) -> Table:
    extra = [origin_of(value) for value in op.arguments()]
    flat = combined((*op.table.origins, *extra), op.name)
    return op.shaped(lambda _: flat, rows=op.table.rows)


def _counted(op: Operation) -> Table:
    """`value_counts`: distinct values become the index, the counts only depend on them."""
    table = op.table
    count = combined(table.origins, op.name).as_condition()
    subset = op.given(0, "subset") if not table.vector else None
    levels = (
        table.origins if subset is None else [table.get(label) or table.flat for label in _listed(subset)]
    )
    index = tuple(origin.under(count) for origin in levels)
    return op.shaped(lambda _: count, index=index, rows=combined((table.rows, count), op.name).as_condition())


def _listed(labels: Any) -> list[Any]:
    return list(labels) if isinstance(labels, (list, tuple)) else [labels]


def aggregated(op: Operation) -> Table:
    """`agg`, `aggregate`, `apply` with a function of a whole column."""
    table = op.table
    function = op.given(0, "func")
    outside = combined([origin_of(op.uses(each).outside) for each in _functions(function)], op.name)
    if table.vector or op.given(1, "axis", 0) in (1, "columns"):
        flat = combined((*table.origins, outside), op.name)
        keeps = (
            len(op.result) == len(op.receiver)
            if shape_of(op.result) in (Shape.SERIES, Shape.FRAME)
            else False
        )
        return (
            op.alike([flat] * len(op.labels()), table)
            if keeps
            else op.shaped(lambda _: flat, rows=table.rows)
        )
    chosen = set(function) if isinstance(function, dict) else set(table.columns)
    by_label = {
        label: combined((origin, outside), op.name)
        for label, origin in table.columns.items()
        if label in chosen
    }
    if shape_of(op.result) is Shape.FRAME:
        return op.shaped(lambda label: by_label.get(label) or table.get(label) or table.flat, rows=table.rows)
    flat = combined(by_label.values(), op.name)
    return op.shaped(lambda _: flat, rows=table.rows, elements=by_label)


def _functions(function: Any) -> list[Any]:
    if isinstance(function, dict):
        return [inner for each in function.values() for inner in _functions(each)]
    if isinstance(function, (list, tuple)):
        return [inner for each in function for inner in _functions(each)]
    return [function] if callable(function) else []


def _mode(op: Operation) -> Table:
    table = op.table
    return op.shaped(
        lambda label: (table.get(label) or table.flat).by(op.name), rows=table.rows.under(table.flat)
    )


_REDUCTIONS = (
    "sum", "mean", "median", "min", "max", "std", "var", "sem", "prod", "product", "count", "nunique", "any", "all",
    "skew", "kurt", "kurtosis", "first_valid_index", "last_valid_index", "unique", "argmax", "argmin", "argsort",
    "item", "is_unique", "memory_usage", "autocorr", "searchsorted", "factorize", "to_markdown", "to_string",
)  # fmt: skip
ON_BOTH: dict[str, Rule] = {
    **dict.fromkeys(_REDUCTIONS, _reduced),
    "idxmax": _at_extreme,
    "idxmin": _at_extreme,
    "quantile": _quantile,
    "mode": _mode,
    "describe": _described,
    "corr": _correlated,
    "cov": _correlated,
    "corrwith": _correlated,
    "dot": _correlated,
    "__matmul__": _correlated,
    "value_counts": _counted,
    "agg": aggregated,
    "aggregate": aggregated,
}
