"""Tables to compare: opened so that one column at a time can be had from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from lineproof.data.sources import TypesWidened, open_source
from lineproof.data.sources.columnar import FolderSource, ParquetSource
from lineproof.errors import DataFormatError, EmptyTableError

__all__ = ["Table", "open_table", "table_of"]


class Columns(Protocol):
    """Where columns are had from, one at a time."""

    schema: pa.Schema
    rows: int

    def read(self, name: str) -> pa.ChunkedArray:
        """Read one column."""


class Table:
    """A table whose columns can be had one by one.

    Args:
        name: What to call it in messages.
        columns: Where its columns are had from.
        untyped: Whether its types were inferred from text.

    Raises:
        EmptyTableError: It has no columns or no rows.
    """

    def __init__(self, name: str, columns: Columns, *, untyped: bool = False) -> None:
        self.name = name
        self._untyped = untyped
        self._columns = columns
        self.types: dict[str, pa.DataType] = {field.name: field.type for field in columns.schema}
        self.rows = columns.rows
        if not self.types or not self.rows:
            raise EmptyTableError(f"{name} has no {'rows' if self.types else 'columns'}")

    @property
    def texts(self) -> set[str]:
        """Names of the columns that hold text."""
        return {name for name, kind in self.types.items() if _is_text(kind)}

    def column(self, name: str, *, as_text: bool = False) -> pa.ChunkedArray:
        """Read one column, of Parquet files with text as a dictionary.

        Args:
            name: The column.
            as_text: Whether it is text in the other table. Codes that a file without types seems to hold
                as whole numbers are then given as text; the rule for such files keeps leading zeros.

        Raises:
            DataFormatError: It cannot be read.
        """
        with _readable(self.name):
            values = self._columns.read(name)
            if as_text and self._untyped and pt.is_integer(values.type):
                return values.cast(pa.string())
            return values


def open_table(path: Path) -> Table:
    """Open a file, or a folder of Parquet files.

    Raises:
        DataError: There is no such file, or it cannot be read as a table.
        EmptyTableError: It has no columns or no rows.
    """
    source = open_source(path)
    with _readable(str(path)):
        if isinstance(source, ParquetSource):
            return Table(str(path), _Parquet(path))
        if isinstance(source, FolderSource):
            return Table(str(path), _Folder(path))
    return table_of(path)


class _InMemory:
    def __init__(self, table: pa.Table) -> None:
        self._table, self.schema, self.rows = table, table.schema, table.num_rows

    def read(self, name: str) -> pa.ChunkedArray:
        return self._table.column(name)


class _Parquet:
    """One file; text is decoded as dictionaries, so that a value is built once and not once per row."""

    def __init__(self, path: Path) -> None:
        self.schema = pq.read_schema(path)
        texts = [field.name for field in self.schema if _is_text(field.type)]
        self._file = pq.ParquetFile(path, read_dictionary=texts)
        self.rows = self._file.metadata.num_rows

    def read(self, name: str) -> pa.ChunkedArray:
        return self._file.read(columns=[name], use_threads=False).column(0)


class _Folder:
    """Many files; a key of the partitioning (year=2026/part-0.parquet) is a column."""

    def __init__(self, path: Path) -> None:
        import pyarrow.dataset as ds  # noqa: PLC0415 - imports pandas, a second that only folders need

        self._dataset = ds.dataset(path, format="parquet", partitioning="hive")
        self.schema, self.rows = self._dataset.schema, self._dataset.count_rows()

    def read(self, name: str) -> pa.ChunkedArray:
        return self._dataset.to_table(columns=[name]).column(0)


def table_of(data: Any, name: str | None = None) -> Table:
    """Take a table in memory (Arrow, pandas, polars, DuckDB, NumPy), or read a text file whole.

    Raises:
        DataError: It cannot be read as a table.
        EmptyTableError: It has no columns or no rows.
    """
    source = open_source(data)
    while True:
        try:
            batches = list(source.batches())
        except TypesWidened:  # each time at least one column's type becomes wider, so this ends
            continue
        # A batch without rows has the columns, and of text no types yet; types get wider on the way.
        parts = [pa.Table.from_batches([one]) for one in batches if one.num_rows]
        table = pa.concat_tables(parts or [pa.Table.from_batches(batches[:1])], promote_options="permissive")
        from_file = bool(source.files)
        return Table(name or (str(data) if from_file else "the table"), _InMemory(table), untyped=from_file)


def _is_text(kind: pa.DataType) -> bool:
    if pt.is_dictionary(kind):
        kind = kind.value_type
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn what pyarrow says of a damaged file into an error with something to do."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        what = str(error).split("\n", maxsplit=1)[0][:300]
        raise DataFormatError(f"{name} cannot be read: {what}") from error
