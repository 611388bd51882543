"""DuckDB as the reader of Parquet files: another decoder, the same result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lineproof.data.sources.interface import Source
from lineproof.data.sources.memory import MemorySource
from lineproof.data.sources.opening import open_source
from lineproof.errors import DataFormatError, MissingReaderError

__all__ = ["DuckSource"]


class DuckSource:
    """A Parquet file, or a folder of them, read by DuckDB."""

    def __init__(self, path: str | Path) -> None:
        """Name the file or folder.

        Raises:
            DataAccessError: There is no such file.
            DataFormatError: It is not Parquet.
        """
        self._path = Path(path)
        self._inner: Source = open_source(self._path)
        self.name = self._inner.name
        self.files = self._inner.files
        if not all(file.suffix.lower() in (".parquet", ".pq") for file in self.files):
            raise DataFormatError(f"{path} is not Parquet", "leave out --engine for other formats")

    def digest(self) -> str | None:
        """Give the digest of the files; see `Source.digest`."""
        return self._inner.digest()

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        try:
            import duckdb  # noqa: PLC0415 - slow to import, and only this engine needs it
        except ImportError:
            raise MissingReaderError("DuckDB is not installed", "pip install 'lineproof[data]'") from None
        with duckdb.connect() as connection:
            try:
                rows = connection.read_parquet(
                    [str(file) for file in self.files], hive_partitioning=self._path.is_dir()
                )
                yield from MemorySource(rows).batches()
            except duckdb.Error as error:
                raise DataFormatError(
                    f"{self._path} cannot be read as Parquet by DuckDB: {type(error).__name__}"
                ) from None
