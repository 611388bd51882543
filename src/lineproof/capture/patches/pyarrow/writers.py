"""Files that Arrow writes: at once, batch by batch, or as the many files of a partitioned dataset."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any

from lineproof.capture import boundary
from lineproof.capture.columns import column_names, columns_of
from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table
from lineproof.capture.provenance.attachment import Shape, attach, carried, shape_of, table_of
from lineproof.capture.provenance.resolve import label_list
from lineproof.capture.provenance.table import ColumnOrigin, Table, combined
from lineproof.files.status import Key, key_of

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call

__all__ = [
    "CLOSED",
    "DATASET",
    "ON_WRITERS",
    "OPENED",
    "WRITTEN",
    "path_of",
    "remember_path",
    "sizes_before",
    "there_before",
]

_TARGETS = {"write_csv": "output_file", "write_feather": "dest"}
_DATA = {"write_csv": "data", "write_feather": "df"}
_IN_MEMORY = frozenset(("BufferOutputStream", "FixedSizeBufferWriter", "MockOutputStream", "PythonFile"))
_UNSEEN = "CSVWriter"  # a class of native code whose instances nobody sees made
_paths: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def remember_path(file: Any, path: Any) -> None:
    """Keep the path that a file object of Arrow was opened with."""
    if isinstance(path, (str, bytes, os.PathLike)):
        _paths[file] = path


def path_of(file: Any) -> Any:
    """Give the path of a file object of Arrow; None for others.

    One that is a file of the system does not say where it is either, but which descriptor it has.
    """
    try:
        known = _paths.get(file)
        if known is None and type(file).__name__ == "OSFile" and not file.closed:
            known = _path_behind(file.fileno())
    except (TypeError, ValueError, OSError):  # of a class without weak references or hash; closed
        return None
    return known


def _path_behind(descriptor: int) -> str | None:
    """Give the path of an open file, where the system tells."""
    try:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return None
    return path if os.path.isabs(path) and os.path.isfile(path) else None


def sizes_before(call: Call) -> dict[str, int] | None:
    """Look at the files that are open before a writer writes that does not say where to."""
    if type(call.args[0]).__name__ != _UNSEEN:
        return None
    return _sizes()


def _sizes() -> dict[str, int]:
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
        paths = {path for number in numbers if (path := _path_behind(number)) is not None}
        return {path: os.stat(path).st_size for path in paths}
    except OSError:
        return {}


def _grown(before: dict[str, int]) -> str | None:
    """Give the one file that is larger now; None where there is none, or several."""
    grown = [path for path, size in _sizes().items() if size > before.get(path, 0)]
    return grown[0] if len(grown) == 1 else None


def _written(op: Operation) -> None:
    """`write_table(table, where)`, `write_csv(data, output_file)`, `write_feather(df, dest)`."""
    data = op.given(0, _DATA.get(op.name, "table"))
    target = op.given(1, _TARGETS.get(op.name, "where"))
    if not isinstance(target, (str, bytes, os.PathLike)):
        target = path_of(target) or target
    file = None if target is None else op.session.files.written(target)
    if file is None:
        if type(target).__module__.startswith("pyarrow") and type(target).__name__ not in _IN_MEMORY:
            op.session.gap(
                f"{op.session.site()}: a table was written to a {type(target).__name__}, it is not known where"
            )
        return
    table = as_table(op.operand(0, _DATA.get(op.name, "table")), data)
    if shape_of(data) is Shape.PLAN:  # a reader that is empty now
        boundary.file_event(op.session, data, table.origins, file)
        return
    attach(data, table)
    boundary.write_event(op.session, data, file)


class _Writing:
    """A file that is written batch by batch.

    Attributes:
        target: Where.
        columns: Where the columns written so far came from.
        types: Their types.
    """

    def __init__(self, target: Any) -> None:
        self.target = target
        self.columns: dict[str, ColumnOrigin] = {}
        self.types: dict[str, str] = {}

    def add(self, data: Any, table: Table) -> None:
        """Add a batch."""
        for label, origin in table.columns.items():
            name = str(label)
            before = self.columns.get(name)
            self.columns[name] = origin if before is None else combined((before, origin), "write")
        labels, types = columns_of(data)
        self.types |= dict(zip(map(str, labels), types, strict=True))


_writing: weakref.WeakKeyDictionary[Any, _Writing] = weakref.WeakKeyDictionary()


def _opened(op: Operation) -> None:
    """`ParquetWriter(where, schema)`, `ipc.new_file(sink, schema)`."""
    target = op.given(0, "where" if "where" in op.call.kwargs else "sink")
    _writing[op.call.args[0]] = _Writing(path_of(target) or target)


def _writes(op: Operation) -> None:
    """`writer.write_table(table)`, `writer.write_batch(batch)`."""
    writing = _writing.get(op.call.args[0])
    keyword = {"write_batch": "batch", "write": "table_or_batch"}.get(op.name, "table")
    data = op.given(0, keyword)
    if writing is None and type(op.call.args[0]).__name__ == _UNSEEN:
        writing = _writing[op.call.args[0]] = _Writing(None)
    if writing is not None and writing.target is None:
        writing.target = _grown(op.call.token or {})
    if writing is not None and shape_of(data) is Shape.TABLE:
        writing.add(data, as_table(op.operand(0, keyword), data))


def _closed(op: Operation) -> None:
    """`writer.close()`, also at the end of a `with` block: the file is whole."""
    writing = _writing.pop(op.call.args[0], None)
    if writing is not None and writing.target is None:
        op.session.gap(
            f"{op.session.site()}: a {_UNSEEN} was closed, and it is not known which file it wrote"
        )
        return
    file = None if writing is None else op.session.files.written(writing.target)
    if writing is None or file is None:
        return
    names = list(writing.columns)
    types = [writing.types.get(name, "") for name in names]
    boundary.columns_written(op.session, names, types, list(writing.columns.values()), file)


def there_before(call: Call) -> dict[str, Key]:
    """Look what is in the folder that a dataset is written to."""
    folder = call.args[1] if len(call.args) > 1 else call.kwargs.get("base_dir", call.kwargs.get("root_path"))
    return _files_in(folder)


def _files_in(folder: Any) -> dict[str, Key]:
    if not isinstance(folder, (str, os.PathLike)):
        return {}
    paths = [os.path.join(place, name) for place, _, names in os.walk(os.fspath(folder)) for name in names]
    return {path: key_of(os.stat(path)) for path in paths if os.path.isfile(path)}


def _dataset(op: Operation) -> None:
    """`write_dataset(data, base_dir)`, `write_to_dataset(table, root_path)`: each file that is new."""
    first, second = ("data", "base_dir") if op.name == "write_dataset" else ("table", "root_path")
    data, before = op.given(0, first), op.call.token or {}
    table = carried(data) or table_of(data) or as_table(op.operand(0, first), data)
    names = column_names(label_list(data) if shape_of(data) is not Shape.OTHER else table.labels)
    if len(names) != len(table.origins):
        names = column_names(table.labels)
    for path, key in _files_in(op.given(1, second)).items():
        file = None if before.get(path) == key else op.session.files.written(path)
        if file is not None:
            boundary.columns_written(op.session, names, [""] * len(names), table.origins, file)


OPENED: Rule = _opened
ON_WRITERS: dict[str, Rule] = dict.fromkeys(("write", "write_table", "write_batch"), _writes)
CLOSED: Rule = _closed
WRITTEN: Rule = _written
DATASET: Rule = _dataset
