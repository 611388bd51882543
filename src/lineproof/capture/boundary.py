"""Where tables in memory become datasets of the record: at a fit, a predict, a write."""

from __future__ import annotations

import math
import sys
import time
import weakref
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from lineproof.capture.columns import UNKNOWN, column_names, columns_of, origins_for
from lineproof.capture.edges import (
    IDENTITY,
    lineage_facet,
    source_datasets,
    versioned,
)
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.table import ColumnOrigin, Table
from lineproof.data.fingerprint import frame_fingerprint
from lineproof.model.facets import Fingerprint, Subjects
from lineproof.model.lineage import How, Precision
from lineproof.model.openlineage import (
    MEMORY_NAMESPACE,
    ColumnLineage,
    Dataset,
    DatasetType,
    InputField,
    OutputField,
    OutputStatistics,
    Schema,
    SchemaField,
    Transformation,
)

if TYPE_CHECKING:
    from lineproof.capture.files import FileVersion
    from lineproof.capture.session import Session

__all__ = [
    "MemoryFrame",
    "columns_written",
    "file_event",
    "identity_lineage",
    "memory_frame",
    "record_frames",
    "table_event",
    "write_event",
]

_LARGEST_TABLE = 8 << 30  # bytes of a table in memory beyond which its content is not read
_VALUE = 8  # bytes of a value of a frame, as a guess
_COLUMN_DIGESTS = 200  # a wider table's record names its columns, not the digest of each


class MemoryFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A table in memory as a dataset.

    Attributes:
        name: `<script>:<line>/<role>`.
        version: `frame0:<hex>`, or `unversioned` when its content could not be read.
        labels: Column labels of the object.
        columns: The same as text, in order, without repeats.
        origins: The origin of each column; `UNKNOWN` where there is none.
        types: The type of each column, empty where it has none.
        rows: Number of rows.
        fingerprint: What the version stands for.
        notes: What a reader must know, in words.
        subjects: Whose rows it has, where that is certain.
    """

    name: str
    version: str
    labels: tuple[Hashable, ...]
    columns: tuple[str, ...]
    origins: tuple[ColumnOrigin, ...]
    types: tuple[str, ...]
    rows: int
    fingerprint: Fingerprint | None = None
    notes: tuple[str, ...] = ()
    subjects: Subjects | None = None

    def as_input(self) -> Dataset:
        """Give the dataset as something that was read."""
        return versioned(MEMORY_NAMESPACE, self.name, self.version)

    def as_output(self, lineage: ColumnLineage | None = None, kind: str = "TABLE") -> Dataset:
        """Give the dataset as something that was made, with the lineage of its columns.

        Args:
            lineage: Where the columns came from; by default from what the program read.
            kind: `datasetType`.
        """
        dataset = versioned(MEMORY_NAMESPACE, self.name, self.version)
        dataset.facets["schema"] = self.schema()
        dataset.facets["datasetType"] = DatasetType(dataset_type=kind, sub_type="MEMORY")
        dataset.facets["columnLineage"] = lineage or lineage_facet(self.columns, self.origins)
        if self.fingerprint is not None:
            dataset.facets["lineproof_fingerprint"] = self.fingerprint
        if self.subjects is not None:
            dataset.facets["lineproof_subjects"] = self.subjects
        dataset.output_facets["outputStatistics"] = OutputStatistics(row_count=self.rows)
        return dataset

    def schema(self) -> Schema:
        """Give the columns and their types."""
        return Schema(
            fields=[
                SchemaField(name=name, type=kind or UNSET)
                for name, kind in zip(self.columns, self.types, strict=True)
            ]
        )

    def field(self, column: str, transformation: Transformation) -> InputField:
        """Give one column as the source of another."""
        return InputField(
            namespace=MEMORY_NAMESPACE,
            name=self.name,
            field=column,
            version=self.version,
            transformations=[transformation],
        )


def _labelled(obj: Any, table: Table | None, width: int) -> tuple[Hashable, ...] | None:
    """The names that an array's columns had in the frame it came from."""
    if table is None or shape_of(obj) is not Shape.ARRAY or len(table.labels) != width:
        return None
    return table.labels if all(isinstance(label, str) for label in table.labels) else None


def memory_frame(session: Session, obj: Any, role: str, *, site: str | None = None) -> MemoryFrame:
    """Give a table in memory its identity as a dataset. Reads all of it once.

    Args:
        session: Whose hashing time it counts as.
        obj: Frame, series, array, sparse matrix, list.
        role: What it is used for: `fit.X`, `predict.X`, `write`, ...
        site: Place in the program; by default where it is now.
    """
    table = table_of(obj)
    labels, types = columns_of(obj)
    labels = _labelled(obj, table, len(labels)) or labels
    names = column_names(labels)
    started = time.thread_time_ns()
    with session.apart():
        found = None if _is_too_large(session, obj, role) else frame_fingerprint(obj)
    session.table_hashed(time.thread_time_ns() - started, 0 if found is None else found.size_bytes)
    fingerprint = None
    if found is not None:
        few = 0 < len(found.columns) <= _COLUMN_DIGESTS
        digests = dict(
            zip(column_names(name for name, _ in found.columns), (d for _, d in found.columns), strict=True)
        )
        fingerprint = Fingerprint(
            fingerprint=found.fingerprint,
            rows=found.rows,
            columns=digests if few else UNSET,
            tier="full" if not found.opaque else f"not read: {', '.join(found.opaque[:10])}",
        )
    return MemoryFrame(
        name=f"{site or session.site()}/{role}",
        version="unversioned" if found is None else found.fingerprint,
        labels=labels,
        columns=names,
        origins=origins_for(table, len(names)),
        types=types,
        rows=0 if found is None else found.rows,
        fingerprint=fingerprint,
        subjects=_people_of(session, obj),
    )


def _people_of(session: Session, obj: Any) -> Subjects | None:
    people = sys.modules.get("lineproof.capture.people")  # imported by the first declaration
    if people is None:
        return None
    try:
        found: Subjects | None = people.people_of(session, obj)
    except Exception as error:
        session.fault("people", error)
        return None
    return found


def _is_too_large(session: Session, obj: Any, role: str) -> bool:
    """Whether reading all of a table would hold up the program, as one that is mapped from a file may."""
    shape = getattr(obj, "shape", ())
    size = math.prod(shape) * _VALUE if isinstance(shape, tuple) else 0
    size = getattr(obj, "nbytes", size) if shape_of(obj) is Shape.ARRAY else size
    if size <= _LARGEST_TABLE:
        return False
    session.gap(f"{session.site()}: {role} is not fingerprinted: about {size} bytes, too large to read")
    return True


def identity_lineage(frame: MemoryFrame, columns: Sequence[str], rule: str) -> ColumnLineage:
    """Give the lineage of columns that are those of `frame`, in order, unchanged."""
    return ColumnLineage(
        fields={
            name: OutputField(
                input_fields=[frame.field(column, IDENTITY)],
                how=How.OBSERVED,
                precision=Precision.EXACT,
                rule=rule,
            )
            for name, column in zip(columns, frame.columns, strict=True)
        }
    )


_recorded: weakref.WeakKeyDictionary[Any, set[tuple[str, str]]] = weakref.WeakKeyDictionary()


def record_frames(session: Session, frames: Iterable[MemoryFrame]) -> None:
    """Record tables in memory and what they came from; once for each content at one place."""
    known = _recorded.setdefault(session, set())
    fresh = [frame for frame in frames if (frame.name, frame.version) not in known]
    if not fresh:
        return
    known.update((frame.name, frame.version) for frame in fresh)
    session.emit(
        "RUNNING",
        inputs=source_datasets(origin for frame in fresh for origin in frame.origins),
        outputs=[frame.as_output() for frame in fresh],
    )


def write_event(session: Session, obj: Any, file: FileVersion, *, index: bool = False) -> None:
    """Record that a table was written to a file: what it came from, itself, and the file.

    Args:
        session: The recording.
        obj: The table as it was written.
        file: The file, closed and hashed.
        index: The row index became columns of the file too.
    """
    written = versioned(file.namespace, file.name, file.digest)
    _written(session, obj, written, OutputStatistics(size=file.size_bytes), index=index)


def table_event(session: Session, obj: Any, target: tuple[str, str], *, index: bool = False) -> None:
    """Record that a table was written to one of a database, of namespace and name `target`."""
    _written(session, obj, versioned(*target, None), OutputStatistics(), index=index)


def _written(
    session: Session, obj: Any, written: Dataset, statistics: OutputStatistics, *, index: bool
) -> None:
    frame = memory_frame(session, obj, "write")
    if index:
        frame = _with_index(obj, frame)
    statistics.row_count = frame.rows
    written.facets["schema"] = frame.schema()
    written.facets["columnLineage"] = identity_lineage(frame, frame.columns, "write")
    if frame.subjects is not None:
        written.facets["lineproof_subjects"] = frame.subjects
    written.output_facets["outputStatistics"] = statistics
    session.emit("RUNNING", inputs=source_datasets(frame.origins), outputs=[frame.as_output(), written])


def file_event(session: Session, obj: Any, origins: Sequence[ColumnOrigin], file: FileVersion) -> None:
    """Record that a table that was never in memory as one was written to a file."""
    labels, types = columns_of(obj)
    columns_written(session, column_names(labels), types, origins, file)


def columns_written(
    session: Session,
    names: Sequence[str],
    types: Sequence[str],
    origins: Sequence[ColumnOrigin],
    file: FileVersion,
) -> None:
    """Record that columns of these origins were written to a file; a type that is not known is empty."""
    written = versioned(file.namespace, file.name, file.digest)
    written.facets["schema"] = Schema(
        fields=[SchemaField(name=name, type=kind or UNSET) for name, kind in zip(names, types, strict=True)]
    )
    written.facets["columnLineage"] = lineage_facet(names, origins)
    written.output_facets["outputStatistics"] = OutputStatistics(size=file.size_bytes)
    session.emit("RUNNING", inputs=source_datasets(origins), outputs=[written])


def _with_index(obj: Any, frame: MemoryFrame) -> MemoryFrame:
    """Put the levels of the row index before the columns, named as pandas reads them back."""
    names = list(obj.index.names)
    labels = [f"Unnamed: {at}" if name is None else name for at, name in enumerate(names)]
    table = table_of(obj)
    origins = (UNKNOWN,) * len(names)
    if table is not None and len(table.index) == len(names):
        origins = table.index
    every = (*labels, *frame.labels)
    return msgspec.structs.replace(
        frame,
        labels=every,
        columns=column_names(every),
        origins=(*origins, *frame.origins),
        types=(*("" for _ in names), *frame.types),
    )
