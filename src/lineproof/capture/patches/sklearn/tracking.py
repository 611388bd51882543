"""Following columns through what runs inside a call: steps, slices and the user's own code.

Around the outermost call of a thread stands a `Frame`. Inside it, a transformer whose input has a
table gives its output one, so that code of the user's own (a function, a class) starts from known
columns and runs with the hooks of pandas and numpy on. What was seen there takes the place of a rule.
Inputs without a table (folds of a search, validated copies) cost nothing.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lineproof.capture.instrument import heard, inside, quiet
from lineproof.capture.patches.sklearn.transforms import (
    Columns,
    Context,
    is_library_class,
    mixed,
    outputs,
)
from lineproof.capture.place import is_library
from lineproof.capture.provenance.attachment import attach, table_of
from lineproof.capture.provenance.table import ColumnOrigin, Table
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from lineproof.capture.session import Session

__all__ = ["Frame", "Tracker", "is_users_class", "result_table"]

_TRANSFORMS = frozenset(("transform", "fit_transform"))
_QUIET = "_lineproof_quiet"


class Frame:
    """What is seen during one outermost call.

    Attributes:
        label: Origin of the target of the call, when it has one.
        seen: Outputs of the user's own code, by identity of the estimator that ran it.
    """

    def __init__(self, label: ColumnOrigin | None) -> None:
        self.label = label
        self.seen: dict[int, Columns] = {}
        self.given: dict[int, Table] = {}
        self._alive: list[Any] = []  # an identity stays theirs for as long as the call lasts

    def saw(self, estimator: Any, columns: Columns) -> None:
        """Keep the outputs of an estimator."""
        self._alive.append(estimator)
        self.seen[id(estimator)] = columns


class _Current(threading.local):
    frame: Frame | None = None


class Tracker:
    """Gives tables to what passes between estimators inside one call.

    Args:
        session: Where failures are recorded; None follows nothing.
    """

    def __init__(self, session: Session | None) -> None:
        self._session = session
        self._current = _Current()

    def __reduce__(self) -> tuple[Any, ...]:
        """A class of the script that travels to another process takes nothing of the recording along."""
        return _following_nothing, ()

    @property
    def frame(self) -> Frame | None:
        """The frame of the outermost call this thread is in."""
        return self._current.frame

    def _fault(self, hook: str, error: Exception) -> None:
        if self._session is not None:
            self._session.fault(hook, error)

    def open(self, label: ColumnOrigin | None) -> Frame:
        """Begin an outermost call."""
        self._current.frame = Frame(label)
        return self._current.frame

    def close(self) -> None:
        """End it."""
        self._current.frame = None

    def follow(self, kind: type, method: str) -> Callable[[Callable[..., Any]], Callable[..., Any]] | None:
        """Give what must replace a method for its inside to be followed; None where nothing must."""
        own_code = is_users_class(kind)
        if method not in _TRANSFORMS and not own_code:
            return None

        def make(function: Callable[..., Any]) -> Callable[..., Any]:
            def followed(estimator: Any, /, *args: Any, **kwargs: Any) -> Any:
                frame = self._current.frame
                if frame is None:
                    return function(estimator, *args, **kwargs)
                table = table_of(args[0] if args else kwargs.get("X"))
                if own_code:
                    with heard():
                        result = function(estimator, *args, **kwargs)
                else:
                    if table is not None:
                        frame.given[id(estimator)] = table
                    result = function(estimator, *args, **kwargs)
                if table is not None and method in _TRANSFORMS:
                    self._observe(frame, estimator, method, table, result, own_code=own_code)
                return result

            return followed

        return make

    def _observe(
        self, frame: Frame, estimator: Any, method: str, table: Table, result: Any, *, own_code: bool
    ) -> None:
        try:
            with quiet():
                context = Context(label=frame.label, seen=frame.seen, fitting=method == "fit_transform")
                found = table_of(result) if own_code else None
                if found is not None:
                    frame.saw(estimator, found.origins)
                    return
                columns = outputs(estimator, table.origins, context)
                made = result_table(result, columns, mixed(estimator, table.origins, context), table)
                if made is not None:
                    attach(result, made)
        except Exception as error:
            self._fault(f"sklearn.{type(estimator).__name__}.{method}", error)

    def follow_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Replace `FunctionTransformer._transform`: the user's function starts from known columns."""

        def transformed(estimator: Any, X: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803 - its name there
            frame = self._current.frame
            if frame is None:
                return function(estimator, X, *args, **kwargs)
            self._give(frame, estimator, X)
            with heard():
                result = function(estimator, X, *args, **kwargs)
            found = table_of(result)
            if found is not None and table_of(X) is not None:
                frame.saw(estimator, found.origins)
            return result

        return transformed

    def _give(self, frame: Frame, estimator: Any, x: Any) -> None:
        """Give a validated copy of the input the table of the input."""
        given = frame.given.get(id(estimator))
        if given is None or table_of(x) is not None:
            return
        made = result_table(x, given.origins, None, given)
        if made is not None:
            attach(x, made)

    def follow_slices(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Replace `_safe_indexing` where `ColumnTransformer` cuts its input into columns."""

        def sliced(X: Any, indices: Any, *args: Any, axis: int = 0, **kwargs: Any) -> Any:  # noqa: N803 - its name there
            result = function(X, indices, *args, axis=axis, **kwargs)
            if self._current.frame is None or axis != 1:
                return result
            try:
                with quiet():
                    self._slice(X, indices, result)
            except Exception as error:
                self._fault("sklearn.ColumnTransformer", error)
            return result

        return sliced

    def _slice(self, x: Any, indices: Any, result: Any) -> None:
        table = table_of(x)
        if table is None:
            return
        find = sys.modules["sklearn.utils._indexing"]._get_column_indices
        positions = find(x, indices)
        vector = getattr(result, "ndim", 2) == 1
        attach(result, table.take(positions).but(vector=vector))

    @staticmethod
    def hush(function: Callable[..., Any]) -> Callable[..., Any]:
        """Replace `_FuncWrapper.__init__`: work that a hooked call hands to other threads is its own."""

        def created(task: Any, *args: Any, **kwargs: Any) -> None:
            function(task, *args, **kwargs)
            if inside():
                setattr(task, _QUIET, True)

        return created

    @staticmethod
    def hushed(function: Callable[..., Any]) -> Callable[..., Any]:
        """Replace `_FuncWrapper.__call__` likewise."""

        def called(task: Any, *args: Any, **kwargs: Any) -> Any:
            if getattr(task, _QUIET, False):
                with quiet():
                    return function(task, *args, **kwargs)
            return function(task, *args, **kwargs)

        return called


def _following_nothing() -> Tracker:
    return Tracker(None)


def is_users_class(kind: type) -> bool:
    """Whether a class belongs to the recorded program and not to an installed library."""
    if is_library_class(kind):
        return False
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return path is None or not is_library(path)


def result_table(
    result: Any, columns: Columns | None, otherwise: ColumnOrigin | None, source: Table
) -> Table | None:
    """Make the table of a result.

    Args:
        result: Frame, array or sparse matrix.
        columns: Origins of its columns; None when their number was not known.
        otherwise: Origin of each column when `columns` do not fit.
        source: Table of the input, whose rows the result has.
    """
    shape = getattr(result, "shape", None)
    if not isinstance(shape, tuple) or not shape:
        return None
    width = int(shape[1]) if len(shape) > 1 else 1
    if columns is None or len(columns) != width:
        if otherwise is None:
            return None
        lost = columns is not None
        columns = (otherwise.at_best(Precision.SUPERSET) if lost else otherwise,) * width
    labels = tuple(result.columns) if hasattr(result, "columns") else tuple(range(width))
    return Table(labels, columns, index=source.index, rows=source.rows, vector=len(shape) == 1)
