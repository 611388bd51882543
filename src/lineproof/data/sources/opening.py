"""From a path or an object to the source that reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lineproof.data.digest import stamp
from lineproof.data.sources.columnar import ArrowSource, FolderSource, ParquetSource
from lineproof.data.sources.compressed import COMPRESSIONS
from lineproof.data.sources.csv import CsvSource
from lineproof.data.sources.interface import Source
from lineproof.data.sources.json_lines import JsonLinesSource
from lineproof.data.sources.memory import MemorySource
from lineproof.data.sources.urls import is_url
from lineproof.errors import CommandError, DataAccessError, DataFormatError

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


def open_source(data: Any, *, table: str | None = None, query: str | None = None) -> Source:
    """Give the source for a file, a folder of Parquet files, a URL, a database, or a table in memory.

    Args:
        data: Path as text or Path; URL of a file, a folder or a database; a table: Arrow, pandas, polars,
            DuckDB, NumPy; or a source, which is given back.
        table: Of a database: which table.
        query: Of a database: which query, instead of a table.

    Raises:
        CommandError: A table or query of something that is no database, or none of a database.
        DataAccessError: There is no such file, or it is a pipe or a device.
        DataFormatError: Its ending names no known format.
    """
    url = data if isinstance(data, str) and is_url(data) else None
    if url is not None and not url.startswith("file://"):
        from lineproof.data.sources.sql import SqlSource, is_database  # noqa: PLC0415 - SQLAlchemy is slow to import

        if table is not None or query is not None or is_database(url):
            return SqlSource(url, table=table, query=query)
        from lineproof.data.sources.remote import RemoteSource  # noqa: PLC0415 - beside its one use

        return RemoteSource(url, _local)
    if table is not None or query is not None:
        raise CommandError("only a database has tables and queries", "give a URL such as sqlite:///file.db")
    if url is not None:
        return _local(Path(unquote(url.removeprefix("file://"))))
    if isinstance(data, (str, Path)):
        return _local(Path(data))
    given: Source = data if hasattr(data, "batches") and hasattr(data, "digest") else MemorySource(data)
    return given


def _local(path: Path) -> Source:
    """Give the source for a file or folder here."""
    if path.is_dir():
        return FolderSource(path)
    if not path.exists():
        raise DataAccessError(f"{path} does not exist")
    stamp(path)
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
