"""Parquet and Arrow files, single or as a folder: formats that have types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lineproof.data.folder_digest import digest_of_files
from lineproof.data.sources.compressed import check_size
from lineproof.data.sources.interface import BATCH_ROWS, FileSource, unique_names
from lineproof.errors import DataAccessError, DataFormatError, EmptyDataError

__all__ = ["ArrowSource", "FolderSource", "ParquetSource", "no_rows", "renamed"]

_CODE = 3  # bytes of a code, beside which the values themselves take
_FEW = 1 << 14  # bytes
_LONG = 256  # bytes of a value


class ParquetSource(FileSource):
    """One Parquet file."""

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        try:
            with pq.ParquetFile(self._path, pre_buffer=False) as file:
                _check_groups(file.metadata, self._path)
                coded = _repeating(file.metadata)
            with pq.ParquetFile(self._path, pre_buffer=False, read_dictionary=coded) as file:
                schema = file.schema_arrow
                yield _empty(schema, self._path)
                for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
                    yield renamed(batch)
        except (pa.ArrowException, OSError) as error:
            raise _explained(error, self._path, "Parquet") from error


class ArrowSource(FileSource):
    """One Arrow IPC file: Feather version 2, or a stream."""

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        try:
            with pa.OSFile(str(self._path)) as file:
                is_file = file.read(6) == b"ARROW1"
                file.seek(0)
                reader = pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file)
                yield _empty(reader.schema, self._path)
                stored = map(reader.get_batch, range(reader.num_record_batches)) if is_file else reader
                for batch in stored:
                    for start in range(0, batch.num_rows, BATCH_ROWS):
                        yield renamed(batch.slice(start, BATCH_ROWS))
        except (pa.ArrowException, OSError) as error:
            raise _explained(error, self._path, "Arrow") from error


class FolderSource:
    """A folder of Parquet files; `key=value` in the path of a file is a column."""

    def __init__(self, path: Path) -> None:
        """List the files of the folder, without those whose name starts with `.` or `_`.

        Raises:
            EmptyDataError: There is none.
        """
        found = sorted(
            file
            for file in path.rglob("*.parquet")
            if not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        )
        if not found:
            raise EmptyDataError(f"{path} holds no file *.parquet")
        self.name = path.name
        self.files: tuple[Path, ...] = tuple(found)
        self._path = path

    def digest(self) -> str | None:
        """Give the digest of the files; see `Source.digest`."""
        return digest_of_files(self._path, self.files)

    def batches(self) -> Iterator[Any]:
        """Give the rows; see `Source.batches`."""
        import pyarrow.dataset as ds  # noqa: PLC0415 - imports pandas, a second that only folders need

        try:
            table = ds.dataset(
                [str(file) for file in self.files],
                format="parquet",
                partitioning=ds.partitioning(flavor="hive"),
                partition_base_dir=str(self._path),
            )
            yield _empty(table.schema, self._path)
            for batch in table.to_batches(batch_size=BATCH_ROWS, use_threads=False):
                if batch.num_rows:
                    yield renamed(batch)
        except (pa.ArrowException, OSError) as error:
            raise _explained(error, self._path, "a folder of Parquet files") from error


def _check_groups(metadata: Any, path: Path) -> None:
    """Refuse a file whose parts, which are decompressed whole, say that they hold more than the limit."""
    for at in range(metadata.num_row_groups):
        group = metadata.row_group(at)
        for column in range(group.num_columns):
            chunk = group.column(column)
            check_size(chunk.total_uncompressed_size, chunk.total_compressed_size, path.name)


def _repeating(metadata: Any) -> list[str]:
    """Name the columns of text that are read as codes: few values many times over, or long ones.

    Written out, one value of a megabyte in each row of a batch would be larger than memory.
    """
    found: dict[str, bool] = {}
    for at in range(metadata.num_row_groups):
        group = metadata.row_group(at)
        for column in range(group.num_columns):
            chunk = group.column(column)
            if chunk.physical_type != "BYTE_ARRAY" or "." in chunk.path_in_schema:
                continue
            size, rows = chunk.total_uncompressed_size, max(1, chunk.num_values)
            coded = chunk.has_dictionary_page and (size < _CODE * rows + _FEW or size > _LONG * rows)
            found[chunk.path_in_schema] = found.get(chunk.path_in_schema, True) and coded
    return [name for name, coded in found.items() if coded]


def renamed(batch: Any) -> Any:
    """Give a batch with unique column names."""
    names = batch.schema.names
    return batch if len(set(names)) == len(names) else batch.rename_columns(unique_names(names))


def no_rows(schema: Any) -> Any:
    """Give a batch without rows."""
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], names=schema.names)


def _empty(schema: Any, path: Path) -> Any:
    """Give a batch without rows, so that a table without rows still has its columns."""
    if not len(schema):
        raise EmptyDataError(f"{path} has no columns")
    return renamed(no_rows(schema))


def _explained(error: Exception, path: Path, form: str) -> DataFormatError | DataAccessError:
    if isinstance(error, (FileNotFoundError, PermissionError)):
        return DataAccessError(f"{path} cannot be read")
    return DataFormatError(f"{path} cannot be read as {form}: it is damaged, cut short or something else")
