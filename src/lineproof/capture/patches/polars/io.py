"""Reading, scanning, writing and sinking; and handing frames over to other libraries and back."""

from __future__ import annotations

from typing import Any

from lineproof.capture import boundary
from lineproof.capture.patches.pandas.construct import from_data
from lineproof.capture.patches.pandas.io import arrived, sources_of
from lineproof.capture.patches.pandas.operation import Operation, Rule, as_table, label_list
from lineproof.capture.provenance.attachment import Shape, attach, shape_of, table_of
from lineproof.capture.provenance.callsite import called_directly
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import origin_of

__all__ = ["COLLECT_ALL", "FROM", "HAND_OVER", "INIT", "READ", "SET_ITEM", "SINK", "TO_FRAME", "WRITE"]

_WRITERS = {"write_excel": "workbook"}


def _read(op: Operation) -> Table | None:
    """`read_csv(source)`, `scan_parquet(source)`: a plan knows its columns before anything is computed."""
    if shape_of(op.result) not in (Shape.TABLE, Shape.PLAN):
        return None
    given = op.given(0, "source")
    if not isinstance(given, (str, list, tuple)) and not hasattr(given, "__fspath__"):
        value = op.operand(0, "source")
        if origin_of(value) is not CONSTANT:
            return as_table(value, op.result)  # text that the program made of columns it had
    return arrived(op.session, op.result, sources_of(op.session, given, op.name), op.name)


def _write(op: Operation) -> None:
    """`write_csv(file)` and its kin."""
    target = op.given(0, _WRITERS.get(op.name, "file"))
    file = None if target is None else op.session.files.written(target)
    if file is not None:
        attach(op.receiver, op.table)
        boundary.write_event(op.session, op.receiver, file)


def _sink(op: Operation) -> Table | None:
    """`sink_parquet(path)`: what was computed was never one frame; its columns are known all the same."""
    if op.call.kwargs.get("lazy"):
        return op.table
    target = op.given(0, "path")
    file = None if target is None else op.session.files.written(target)
    if file is not None:
        boundary.file_event(op.session, op.receiver, op.table.origins, file)
    return None


def _init(op: Operation) -> Table | None:
    """`DataFrame(data, schema)`."""
    if not called_directly():
        return None
    return _positional(op, op.receiver)


def _from(op: Operation) -> Table | None:
    """`from_pandas(frame)`, `from_dicts(rows)`, `from_numpy(array)`, ..."""
    if shape_of(op.result) is Shape.COLUMN:
        return Table(op.labels(), [op.origin(0, "data")], vector=True)
    return _positional(op, op.result)


def _positional(op: Operation, made: Any) -> Table:
    data = op.given(0, "data")
    known = None if isinstance(data, (dict, list, tuple)) or data is None else table_of(data)
    labels = label_list(made)
    if known is not None and not known.vector:
        named = _with_index(known, data)
        if set(labels) <= set(named):
            return Table(labels, [named[label] for label in labels], rows=known.rows, parts=known.parts)
        if len(known.labels) == len(labels):
            return Table(labels, known.origins, rows=known.rows)
    table = from_data(op, data, made)
    return table if table.labels == labels else Table(labels, [table.flat] * len(labels), rows=table.rows)


def _with_index(table: Table, obj: Any) -> dict[Any, ColumnOrigin]:
    """Columns by label as text, and by name the levels of pandas' row index."""
    named = {str(label): origin for label, origin in table.columns.items()}
    if shape_of(obj) is Shape.FRAME and len(obj.index.names) == len(table.index):
        named |= {
            str(name): origin for name, origin in zip(obj.index.names, table.index, strict=True) if name
        }
    return named


def _hand_over(op: Operation) -> Table | None:
    """`to_pandas()`, `to_numpy()`, `to_arrow()`: the same columns in order."""
    if shape_of(op.result) in (Shape.OTHER, Shape.GROUPED):
        return op.table
    table = op.table
    labels = op.labels()
    if len(labels) != len(table.labels):
        return Table(labels, [table.flat] * len(labels), rows=table.rows, vector=len(labels) == 1)
    vector = table.vector or shape_of(op.result) in (Shape.SERIES, Shape.COLUMN)
    return Table(labels, table.origins, rows=table.rows, vector=vector)


def _to_frame(op: Operation) -> Table:
    """`series.to_frame()`, `frame.to_struct()`, `frame.get_column(name)`, `frame[...]`."""
    table, labels = op.table, op.labels()
    target = op.target
    if shape_of(target) is Shape.SCALAR:
        return Table((None,), [_cell(op)], rows=table.rows, vector=True)
    if table.vector or op.name == "to_struct":
        parts = {labels[0]: {str(k): v for k, v in table.columns.items()}} if op.name == "to_struct" else None
        return Table(
            labels, [table.flat] * len(labels), rows=table.rows, vector=op.name == "to_struct", parts=parts
        )
    if op.name == "drop_in_place":
        kept = label_list(op.receiver)
        attach(op.receiver, table.but(labels=kept, origins=[table.get(each) or table.flat for each in kept]))
    condition = _rows_chosen(op)
    origins = [(table.get(label) or table.flat).under(condition) for label in labels]
    vector = shape_of(target) is Shape.COLUMN
    return Table(labels, origins, rows=table.rows.under(condition), vector=vector, parts=table.parts)


def _cell(op: Operation) -> ColumnOrigin:
    """`frame.item(row, column)`, `frame[row, column]`."""
    parts = op.call.args[1:]
    key = parts[0] if len(parts) == 1 and isinstance(parts[0], tuple) else parts
    column = key[-1] if key else op.call.kwargs.get("column")
    if isinstance(column, int) and len(key) > 1 and -len(op.table.origins) <= column < len(op.table.origins):
        return op.table.origins[column]
    return (op.table.get(column) if isinstance(column, str) else None) or op.table.flat


def _rows_chosen(op: Operation) -> ColumnOrigin:
    """What a mask or a list of positions came from."""
    if op.name != "__getitem__":
        return CONSTANT
    key = op.call.args[1]
    rows = key[0] if isinstance(key, tuple) else key
    if isinstance(rows, (str, int, slice, list)):
        return CONSTANT
    return origin_of(op.site.operand(rows, "key")).as_condition()


def _collect_all(op: Operation) -> None:
    """`collect_all(lazy_frames)`: each frame as its plan."""
    plans = op.given(0, "lazy_frames")
    for plan, frame in zip(plans if isinstance(plans, (list, tuple)) else (), op.result, strict=False):
        table = table_of(plan)
        if table is not None:
            attach(frame, table)


def _set_item(op: Operation) -> Table:
    """`frame[...] = values`: any column may have been stored into."""
    stored = op.site.operand(op.call.args[2], "value")
    table = op.table
    return op.shaped(
        lambda label: combined((table.get(label) or CONSTANT, origin_of(stored)), "assignment"),
        rows=table.rows,
    )


READ: Rule = _read
WRITE: Rule = _write
SINK: Rule = _sink
INIT: Rule = _init
FROM: Rule = _from
HAND_OVER: Rule = _hand_over
TO_FRAME: Rule = _to_frame
COLLECT_ALL: Rule = _collect_all
SET_ITEM: Rule = _set_item
