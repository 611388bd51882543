"""Arrays in files: one (`save`, `savetxt`, `tofile`), several by name (`savez`), or mapped (`memmap`)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lineproof.capture import boundary
from lineproof.capture.edges import versioned
from lineproof.capture.patches.pandas.io import Named, dataset_of
from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, carried, carry, shape_of
from lineproof.capture.provenance.resolve import resolved
from lineproof.capture.provenance.table import (
    ColumnOrigin,
    SourceColumn,
    Table,
    combined,
    source_origin,
)
from lineproof.model.openlineage import Schema, SchemaField

if TYPE_CHECKING:
    from lineproof.capture.files import FileVersion

__all__ = ["FROM_ARCHIVE", "MAPPED", "READ", "WRITES"]

_COLUMNS_AT_MOST = 64  # of an array in an archive that are told apart
_MATRIX = 2
_PLACES = {"loadtxt": "fname", "genfromtxt": "fname", "fromregex": "file"}
_ENDINGS = {"save": ".npy", "savez": ".npz", "savez_compressed": ".npz"}


def _read(op: Operation) -> Table | None:
    """`load`, `loadtxt`, `genfromtxt`, `fromfile`: an array, or an archive that hands out several."""
    source = dataset_of(op.session, op.given(0, _PLACES.get(op.name, "file")), op.name)
    if shape_of(op.result) is Shape.ARRAY:
        return _arrived(op, source)
    if type(op.result).__name__ == "NpzFile":
        names = list(op.result.files)
        carry(op.result, Table(names, [_origin(source, name, op.name) for name in names]))
    return None


def _arrived(op: Operation, source: Named) -> Table:
    array = op.result
    fields = list(array.dtype.names or ())
    width = array.shape[1] if array.ndim >= _MATRIX else 1
    names = fields or [str(at) for at in range(width)]
    dataset = versioned(*source)
    dataset.facets["schema"] = Schema(fields=[SchemaField(name=name) for name in names])
    op.session.emit("RUNNING", inputs=[dataset])
    origins = [_origin(source, name, op.name) for name in names]
    labels = fields or (range(width) if array.ndim >= _MATRIX else [None])
    return Table(labels, origins, vector=not fields and array.ndim < _MATRIX, index=())


def _origin(source: Named, column: str, rule: str) -> ColumnOrigin:
    return source_origin(SourceColumn(*source, column), rule)


def _from_archive(op: Operation) -> Table | None:
    """`archive[name]`: columns of a matrix are named `name.0`, as they were written."""
    known, name = carried(op.call.args[0]), op.call.args[1]
    origin = None if known is None else known.get(str(name).removesuffix(".npy"))
    if origin is None or shape_of(op.result) is not Shape.ARRAY:
        return None
    (source,) = origin.direct
    named = (source.namespace, source.name, source.version)
    names = _names(source.column, op.result)
    labels = range(len(names)) if len(names) > 1 else [None]
    origins = [_origin(named, each, "load") for each in names]
    return Table(labels, origins, vector=op.result.ndim < _MATRIX, index=())


def _names(name: str, array: Any) -> list[str]:
    shape: Any = getattr(array, "shape", ())
    if len(shape) != _MATRIX or not 1 < shape[1] <= _COLUMNS_AT_MOST:
        return [name]
    return [f"{name}.{at}" for at in range(shape[1])]


def _mapped(op: Operation) -> Table | None:
    """`memmap(filename, mode=...)`: what the file holds already."""
    if op.given(2, "mode", "r+") in ("w+", "write"):
        return None
    return _arrived(op, dataset_of(op.session, op.given(0, "filename"), "memmap"))


def _written(op: Operation) -> None:
    """`save(file, array)`, `savetxt(fname, X)`."""
    at, keyword = (1, "X") if op.name == "savetxt" else (1, "arr")
    array = op.given(at, keyword)
    file = _file(op, op.given(0, "fname" if op.name == "savetxt" else "file"))
    if file is not None:
        resolved(array, at if len(op.call.args) > at else keyword)
        boundary.write_event(op.session, array, file)


def _dumped(op: Operation) -> None:
    """`array.tofile(path)`, `mapped.flush()`."""
    array = op.call.args[0]
    file = _file(op, array.filename if op.name == "flush" else op.call.args[1])
    if file is not None:
        resolved(array, -1)
        boundary.write_event(op.session, array, file)


def _archived(op: Operation) -> None:
    """`savez(file, *arrays, **named)`."""
    file = _file(op, op.given(0, "file"))
    if file is None:
        return
    columns: dict[str, ColumnOrigin] = {}
    for name, array, slot in _members(op):
        table = resolved(array, slot)
        names = _names(name, array)
        whole = combined(table.origins, "savez")
        same = len(names) == len(table.origins)
        columns |= dict(zip(names, table.origins if same else [whole] * len(names), strict=True))
    boundary.columns_written(op.session, list(columns), [""] * len(columns), list(columns.values()), file)


def _members(op: Operation) -> Iterable[tuple[str, Any, int | str]]:
    for at, array in enumerate(op.call.args[1:]):
        yield f"arr_{at}", array, at + 1
    for name, array in op.call.kwargs.items():
        if name not in ("file", "allow_pickle"):
            yield name, array, name


def _file(op: Operation, given: Any) -> FileVersion | None:
    """Give the file that a path stands for; one that the program holds open is not whole yet."""
    if not isinstance(given, (str, bytes, os.PathLike)):
        return None
    path, ending = os.fspath(given), _ENDINGS.get(op.name, "")
    if isinstance(path, str) and not path.endswith(ending):
        path += ending
    return op.session.files.written(path)


READ: Rule = _read
FROM_ARCHIVE: Rule = _from_archive
MAPPED: Rule = _mapped
WRITES: dict[str, Rule] = {
    **dict.fromkeys(("save", "savetxt"), _written),
    **dict.fromkeys(("savez", "savez_compressed"), _archived),
    **dict.fromkeys(("tofile", "flush"), _dumped),
}
