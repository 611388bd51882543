"""The values of JSON lines in Python, for files whose columns change their type on the way.

A column whose values are not all of one kind is text: strings as they are, anything else as its JSON.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pyarrow as pa

__all__ = ["MIXED", "Types", "column_of", "infer_rows", "join_types", "rows_of"]

MIXED = None  # instead of a type: values of several kinds
Types = dict[str, Any]
"""Name of a column to its Arrow type, or MIXED."""


def rows_of(block: bytes) -> list[dict[str, Any]]:
    """Decode the objects of a block, one in each line that is not blank.

    Raises:
        ValueError: A line is no JSON object.
    """
    decode = msgspec.json.Decoder().decode
    rows = []
    for line in block.splitlines():
        if not line.strip():
            continue
        try:
            row = decode(line)
        except (msgspec.DecodeError, RecursionError):
            row = json.loads(line)  # takes NaN and Infinity as well
        if not isinstance(row, dict):
            raise ValueError("a line is no JSON object")  # noqa: TRY004 - as json says of what is no JSON
        rows.append(row)
    return rows


def infer_rows(rows: list[dict[str, Any]]) -> Types:
    """Give the types of columns by their values."""
    names = {name: None for row in rows for name in row}
    return {name: _infer([row.get(name) for row in rows]) for name in names}


def _infer(values: list[Any]) -> Any:
    try:
        return pa.array(values).type
    except (pa.ArrowException, TypeError, ValueError):
        return MIXED
    except OverflowError:
        numbers = all(value is None or type(value) in (int, float) for value in values)
        return pa.float64() if numbers else MIXED


def join_types(one: Any, other: Any) -> Any:
    """Give the type that values of both types fit, MIXED when there is none."""
    t = pa.types
    if one is MIXED or other is MIXED or one == other:
        return one if one == other else MIXED
    if t.is_null(one) or t.is_null(other):
        return other if t.is_null(one) else one
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if t.is_list(one) and t.is_list(other):
        inner = join_types(one.value_type, other.value_type)
        return MIXED if inner is MIXED else pa.list_(inner)
    if t.is_struct(one) and t.is_struct(other):
        fields = {field.name: field.type for field in one}
        for field in other:
            known = fields.get(field.name, pa.null())
            fields[field.name] = join_types(known, field.type)
        return MIXED if MIXED in fields.values() else pa.struct(list(fields.items()))
    return MIXED


def column_of(values: list[Any], kind: Any) -> Any:
    """Give values as an Arrow array of a type, or as text when they are mixed.

    Raises:
        pyarrow.ArrowInvalid: One does not fit the type.
    """
    if kind is MIXED:
        return pa.array([_text(value) for value in values], pa.string())
    if pa.types.is_float64(kind):
        values = [float(value) if type(value) is int else value for value in values]
    try:
        return pa.array(values, kind)
    except (TypeError, OverflowError) as error:
        raise pa.ArrowInvalid(type(error).__name__) from None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
