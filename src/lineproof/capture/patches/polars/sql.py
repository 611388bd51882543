"""SQL of polars: `pl.sql`, `frame.sql`, `SQLContext`. Taken apart by its text when somebody asks."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from lineproof.capture import queries
from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.resolve import label_list
from lineproof.capture.provenance.table import CONSTANT, Table
from lineproof.model.lineage import Precision

__all__ = ["CONTEXT", "EXECUTE", "FRAME_SQL", "FUNCTION", "REGISTER"]

_DIALECT = "duckdb"  # sqlglot has none for polars; both follow PostgreSQL
_WORD = re.compile(r"'(?:[^']|'')*'|\"((?:[^\"]|\"\")*)\"|([A-Za-z_]\w*)")
_FRAMES = frozenset((Shape.FRAME, Shape.TABLE, Shape.COLUMN, Shape.PLAN, Shape.SERIES))
_registered: weakref.WeakKeyDictionary[Any, dict[str, Any]] = weakref.WeakKeyDictionary()


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(text):
        name = match.group(1) or match.group(2)
        if name:
            yield name


def _asked(op: Operation, text: Any, frames: Mapping[str, Table]) -> Table | None:
    if not isinstance(text, str) or shape_of(op.result) not in (Shape.TABLE, Shape.PLAN):
        return None
    return queries.asked(op.session, text, frames, label_list(op.result), dialect=_DIALECT)


def _known(obj: Any) -> Table:
    """Give the table of a frame; columns of unknown origin where it has none."""
    table = table_of(obj)
    if table is not None:
        return table
    labels = label_list(obj)
    return Table(labels, [CONSTANT.at_best(Precision.UNKNOWN)] * len(labels))


def _in_scope(text: str, frame: FrameType | None) -> dict[str, Table]:
    """Find the frames that variables of the program hold under names in the text."""
    if frame is None:
        return {}
    found = {name: frame.f_locals.get(name, frame.f_globals.get(name)) for name in set(_words(text))}
    return {name: _known(obj) for name, obj in found.items() if shape_of(obj) in _FRAMES}


def _function(op: Operation) -> Table | None:
    """`polars.sql(query)`: frames by the names of the caller's variables."""
    text = op.given(0, "query")
    return _asked(op, text, _in_scope(text, op.site.frame) if isinstance(text, str) else {})


def _frame_sql(op: Operation) -> Table | None:
    """`frame.sql(query, table_name='self')`."""
    name = op.call.kwargs.get("table_name") or "self"
    return _asked(op, op.given(0, "query"), {str(name): op.table})


def _context(op: Operation) -> None:
    """`SQLContext(frames, **named_frames)`."""
    frames = op.given(0, "frames")
    named = {**(frames if isinstance(frames, Mapping) else {}), **op.call.kwargs}
    _registered[op.receiver] = {
        str(name): _known(obj) for name, obj in named.items() if shape_of(obj) in _FRAMES
    }


def _register(op: Operation) -> None:
    """`context.register(name, frame)`, `context.register_many(frames, **named_frames)`."""
    first, second = op.given(0, "name" if op.name == "register" else "frames"), op.given(1, "frame")
    named = {**first, **op.call.kwargs} if isinstance(first, Mapping) else dict(op.call.kwargs)
    if isinstance(first, str):
        named[first] = second
    frames = _registered.setdefault(op.receiver, {})
    frames |= {str(name): _known(obj) for name, obj in named.items() if shape_of(obj) in _FRAMES}


def _execute(op: Operation) -> Table | None:
    """`context.execute(query)`: frames that were registered, and those that it may have found by itself."""
    text = op.given(0, "query")
    if not isinstance(text, str):
        return None
    frames = _registered.get(op.receiver, {})
    words = {word.lower() for word in _words(text)}
    chosen = {name: table for name, table in frames.items() if name.lower() in words}
    return _asked(op, text, {**_in_scope(text, op.site.frame), **chosen})


FUNCTION: Rule = _function
FRAME_SQL: Rule = _frame_sql
CONTEXT: Rule = _context
REGISTER: Rule = _register
EXECUTE: Rule = _execute
