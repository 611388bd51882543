"""pandas: which calls are hooked, and which rule says where their outcome came from.

A public method without a rule of its own falls to the union of all that went in, marked superset.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.pandas import (
    accessors,
    apply,
    arithmetic,
    assignment,
    columns,
    concat,
    construct,
    encode,
    expression,
    group,
    group_apply,
    indexing,
    io,
    join,
    reduce,
    reshape,
    rows,
    window,
)
from lineproof.capture.patches.pandas.masking import MASKING, with_masking
from lineproof.capture.patches.pandas.operation import Operation, Rule, Subject
from lineproof.capture.patches.pandas.union import union
from lineproof.capture.provenance.attachment import Shape, attach, detach, shape_of, table_of
from lineproof.capture.provenance.unfollowed import Unfollowed

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["PandasPatch"]

_ON_BOTH = {**columns.ON_BOTH, **rows.ON_BOTH, **reduce.ON_BOTH, **reshape.ON_BOTH, **arithmetic.METHODS}
_ON_FRAME = {
    **_ON_BOTH, **columns.ON_FRAME, **rows.ON_FRAME, **join.ON_FRAME, **reshape.ON_FRAME,
    "__getitem__": indexing.FRAME_GETITEM,
    "__setitem__": assignment.FRAME_SETITEM,
    "__delitem__": assignment.DELETE,
    "insert": assignment.INSERT,
    "pop": assignment.POP,
    "apply": apply.FRAME_APPLY,
    "groupby": group.GROUPBY,
    "resample": group.RESAMPLE,
    "rolling": window.WINDOW,
    "expanding": window.WINDOW,
    "ewm": window.WINDOW,
    "values": columns.columnwise,
    "_set_axis": assignment.SET_AXIS,
    "_arith_method": arithmetic.OPERATOR,
    "_cmp_method": arithmetic.OPERATOR,
    "_logical_method": arithmetic.OPERATOR,
    "_inplace_method": arithmetic.OPERATOR,
    "__array_ufunc__": arithmetic.UFUNC,
}  # fmt: skip
_ON_SERIES = {
    **_ON_FRAME, **_ON_BOTH, "align": join.ON_FRAME["align"], **columns.ON_SERIES, **rows.ON_SERIES,
    "__setitem__": assignment.SERIES_SETITEM,
    "_get_rows_with_mask": indexing.SERIES_MASKED,
    "_getitem_slice": indexing.SERIES_MASKED,
    "apply": apply.SERIES_APPLY,
}  # fmt: skip
for _name in ("__getitem__", "insert", "set_index", "join", "merge"):
    _ON_SERIES.pop(_name)
_FUNCTIONS: dict[str, Rule] = {
    **join.FUNCTIONS,
    **concat.FUNCTIONS,
    **reshape.FUNCTIONS,
    **encode.FUNCTIONS,
}
# Calls that run the program's own functions over hooked calls, or that carry no data.
_UNSEEN = frozenset(
    (
        "assign", "pipe", "plot", "hist", "boxplot", "info", "equals", "keys", "style", "at", "iat", "loc", "iloc",
        "str", "dt", "cat", "sparse", "list", "struct", "attrs", "flags", "isetitem", "bool", "empty", "get",
    )
)  # fmt: skip


# Every call counts where data enters and leaves.
_BORDERS = frozenset((io.READ, io.READ_CHUNK, io.READ_SQL, io.WRITE))
_CHANGING = frozenset(("pop", "__setitem__", "__delitem__", "insert", "__init__", "_set_axis", "update"))


class PandasPatch:
    """Observes pandas 2.2 to 3.x."""

    library = "pandas"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap pandas' functions."""
        hooks = _Hooks(session)
        _frames(hooks, module)
        _indexers(hooks, module)
        _accessors(hooks)
        _grouped(hooks)
        _functions(hooks, module)


class _Hooks:
    """Puts rules on functions."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def on(
        self,
        owner: Any,
        attribute: str,
        rule: Rule,
        *,
        subject: Subject | None = None,
        prepare: Callable[[Call], None] | None = None,
        numbers: bool = True,
    ) -> None:
        """Wrap one attribute.

        Args:
            owner: Module or class.
            attribute: Its attribute.
            rule: Says where the outcome came from.
            subject: Finds the object whose table is meant; None for functions without a receiver.
            prepare: May change the arguments before the call.
            numbers: Whether a single number that comes out is of interest. Loops read many of them, and
                they are followed through the source anyway.
        """
        name = getattr(owner, "__name__", "pandas")
        self.session.instrument.wrap(
            owner,
            attribute,
            name=f"pandas.{attribute}" if name == "pandas" else f"pandas.{name}.{attribute}",
            before=None if subject is None else _table_before(subject, prepare),
            after=self._after(rule, subject, numbers=numbers),
            light=None if rule in _BORDERS else Unfollowed(subject, changes=attribute in _CHANGING),
        )

    def all(self, owner: Any, rules: Mapping[str, Rule], *, subject: Subject, default: Rule | None) -> None:
        """Wrap all that `rules` name on a class, and its other public methods by `default`."""
        for attribute, rule in rules.items():
            self.on(owner, attribute, rule, subject=subject)
        if default is None:
            return
        for attribute in dir(owner):
            if attribute.startswith("_") or attribute in rules or attribute in _UNSEEN:
                continue
            if inspect.isfunction(inspect.getattr_static(owner, attribute)):
                self.on(owner, attribute, default, subject=subject)

    def _after(self, rule: Rule, subject: Subject | None, *, numbers: bool) -> Callable[[Call], None]:
        session = self.session

        def after(call: Call) -> None:
            if not numbers and shape_of(call.result) is Shape.SCALAR:
                return
            op = Operation(call, session, subject)
            try:
                table = rule(op)
            except Exception:
                detach(op.target)  # what it carries may no longer be true
                raise
            if table is None:
                return
            if op.name in MASKING and not isinstance(table, tuple):
                table = with_masking(op, table)
            if isinstance(table, tuple):
                for part, its in zip(call.result, table, strict=True):
                    attach(part, its)
                return
            if isinstance(call.result, tuple):
                for part in call.result:
                    attach(part, table)
            else:
                attach(op.target, table)
            people = sys.modules.get("lineproof.capture.people")  # imported by the first declaration
            if people is not None:
                people.follow(op)
            if op.name != "__array__":  # numpy's functions call it on the way: theirs is the result
                op.site.note(table)

        return after


def _table_before(subject: Subject, prepare: Callable[[Call], None] | None) -> Callable[[Call], Any]:
    def before(call: Call) -> Any:
        if prepare is not None:
            prepare(call)
        return table_of(subject(call))

    return before


def _itself(call: Call) -> Any:
    return call.args[0]


def _behind_indexer(call: Call) -> Any:
    return call.args[0].obj


def _behind_selector(call: Call) -> Any:
    return call.args[0].groupby_object


def _frames(hooks: _Hooks, pandas: ModuleType) -> None:
    for name, rule in (("query", expression.QUERY), ("eval", expression.EVAL)):
        hooks.on(pandas.DataFrame, name, rule, subject=_itself)
        hooks.session.instrument.replace(pandas.DataFrame, name, expression.levels_deeper)
    for kind, rules in ((pandas.DataFrame, _ON_FRAME), (pandas.Series, _ON_SERIES)):
        for name in _WRITERS:
            hooks.on(kind, name, io.WRITE, subject=_itself)
        hooks.on(kind, "to_sql", io.TO_SQL, subject=_itself)
        hooks.all(kind, rules, subject=_itself, default=union)
    hooks.on(pandas.DataFrame, "__init__", construct.INIT_FRAME, subject=_itself)
    hooks.on(pandas.Series, "__init__", construct.INIT_SERIES, subject=_itself)
    for name in ("from_dict", "from_records"):
        hooks.on(pandas.DataFrame, name, construct.FROM, subject=_itself)


_WRITERS = frozenset(
    (
        "to_csv",
        "to_json",
        "to_parquet",
        "to_pickle",
        "to_feather",
        "to_excel",
        "to_hdf",
        "to_stata",
        "to_orc",
        "to_xml",
        "to_html",
        "to_latex",
    )
)


def _indexers(hooks: _Hooks, pandas: ModuleType) -> None:
    from pandas.core import indexing as places

    del pandas
    location, scalar = places._LocationIndexer, places._ScalarAccessIndexer
    hooks.on(location, "__getitem__", indexing.LOCATION_GETITEM, subject=_behind_indexer, numbers=False)
    hooks.on(location, "__setitem__", assignment.LOCATION_SETITEM, subject=_behind_indexer)
    for kind in (scalar, places._AtIndexer, places._iAtIndexer):
        if "__setitem__" in vars(kind):
            hooks.on(kind, "__setitem__", assignment.SCALAR_SETITEM, subject=_behind_indexer)


def _accessors(hooks: _Hooks) -> None:
    from pandas.core.arrays.categorical import CategoricalAccessor
    from pandas.core.arrays.sparse.accessor import SparseFrameAccessor
    from pandas.core.indexes import accessors as places
    from pandas.core.strings.accessor import StringMethods

    hooks.on(SparseFrameAccessor, "from_spmatrix", construct.FROM, subject=_itself)
    hooks.on(SparseFrameAccessor, "to_dense", columns.same, subject=accessors.behind)
    for kind in (StringMethods, CategoricalAccessor, places.Properties, places.ArrowTemporalProperties):
        for name in ("_delegate_property_get", "_delegate_method"):
            if name in vars(kind):
                hooks.on(kind, name, accessors.DELEGATE, subject=accessors.behind)
    for kind in (StringMethods, CategoricalAccessor, places.DatetimeProperties, places.TimedeltaProperties):
        for name, raw in list(vars(kind).items()):
            if not name.startswith("_") and (inspect.isfunction(raw) or name == "codes"):
                hooks.on(kind, name, accessors.ACCESSOR, subject=accessors.behind)
        hooks.on(kind, "__getitem__", accessors.ACCESSOR, subject=accessors.behind)


def _grouped(hooks: _Hooks) -> None:
    from pandas.core.groupby.generic import DataFrameGroupBy, SeriesGroupBy
    from pandas.core.groupby.indexing import GroupByNthSelector
    from pandas.core.resample import Resampler
    from pandas.core.window.ewm import ExponentialMovingWindow
    from pandas.core.window.expanding import Expanding
    from pandas.core.window.rolling import Rolling, Window

    for kind in (DataFrameGroupBy, SeriesGroupBy, Resampler):
        hooks.all(kind, group.GROUPED, subject=_itself, default=None)
        hooks.on(kind, "apply", group_apply.GROUPED_APPLY, subject=_itself, prepare=group_apply.watch)
    for name in ("__call__", "__getitem__"):
        hooks.on(GroupByNthSelector, name, group.NTH, subject=_behind_selector)
    for kind in (Rolling, Window, Expanding, ExponentialMovingWindow):
        hooks.all(kind, window.WINDOWED, subject=_itself, default=None)


def _functions(hooks: _Hooks, pandas: ModuleType) -> None:
    for name in dir(pandas):
        if not name.startswith("read_"):
            continue
        hooks.on(pandas, name, io.READ_SQL if name.startswith("read_sql") else io.READ)
    for name, rule in _FUNCTIONS.items():
        hooks.on(pandas, name, rule)
    hooks.on(pandas, "eval", expression.PANDAS_EVAL)
    hooks.session.instrument.replace(pandas, "eval", expression.levels_deeper)
    from pandas.io.parsers.readers import TextFileReader

    hooks.on(TextFileReader, "read", io.READ_CHUNK)
