"""Tables in memory: Arrow, pandas, polars, DuckDB relations, NumPy, and whatever exports Arrow streams."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from lineproof.data.sources.columnar import no_rows, renamed
from lineproof.data.sources.interface import BATCH_ROWS
from lineproof.errors import DataFormatError, DataTypeError, EmptyDataError

__all__ = ["MemorySource"]


class MemorySource:
    """An object that holds a table."""

    name = ""
    files: tuple[Path, ...] = ()

    def __init__(self, obj: Any) -> None:
        """Take the object; it is read by `batches`, never changed."""
        self._obj = obj

    def digest(self) -> str | None:
        """Give none: what is in memory has no bytes to compare."""
        return None

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        table = _arrow(self._obj)
        if not len(table.schema):
            raise EmptyDataError("the table has no columns")
        yield renamed(no_rows(table.schema))
        for batch in table.to_batches() if isinstance(table, pa.Table) else table:
            for start in range(0, batch.num_rows, BATCH_ROWS):
                yield renamed(batch.slice(start, BATCH_ROWS))


def _arrow(obj: Any) -> Any:
    """Give an Arrow table, or a reader of batches.

    Raises:
        DataTypeError: It is no table.
        DataFormatError: A column holds objects that are not values of one type.
    """
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if isinstance(obj, (pa.Table, pa.RecordBatchReader)):
        return obj
    if isinstance(obj, pa.RecordBatch):
        return pa.Table.from_batches([obj])
    try:
        if pandas is not None and isinstance(obj, pandas.DataFrame):
            keep = any(name is not None for name in obj.index.names)
            return pa.Table.from_pandas(obj, preserve_index=keep)
        if numpy is not None and isinstance(obj, numpy.ndarray):
            if obj.dtype.names:
                return pa.table({name: pa.array(obj[name].reshape(-1)) for name in obj.dtype.names})
            matrix = obj.reshape(obj.shape[0] if obj.ndim else 1, -1)
            columns = [pa.array(matrix[:, at]) for at in range(matrix.shape[1])]
            return pa.table(columns, names=[str(at) for at in range(matrix.shape[1])])
    except (pa.ArrowException, TypeError) as error:
        raise DataFormatError("a column holds objects that are not values of one type") from error
    if isinstance(obj, (pa.Array, pa.ChunkedArray)):
        return pa.table({"0": obj})
    if hasattr(obj, "to_frame") and not hasattr(obj, "columns"):  # a series of pandas or polars
        return _arrow(obj.to_frame())
    if hasattr(obj, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(obj)
    raise DataTypeError(f"{type(obj).__name__} is not a table")
