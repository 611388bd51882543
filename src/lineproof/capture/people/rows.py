"""Which rows of a declared frame an object has, as long as that is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.fitted import Beside
from lineproof.capture.people.declared import Declared, declared
from lineproof.capture.provenance.attachment import Shape, shape_of

if TYPE_CHECKING:
    from lineproof.capture.patches.pandas.operation import Operation

__all__ = ["follow", "inherit", "mark", "positions_of", "same_rows"]

# Calls whose result has some rows of the object they are made on, under the labels those had. What leaves
# the labels as they are, the very same object, needs no naming here.
_SELECT = frozenset(
    (
        "__getitem__", "_get_rows_with_mask", "_getitem_slice", "query", "head", "tail", "sample", "sort_values",
        "sort_index", "dropna", "drop", "drop_duplicates", "nlargest", "nsmallest", "truncate", "take",
        "between_time", "at_time",
    )
)  # fmt: skip
_SAMPLE_ARGUMENTS = 7  # of `sample` by position, before the one that makes new labels
_AS_ARRAY = frozenset(("to_numpy", "values", "__array__", "array"))
_TABLES = (Shape.FRAME, Shape.SERIES)


class _Rows(msgspec.Struct, frozen=True):
    """Rows of a declared frame.

    Attributes:
        people: The declaration.
        index: Labels of the rows, and the very object that the marked frame had: a frame that was given
            other labels since is not trusted.
    """

    people: Declared
    index: Any


_rows: Beside[_Rows] = Beside()


def mark(frame: Any, people: Declared) -> None:
    """Say that a frame has the rows of a declaration."""
    if people.index is not None:
        _rows.set(frame, _Rows(people, frame.index))


def _known(obj: Any) -> _Rows | None:
    found = _rows.get(obj)
    if found is None or shape_of(obj) is Shape.ARRAY:
        return found
    return found if obj.index.is_(found.index) else None


def follow(op: Operation) -> None:
    """Pass on whose rows the result of a call of pandas has."""
    if not declared():
        return
    receiver, result = op.receiver, op.result
    known = None if receiver is None or shape_of(receiver) not in _TABLES else _known(receiver)
    if known is None or result is None:
        return
    if shape_of(result) in _TABLES:
        if result.index.is_(known.index) or _keeps_labels(op, receiver, result):
            _rows.set(result, _Rows(known.people, result.index))
    elif shape_of(result) is Shape.ARRAY and op.name in _AS_ARRAY:
        _rows.set(result, known)


def _keeps_labels(op: Operation, receiver: Any, result: Any) -> bool:
    """Whether the labels of a result still name rows of the object the call was made on.

    New labels name other rows than they seem to, and a row that is taken out has the columns as labels.
    """
    call = op.call
    if op.name not in _SELECT or call.kwargs.get("ignore_index"):
        return False
    if op.name == "sample" and len(call.args) > _SAMPLE_ARGUMENTS:
        return False
    if shape_of(result) is shape_of(receiver):
        return True
    return len(result) > len(receiver.columns) or not receiver.columns.isin(result.index).any()


def inherit(whole: Any, part: Any) -> None:
    """Pass on whose rows a part cut out by row has; arrays carry no labels by which to tell."""
    if declared() and shape_of(whole) in _TABLES and shape_of(part) in _TABLES:
        known = _known(whole)
        if known is not None:
            _rows.set(part, _Rows(known.people, part.index))


def same_rows(source: Any, result: Any) -> None:
    """Pass on whose rows the result of a call has that gives one row for each."""
    if not declared():
        return
    known = _known(source)
    shape = getattr(result, "shape", None)
    if known is None or not shape or shape[0] != len(known.index):
        return
    if not hasattr(result, "iloc"):
        _rows.set(result, known)
    elif result.index.equals(known.index):
        _rows.set(result, _Rows(known.people, result.index))


def positions_of(obj: Any) -> tuple[Declared, Any] | None:
    """Give the declaration whose rows an object has, and which; None where that is not certain."""
    known = _known(obj)
    if known is None or known.people.index is None:
        return None
    if known.index is known.people.index:
        return known.people, None
    found = known.people.index.get_indexer(known.index)
    return None if (found < 0).any() else (known.people, found)
