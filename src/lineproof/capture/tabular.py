"""Tables that a program hands to our own functions, as columns of JSON values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lineproof.capture.columns import column_names
from lineproof.errors import CaptureUsageError

__all__ = ["columns_as_json", "ids_as_text", "json_of"]


def ids_as_text(ids: Any) -> list[str]:
    """Give ids as text, in order.

    Raises:
        CaptureUsageError: They are no list, or one occurs twice.
    """
    if isinstance(ids, (str, bytes)) or not hasattr(ids, "__iter__"):
        raise CaptureUsageError(f"ids must be a list, array or series, not {type(ids).__name__}")
    values = ids.tolist() if hasattr(ids, "tolist") else list(ids)
    texts = [value if isinstance(value, str) else str(value) for value in values]
    if len(set(texts)) != len(texts):
        repeated = next(text for at, text in enumerate(texts) if text in texts[:at])
        raise CaptureUsageError(
            f"the id {repeated!r} occurs twice", "give each prediction of a model version an id of its own"
        )
    return texts


def columns_as_json(data: Any, name: str, rows: int) -> dict[str, list[Any]]:
    """Give a table as columns of JSON values.

    Args:
        data: Frame, series, array of one or two dimensions, mapping of columns, or list.
        name: What it is called in messages, and what a column without a name is called.
        rows: How many rows it must have.

    Raises:
        CaptureUsageError: It is none of these, or has another number of rows.
    """
    columns = _columns(data, name)
    for column, values in columns.items():
        if len(values) != rows:
            raise CaptureUsageError(
                f"{name} has {len(values)} rows in {column!r}, but there are {rows} ids",
                "give one row for each id, in the same order",
            )
    return {column: [json_of(value) for value in values] for column, values in columns.items()}


def _columns(data: Any, name: str) -> dict[str, list[Any]]:
    if hasattr(data, "columns") and hasattr(data, "items"):
        labels = column_names(data.columns)
        return {label: data.iloc[:, at].tolist() for at, label in enumerate(labels)}
    if isinstance(data, Mapping):
        return {str(key): _list(values, str(key)) for key, values in data.items()}
    if getattr(data, "ndim", 1) > 1:
        values = data.toarray() if hasattr(data, "toarray") else data
        return {f"{name}_{at}": values[:, at].tolist() for at in range(values.shape[1])}
    label = getattr(data, "name", None)
    return {name if label is None else str(label): _list(data, name)}


def _list(values: Any, name: str) -> list[Any]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise CaptureUsageError(f"{name} must hold one value per id, not a single {type(values).__name__}")
    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    if not isinstance(listed, list):
        raise CaptureUsageError(f"{name} must hold one value per id, not a single {type(values).__name__}")
    return listed


def json_of(value: Any) -> Any:
    """Give a value as JSON: numbers that JSON has no sign for as text, times as ISO 8601, the rest as text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): json_of(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_of(item) for item in value]
    if hasattr(value, "tolist"):
        return json_of(value.tolist())
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
