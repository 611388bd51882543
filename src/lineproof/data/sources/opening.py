"""From a path or an object to the source that reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lineproof.data.sources.columnar import ArrowSource, FolderSource, ParquetSource
from lineproof.data.sources.compressed import COMPRESSIONS
from lineproof.data.sources.csv import CsvSource
from lineproof.data.sources.interface import Source
from lineproof.data.sources.json_lines import JsonLinesSource
from lineproof.data.sources.memory import MemorySource
from lineproof.errors import DataAccessError, DataFormatError

__all__ = ["open_source"]

_BY_ENDING: dict[str, type[CsvSource | ParquetSource | ArrowSource | JsonLinesSource]] = {
    ".csv": CsvSource,
    ".tsv": CsvSource,
    ".parquet": ParquetSource,
    ".pq": ParquetSource,
    ".arrow": ArrowSource,
    ".feather": ArrowSource,
    ".ipc": ArrowSource,
    ".jsonl": JsonLinesSource,
    ".ndjson": JsonLinesSource,
}


def open_source(data: Any) -> Source:
    """Give the source for a file, a folder of Parquet files, or a table in memory.

    Args:
        data: Path as text or Path; or a table: Arrow, pandas, polars, DuckDB, NumPy.

    Raises:
        DataAccessError: There is no such file.
        DataFormatError: Its ending names no known format.
    """
    if not isinstance(data, (str, Path)):
        return MemorySource(data)
    path = Path(data)
    if path.is_dir():
        return FolderSource(path)
    if not path.exists():
        raise DataAccessError(f"{path} does not exist")
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in COMPRESSIONS:
        endings.pop()
    kind = _BY_ENDING.get(endings[-1]) if endings else None
    if kind is None:
        known = ", ".join(sorted(_BY_ENDING))
        raise DataFormatError(
            f"{path}: the ending names no format", f"rename it so that it ends in one of {known}"
        )
    return kind(path)
