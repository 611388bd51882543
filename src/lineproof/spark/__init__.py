"""The kernel on Spark: each partition makes a state where its rows are, and the states merge.

The state is the one that a single machine makes of the same rows, float moments within 1e-9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lineproof.data.classification import TextEngine
from lineproof.data.kernel import TableState, Workspace, from_bytes, to_bytes
from lineproof.data.scanning import Scan, classified
from lineproof.errors import DataAccessError, EmptyDataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["scan", "scan_parquet"]

_FANOUT = 2  # depth of the tree in which states merge on the cluster


def scan(frame: Any, *, name: str = "", texts: TextEngine | None = None) -> Scan:
    """Profile, fingerprint and classify a Spark frame in one pass, where its rows are.

    Args:
        frame: `pyspark.sql.DataFrame`. The workers need lineproof[data].
        name: Name of the table; a hint for the classification of columns.
        texts: Looks for identifiers inside free text of the sample, on the driver; see `text_engine`.

    Returns:
        What the pass found; it has no byte digest.

    Raises:
        EmptyDataError: The frame has no columns.
        DataTypeError: A column's type has no fingerprint.
    """
    if not frame.columns:
        raise EmptyDataError("the frame has no columns", "select at least one")
    parts = frame.mapInArrow(_states, "state binary").rdd.map(_bytes)
    merged = None if parts.isEmpty() else parts.treeReduce(_merged, _FANOUT)
    state = _empty(frame) if merged is None else from_bytes(merged)
    return classified(state, name, texts=texts)[0]


def scan_parquet(path: str, *, texts: TextEngine | None = None) -> Scan:
    """Do the same for Parquet files at a place that Spark reads, in the session there is or a new one.

    Args:
        path: File, folder or URL.
        texts: As of `scan`.

    Raises:
        DataAccessError: PySpark is not installed, or cannot read it.
    """
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - PySpark is the program's own
        from pyspark.sql import SparkSession  # noqa: PLC0415 - same
    except ImportError as error:
        raise DataAccessError(
            "PySpark is not installed", "pip install 'pyspark>=3.5', and Java 17"
        ) from error
    session = SparkSession.builder.getOrCreate()
    try:
        frame = session.read.parquet(path)
    except PySparkException as error:
        raise DataAccessError(
            f"Spark cannot read {path} as Parquet: {type(error).__name__}",
            "give Parquet; other formats are read by scan without --engine spark",
        ) from error
    return scan(frame, name=path.rstrip("/").rpartition("/")[2].partition(".")[0], texts=texts)


def _states(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Make the state of one partition; nothing of one without rows."""
    import pyarrow as pa  # noqa: PLC0415 - on a worker, where the driver's imports are not

    state, space = TableState(), Workspace()
    rows = 0
    for batch in batches:
        state.update(batch, space)
        rows += batch.num_rows
    if rows:
        yield pa.RecordBatch.from_pydict({"state": [to_bytes(state)]})


def _bytes(row: Any) -> bytes:
    return bytes(row.state)


def _merged(one: bytes, other: bytes) -> bytes:
    state = from_bytes(one)
    state.merge(from_bytes(other))
    return to_bytes(state)


def _empty(frame: Any) -> TableState:
    """Make the state of a frame without rows: its columns and their types are known all the same."""
    import pyarrow as pa  # noqa: PLC0415 - beside its one use
    from pyspark.sql.pandas.types import to_arrow_schema  # noqa: PLC0415 - PySpark is the caller's

    schema = to_arrow_schema(frame.schema)
    state = TableState()
    state.update(pa.RecordBatch.from_pylist([], schema=schema), Workspace())
    return state
