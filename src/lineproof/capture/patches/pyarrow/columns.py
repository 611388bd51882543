"""Columns of Arrow (arrays and chunked arrays), and the functions of `pyarrow.compute`."""

from __future__ import annotations

from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.pyarrow.expressions import is_expression
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.resolve import as_table
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import NOTHING_KNOWN, Fields, Tabular, Value, origin_of
from lineproof.model.lineage import Precision

__all__ = ["COMPUTED", "NO_COMPUTATION", "ON_COLUMNS", "arguments", "from_all"]

# Functions of `pyarrow.compute` that handle no values.
NO_COMPUTATION = frozenset(
    (
        "field", "scalar", "list_functions", "get_function", "function_registry", "register_scalar_function",
        "register_aggregate_function", "register_vector_function", "register_tabular_function", "call_tabular_function",
    )
)  # fmt: skip
# Arguments that choose among values without being any, by position.
_CHOOSES = {
    **dict.fromkeys(("filter", "array_filter", "take", "array_take", "replace_with_mask", "inverse_permutation"), (1,)),
    **dict.fromkeys(("if_else", "case_when", "choose", "dictionary_decode"), (0,)),
    "scatter": (1,),
}  # fmt: skip
_OPTIONS = frozenset(
    ("options", "memory_pool", "type", "target_type", "safe", "schema", "names", "null_selection_behavior", "boundscheck")
)  # fmt: skip


def arguments(op: Operation) -> list[Value]:
    """Give what is known of all arguments but the receiver; types, schemas and options hold no values."""
    given: list[tuple[Any, int | str]] = [(each, at) for at, each in enumerate(op.call.args[op._first :])]
    given += [(each, name) for name, each in op.call.kwargs.items() if name not in _OPTIONS]
    return [NOTHING_KNOWN if _is_option(each) else op.value_of(each, slot) for each, slot in given]


def _is_option(obj: Any) -> bool:
    return type(obj).__module__.startswith("pyarrow") and shape_of(obj) is Shape.OTHER


def _rows(values: list[Value]) -> ColumnOrigin:
    return combined([each.table.rows for each in values if isinstance(each, Tabular)], "rows").as_condition()


def _computed(op: Operation) -> Table | None:
    """A function of columns: what it computes with is direct, what it only chooses by is not."""
    if is_expression(op.result) or any(is_expression(each) for each in op.call.args):
        return None
    values = arguments(op)
    name = str(op.call.args[0]) if op.name == "call_function" and op.call.args else op.name
    if op.name == "call_function":
        values = _members(values[1:2])
    at = _CHOOSES.get(name, ())
    chosen = combined([origin_of(each) for i, each in enumerate(values) if i in at], name).as_condition()
    if (
        shape_of(op.call.args[0] if op.call.args else None) is Shape.TABLE
        and shape_of(op.result) is Shape.TABLE
    ):
        return as_table(values[0], op.call.args[0]).under(chosen)
    origin = combined([origin_of(each) for i, each in enumerate(values) if i not in at], name).under(chosen)
    labels = op.labels()
    return Table(
        labels, [origin] * len(labels), rows=_rows(values), vector=shape_of(op.result) is not Shape.TABLE
    )


def _members(values: list[Value]) -> list[Value]:
    return [
        part for each in values for part in (each.parts.values() if isinstance(each, Fields) else (each,))
    ]


def _method(op: Operation) -> Table:
    """A method of a column: its values, and what the arguments bring."""
    given = combined([origin_of(each) for each in arguments(op)], op.name)
    chooses = op.name in ("filter", "take")
    origin = op.table.flat.under(given) if chooses else combined((op.table.flat, given), op.name)
    rows = op.table.rows.under(given.as_condition()) if chooses else op.table.rows
    labels = op.labels()
    return Table(labels, [origin] * len(labels), rows=rows, vector=shape_of(op.target) is not Shape.TABLE)


def _field(op: Operation) -> Table:
    """`struct_array.field(name)`: one part of records."""
    name = op.given(0, "index")
    parts = next(iter((op.table.parts or {}).values()), {})
    origin = parts.get(name) if isinstance(name, str) else None
    return Table((None,), (origin or op.table.flat,), rows=op.table.rows, vector=True)


def from_all(op: Operation) -> Table:
    """Everything may be anywhere."""
    flat = combined((op.table.flat, *map(origin_of, arguments(op))), f"union:{op.name}", Precision.SUPERSET)
    op.session.without_rule(op.call.name)
    labels = op.labels()
    return Table(labels, [flat or CONSTANT] * len(labels), rows=op.table.rows, vector=True)


COMPUTED: Rule = _computed
ON_COLUMNS: dict[str, Rule] = {
    "field": _field,
    **dict.fromkeys(
        (
            "cast", "fill_null", "filter", "take", "slice", "sort", "unique", "value_counts", "to_numpy", "to_pylist",
            "tolist", "dictionary_encode", "dictionary_decode", "drop_null", "is_null", "is_nan", "is_valid", "chunk",
            "combine_chunks", "flatten", "view", "copy_to", "iterchunks", "index", "sum", "unify_dictionaries", "diff",
        ),
        _method,
    ),
}  # fmt: skip
