"""Values in another form: categories as columns, numbers as bands, text as dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table
from lineproof.capture.patches.pandas.reshape import frame_of
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Tabular, origin_of
from lineproof.model.lineage import Precision

__all__ = ["FUNCTIONS"]


def _dummies(op: Operation) -> Table:
    """`get_dummies(data, prefix, prefix_sep, dummy_na, columns)`: one column per value."""
    table, obj = frame_of(op)
    if table.vector or shape_of(obj) is not Shape.FRAME:
        found = op.shaped(lambda _: table.flat.by(op.name), index=table.index, rows=table.rows)
        return found.but(names=table.flat)
    encoded = op.given(4, "columns")
    if encoded is None:
        encoded = [
            label
            for label, dtype in zip(obj.columns, obj.dtypes, strict=True)
            if dtype.kind == "O"
            or not hasattr(dtype, "itemsize")
            or str(dtype) in ("str", "string", "category")
        ]
    separator = op.given(2, "prefix_sep", "_")
    prefixes = _prefixes(op.given(1, "prefix"), list(encoded))
    kept = [label for label in table.labels if label not in set(encoded)]

    def pick(label: Any) -> ColumnOrigin:
        if label in kept:
            return table.get(label) or table.flat
        found = [
            table.get(column) or table.flat
            for column, prefix in prefixes.items()
            if str(label).startswith(f"{prefix}{separator if isinstance(separator, str) else ''}")
        ]
        precision = Precision.EXACT if len(found) == 1 else Precision.SUPERSET
        return combined(found or [table.flat], op.name, precision)

    return op.shaped(pick, index=table.index, rows=table.rows)


def _prefixes(prefix: Any, encoded: list[Any]) -> dict[Any, Any]:
    if isinstance(prefix, str):
        return dict.fromkeys(encoded, prefix)
    if isinstance(prefix, Mapping):
        return {column: prefix.get(column, column) for column in encoded}
    if isinstance(prefix, (list, tuple)):
        return dict(zip(encoded, prefix, strict=False))
    return {column: column for column in encoded}


def _binned(op: Operation) -> Table:
    """`cut(x, bins)`, `qcut(x, q)`: a value becomes the name of its band."""
    value = op.operand(0, "x")
    bins = op.operand(1, "bins" if op.name == "cut" else "q")
    origin = combined((origin_of(value), origin_of(bins), op.origin(3, "labels")), op.name)
    table = value.table if isinstance(value, Tabular) else Table((None,), (origin,), vector=True)
    return Table((None,), (origin,), index=table.index, rows=table.rows, vector=True)


def _converted(op: Operation) -> Table:
    """`to_datetime(x)`, `to_numeric(x)`, `factorize(x)`: values in another form."""
    keyword = {
        "factorize": "values",
        "unique": "values",
        "isna": "obj",
        "isnull": "obj",
        "notna": "obj",
        "array": "data",
    }.get(op.name, "arg")
    value = op.operand(0, keyword)
    if isinstance(value, Tabular):
        table = value.table
        if shape_of(op.result) in (Shape.SERIES, Shape.FRAME, Shape.ARRAY, Shape.INDEX):
            if not table.vector and len(op.labels()) == 1:
                return op.shaped(lambda _: table.flat.by(op.name), index=table.index, rows=table.rows)
            return op.alike([origin.by(op.name) for origin in table.origins], table)
        return Table((None,), (table.flat,), rows=table.rows, vector=True)
    return op.shaped(lambda _: origin_of(value).by(op.name))


def _from_dummies(op: Operation) -> Table:
    """`from_dummies(data, sep)`: names of columns become values, where the columns say so."""
    table, _ = frame_of(op)
    separator = op.given(1, "sep")

    def pick(label: Any) -> ColumnOrigin:
        own = [
            origin for name, origin in table.columns.items() if str(name).startswith(f"{label}{separator}")
        ]
        return combined((*(own if separator is not None and own else table.origins), table.names), op.name)

    return op.shaped(pick, index=table.index, rows=table.rows)


def _stacked_groups(op: Operation) -> Table:
    """`lreshape(data, groups)`: columns of a group stack up, the others repeat; missing values may go."""
    table, _ = frame_of(op)
    groups = op.given(1, "groups") or {}
    stacked = {
        label: combined([table.get(each) or table.flat for each in members], op.name)
        for label, members in groups.items()
    }
    gone = combined(stacked.values(), op.name).as_condition()
    return op.shaped(
        lambda label: (stacked.get(label) or table.get(label) or table.flat).under(gone),
        rows=combined((table.rows, gone), op.name).as_condition(),
    )


def _normalized(op: Operation) -> Table:
    """`json_normalize(data)`: records that the program holds become columns."""
    found = as_table(op.operand(0, "data"), op.result)
    if any(origin is not CONSTANT for origin in found.origins):
        return found
    flat = origin_of(op.operand(0, "data"))
    return op.shaped(lambda _: flat)


FUNCTIONS: dict[str, Rule] = {
    "get_dummies": _dummies,
    "from_dummies": _from_dummies,
    "lreshape": _stacked_groups,
    "json_normalize": _normalized,
    "cut": _binned,
    "qcut": _binned,
    **dict.fromkeys(
        (
            "to_datetime",
            "to_numeric",
            "to_timedelta",
            "factorize",
            "unique",
            "array",
            "isna",
            "isnull",
            "notna",
            "notnull",
        ),
        _converted,
    ),
}
