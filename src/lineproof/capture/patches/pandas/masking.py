"""Which columns of a result hold hashes and counts alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.masking import COUNTS, masks

if TYPE_CHECKING:
    from lineproof.capture.patches.pandas.operation import Operation
    from lineproof.capture.provenance.table import ColumnOrigin, Table

__all__ = ["MASKING", "with_masking"]

_ONE_BY_ONE = frozenset(("apply", "map", "transform"))
_AGGREGATE = frozenset(("agg", "aggregate"))
_HASHES = frozenset(("hash_array", "hash_pandas_object", "hash_tuples"))
MASKING = COUNTS | _ONE_BY_ONE | _AGGREGATE | _HASHES


def with_masking(op: Operation, table: Table) -> Table:
    """Give the table of a result, its hashed and counted columns marked so."""
    if op.name in COUNTS or op.name in _HASHES:
        return _marked(op, table, lambda _: True)
    if op.name in _ONE_BY_ONE:
        function = op.given(0, "arg" if op.name == "map" and table.vector else "func")
        by_value = table.vector or op.name == "map"  # a function of whole columns may do anything
        if callable(function) and by_value and masks(function, op.site.frame):
            return _marked(op, table, lambda _: True)
    if op.name in _AGGREGATE:
        counted = _counted(op, op.given(0, "func"))
        if counted is not None:
            return _marked(op, table, counted)
    return table


def _marked(op: Operation, table: Table, which: Callable[[Hashable], bool]) -> Table:
    keys = _keys(op)

    def mark(label: Hashable, origin: ColumnOrigin) -> ColumnOrigin:
        return origin.masking() if label not in keys and which(label) else origin

    origins = [mark(label, origin) for label, origin in zip(table.labels, table.origins, strict=True)]
    elements = table.elements
    if elements is not None:
        elements = {label: mark(label, origin) for label, origin in elements.items()}
    return table.but(origins=origins, elements=elements)


def _keys(op: Operation) -> set[Hashable]:
    """Keys of a grouping, which `as_index=False` puts beside the figures."""
    if shape_of(op.receiver) is not Shape.GROUPED:
        return set()
    grouper = getattr(op.receiver, "_grouper", None) or getattr(op.receiver, "grouper", None)
    return set(getattr(grouper, "names", ()))


def _counted(op: Operation, function: Any) -> Callable[[Hashable], bool] | None:
    """Say which columns of `agg` count, by label; None if none does."""
    if function is None:  # agg(name=(column, function))
        named = {
            name: each[1]
            for name, each in op.call.kwargs.items()
            if isinstance(each, tuple) and len(each) > 1
        }
        counting = {name for name, each in named.items() if _counts(each)}
        return counting.__contains__ if counting else None
    if isinstance(function, dict):
        return lambda label: _counts_in(function, label)
    if isinstance(function, (list, tuple)):
        return lambda label: _counts(label[-1] if isinstance(label, tuple) else label)
    return (lambda _: True) if _counts(function) else None


def _counts_in(functions: dict[Any, Any], label: Any) -> bool:
    if label in functions and not isinstance(functions[label], (list, tuple)):
        return _counts(functions[label])
    return isinstance(label, tuple) and label[0] in functions and _counts(label[-1])


def _counts(function: Any) -> bool:
    return function in COUNTS if isinstance(function, str) else False
