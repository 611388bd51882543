"""Tables to compare: files opened so that one column at a time can be had from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.dataset as ds
import pyarrow.json as pj
import pyarrow.types as pt

from lineproof.errors import DriftInputError, EmptyTableError

__all__ = ["Table", "open_table", "table_of"]

_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".feather": "feather",
    ".arrow": "feather",
    ".ipc": "feather",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_PACKED = (".gz", ".bz2", ".zst", ".lz4")


class Table:
    """A table whose columns can be had one by one.

    Args:
        name: What to call it in messages.
        dataset: A pyarrow dataset, or a table in memory.
        untyped: Whether its types were inferred from text, so that another table's types may be taken.
    """

    def __init__(self, name: str, dataset: Any, *, untyped: bool = False) -> None:
        self.name = name
        self.untyped = untyped
        self._dataset = dataset
        self.types: dict[str, pa.DataType] = {field.name: field.type for field in dataset.schema}
        with _readable(name):
            self.rows = int(dataset.num_rows if hasattr(dataset, "num_rows") else dataset.count_rows())

    def column(self, name: str) -> pa.ChunkedArray:
        """Read one column, text as a dictionary.

        Raises:
            DriftInputError: It cannot be read.
        """
        with _readable(self.name):
            if isinstance(self._dataset, pa.Table):
                return self._dataset.column(name)
            return self._dataset.to_table(columns=[name]).column(0)

    def retyped(self, types: dict[str, Any]) -> Table:
        """Give the table with columns whose types were only inferred read as text.

        Args:
            types: The other table's types.
        """
        wrong = [
            name
            for name, kind in types.items()
            if name in self.types and _is_text(kind) and not _is_text(self.types[name])
        ]
        if not self.untyped or not wrong:
            return self
        return Table(self.name, _read_csv(Path(self.name), dict.fromkeys(wrong, pa.string())), untyped=True)


def open_table(path: Path) -> Table:
    """Open a file: CSV, JSON lines, Parquet (also a folder of it), Feather.

    Raises:
        DriftInputError: There is no such file, or it is not what its name says.
        EmptyTableError: It has no columns or no rows.
    """
    kind = _format(path)
    with _readable(str(path)):
        table = _opened(path, kind)
    if not table.types or not table.rows:
        what = "columns" if not table.types else "rows"
        raise EmptyTableError(f"{path} has no {what}")
    return table


def table_of(data: Any, name: str = "table") -> Table:
    """Take a table in memory: pyarrow, or anything pandas-like.

    Raises:
        EmptyTableError: It has no columns or no rows.
    """
    arrow = data if isinstance(data, pa.Table) else pa.Table.from_pandas(data, preserve_index=False)
    if not arrow.num_columns or not arrow.num_rows:
        raise EmptyTableError(f"{name} has no {'rows' if arrow.num_columns else 'columns'}")
    return Table(name, arrow)


def _opened(path: Path, kind: str) -> Table:
    if kind == "csv":
        return Table(str(path), _read_csv(path, {}), untyped=True)
    if kind == "json":
        return Table(str(path), pj.read_json(path))
    if kind == "parquet":
        return Table(str(path), ds.dataset(path, format=_parquet_format(path), partitioning="hive"))
    return Table(str(path), ds.dataset(path, format=kind))


def _parquet_format(path: Path) -> Any:
    """Have text decoded as dictionaries: a value is built once, not once per row."""
    schema = ds.dataset(path, format="parquet", partitioning="hive").schema
    text = {field.name for field in schema if _is_text(field.type)}
    return ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(dictionary_columns=text))


def _read_csv(path: Path, types: dict[str, Any]) -> pa.Table:
    with path.open("rb") as file:
        if not file.read(1):
            raise EmptyTableError(f"{path} is empty")
    tabs = ".tsv" in path.suffixes
    table = pc.read_csv(
        path,
        parse_options=pc.ParseOptions(delimiter="\t" if tabs else ",", newlines_in_values=True),
        convert_options=pc.ConvertOptions(column_types=types, strings_can_be_null=True),
    )
    odd = next((field.name for field in table.schema if pt.is_binary(field.type)), None)
    if odd is not None:  # pyarrow falls back to bytes where text is not UTF-8
        raise DriftInputError(f"{path} is not UTF-8 in column {odd}", "convert it: iconv -f latin1 -t utf-8")
    return table


def _format(path: Path) -> str:
    if not path.exists():
        raise DriftInputError(
            f"there is no file {path}", "give a file, or a recorded dataset as dataset:NAME"
        )
    if path.is_dir():
        return "parquet"
    suffixes = [one.lower() for one in path.suffixes if one.lower() not in _PACKED]
    found = _FORMATS.get(suffixes[-1] if suffixes else "")
    if found is None:
        raise DriftInputError(
            f"{path} has no ending that says its format", f"rename it; known: {', '.join(_FORMATS)}"
        )
    return found


def _is_text(kind: Any) -> bool:
    if pt.is_dictionary(kind):
        kind = kind.value_type
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn what pyarrow says of a damaged file into an error with something to do."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        what = str(error).split("\n", maxsplit=1)[0][:300]
        if "Empty" in what and "file" in what:
            raise EmptyTableError(f"{name} is empty") from error
        raise DriftInputError(f"{name} cannot be read: {what}") from error
