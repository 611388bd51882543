"""Columns that share their memory with a table: `table["a"]` calls nothing that could be hooked.

Arrow never changes a value in place, and a buffer that is alive is nobody else's: a column that begins in
the same buffer as a column of a live table holds values of that column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lineproof.capture.provenance.attachment import Shape, attach, attached_tables, carried, shape_of
from lineproof.capture.provenance.table import Table

__all__ = ["recognise"]

_TABLES_AT_MOST = 40  # of the latest that are looked at
_COLUMNS_AT_MOST = 2000  # of all of them together
_NESTED_AT_MOST = 256  # members of a list of columns that are looked at


def recognise(*given: Iterable[Any]) -> None:
    """Attach to each column without provenance, also in lists and dicts, that of its table's column."""
    for obj in (each for group in given for each in group):
        members: Iterable[Any] = (obj,)
        if isinstance(obj, dict):
            members = list(obj.values())[:_NESTED_AT_MOST]
        elif isinstance(obj, (list, tuple)):
            members = obj[:_NESTED_AT_MOST]
        for each in members:
            if (
                shape_of(each) is Shape.COLUMN
                and type(each).__module__ == "pyarrow.lib"
                and not carried(each)
            ):
                _recognise(each)


def _recognise(column: Any) -> None:
    address = _address(column)
    if address is None:
        return
    left = _COLUMNS_AT_MOST
    for obj, table in attached_tables("pyarrow.lib", _TABLES_AT_MOST):
        if left <= 0 or shape_of(obj) is not Shape.TABLE:
            continue
        left -= obj.num_columns
        for at, other in enumerate(obj.columns):
            if other.type == column.type and _address(other) == address and at < len(table.origins):
                attach(column, Table((None,), (table.origins[at],), rows=table.rows, vector=True))
                return


def _address(column: Any) -> int | None:
    """Give where the values of a column begin; None for one without any."""
    chunks = column.chunks if hasattr(column, "chunks") else (column,)
    for chunk in chunks:
        for buffer in reversed(chunk.buffers()):
            if buffer is not None and buffer.size:
                return int(buffer.address)
    return None
