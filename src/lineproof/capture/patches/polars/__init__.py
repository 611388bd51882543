"""polars, eager and lazy: which calls are hooked, and which rule says where their outcome came from.

A lazy frame is followed call by call and never collected by us. A public method without a rule of its own
falls to the union of all that went in, marked superset.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.patches.polars import frames, groups, io, joins, reshape, series, sql
from lineproof.capture.patches.polars.expressions import MASKING
from lineproof.capture.provenance.attachment import Shape, attach, carried, detach, shape_of, table_of
from lineproof.capture.provenance.callsite import called_directly
from lineproof.capture.provenance.table import ColumnOrigin

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["PolarsPatch"]

_ON_FRAMES: dict[str, Rule] = {
    **frames.ON_FRAMES,
    **reshape.ON_FRAMES,
    **joins.ON_FRAMES,
    **groups.GROUPING,
    **dict.fromkeys(("to_pandas", "to_numpy", "to_arrow", "to_jax", "to_torch", "to_dict"), io.HAND_OVER),
    **dict.fromkeys(
        ("to_struct", "to_series", "get_column", "drop_in_place", "__getitem__", "item"), io.TO_FRAME
    ),
    "__setitem__": io.SET_ITEM,
    "sql": sql.FRAME_SQL,
}
# Calls that carry no data, or run the program's own functions over hooked calls.
_UNSEEN = frozenset(
    (
        "pipe", "pipe_with_schema", "collect_schema", "schema", "columns", "dtypes", "width", "height", "shape", "show",
        "explain", "serialize", "equals", "glimpse", "estimated_size", "n_chunks", "get_column_index", "is_empty",
        "show_graph", "profile", "to_init_repr", "iter_columns", "get_columns", "flags", "plot", "style", "map_batches",
        "is_sorted", "len", "chunk_lengths", "get_chunks", "new_from_index", "to_physical", "bin", "cat", "dt", "list",
        "arr", "str", "struct", "map", "ext", "name", "dtype", "has_nulls", "write_clipboard", "write_database", "describe_plan",
    )
)  # fmt: skip
_NAMESPACES = {"bin": "BinaryNameSpace", "cat": "CatNameSpace", "dt": "DateTimeNameSpace", "list": "ListNameSpace",
               "arr": "ArrayNameSpace", "str": "StringNameSpace", "struct": "StructNameSpace"}  # fmt: skip
_OPERATORS = (
    "__and__", "__rand__", "__or__", "__ror__", "__xor__", "__eq__", "__ne__", "__gt__", "__lt__", "__ge__", "__le__",
    "__add__", "__sub__", "__truediv__", "__floordiv__", "__invert__", "__mul__", "__mod__", "__rmod__", "__radd__",
    "__rsub__", "__rtruediv__", "__rfloordiv__", "__rmul__", "__pow__", "__rpow__", "__matmul__", "__neg__", "__abs__",
    "__getitem__", "__setitem__", "__array_ufunc__",
)  # fmt: skip


class PolarsPatch:
    """Observes polars 1.30 to 2.x."""

    library = "polars"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap polars' functions."""
        hooks = _Hooks(session)
        for kind in (module.DataFrame, module.LazyFrame):
            hooks.all(kind, _ON_FRAMES, frames.from_all)
            hooks.on(kind, "__init__", io.INIT)
            for name in dir(kind):
                if name.startswith("write_") and name not in _UNSEEN:
                    hooks.on(kind, name, io.WRITE)
                if name.startswith("sink_"):
                    hooks.on(kind, name, io.SINK)
        _series(hooks, module)
        _groups(hooks)
        for name in dir(module):
            if name.startswith(("read_", "scan_")) and not name.endswith(("_schema", "_metadata")):
                hooks.on(module, name, io.READ, method=False)
            if name.startswith("from_") and name != "from_epoch":
                hooks.on(module, name, io.FROM, method=False)
        hooks.on(module, "concat", joins.FUNCTIONS["concat"], method=False)
        hooks.on(module, "collect_all", io.COLLECT_ALL, method=False)
        hooks.on(module, "sql", sql.FUNCTION, method=False)
        hooks.on(module.SQLContext, "__init__", sql.CONTEXT)
        hooks.on(module.SQLContext, "execute", sql.EXECUTE)
        for name in ("register", "register_many"):
            hooks.on(module.SQLContext, name, sql.REGISTER)


class _Hooks:
    """Puts rules on functions."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def on(self, owner: Any, attribute: str, rule: Rule, *, method: bool = True) -> None:
        """Wrap one attribute; for a method, its first argument is what the rule is about."""
        name = getattr(owner, "__name__", "polars")
        self.session.instrument.wrap(
            owner,
            attribute,
            name=f"polars.{attribute}" if name == "polars" else f"polars.{name}.{attribute}",
            before=_table_before if method else None,
            after=self._after(rule, _itself if method else None),
        )

    def all(self, owner: Any, rules: Mapping[str, Rule], default: Rule) -> None:
        """Wrap what `rules` name on a class, and its other public methods by `default`."""
        for attribute in dir(owner):
            if attribute in rules:
                self.on(owner, attribute, rules[attribute])
                continue
            mine = not attribute.startswith(("_", "write_", "sink_")) and attribute not in _UNSEEN
            if mine and inspect.isfunction(inspect.getattr_static(owner, attribute)):
                self.on(owner, attribute, default)

    def _after(self, rule: Rule, subject: Callable[[Call], Any] | None) -> Callable[[Call], None]:
        session = self.session

        def after(call: Call) -> None:
            if shape_of(call.result) is Shape.SCALAR and call.name.endswith("__getitem__"):
                return  # loops read many single values; they are followed through the source
            if not called_directly():
                return  # a generator of polars at work: the program sees only what it yields
            op = Operation(call, session, subject)
            try:
                table = rule(op)
            except Exception:
                detach(op.target)  # what it carries may no longer be true
                raise
            if table is None or isinstance(table, tuple):
                return
            if op.name in MASKING and shape_of(call.args[0]) in _WHOLE:
                table = table.mapped(ColumnOrigin.masking)
            attach(op.target, table)
            op.site.note(table)

        return after


_WHOLE = (Shape.TABLE, Shape.PLAN, Shape.COLUMN)


def _itself(call: Call) -> Any:
    return call.args[0]


def _table_before(call: Call) -> Any:
    receiver = call.args[0]
    return table_of(receiver) if shape_of(receiver) is not Shape.OTHER else carried(receiver)


def _series(hooks: _Hooks, module: ModuleType) -> None:
    kind = module.Series
    for name in dir(kind):
        seen = not name.startswith("_") or name in _OPERATORS
        if name in ("to_pandas", "to_numpy", "to_arrow", "to_list"):
            hooks.on(kind, name, io.HAND_OVER)
        elif name == "to_frame":
            hooks.on(kind, name, io.TO_FRAME)
        elif seen and name not in _UNSEEN and inspect.isfunction(inspect.getattr_static(kind, name)):
            hooks.on(kind, name, series.SERIES)
        elif name in _NAMESPACES:
            hooks.on(kind, name, series.NAMESPACE)
    hooks.on(kind, "__init__", series.INIT)
    from importlib import import_module

    for accessor, place in _PLACES.items():
        owner = getattr(import_module(f"polars.series.{place}"), _NAMESPACES[accessor], None)
        for name in () if owner is None else list(vars(owner)):
            if not name.startswith("_") or name == "__getitem__":
                hooks.on(owner, name, series.SERIES)


_PLACES = {"bin": "binary", "cat": "categorical", "dt": "datetime", "list": "list", "arr": "array", "str": "string",
           "struct": "struct"}  # fmt: skip


def _groups(hooks: _Hooks) -> None:
    from polars.dataframe import group_by as eager
    from polars.lazyframe import group_by as lazy

    for kind in (eager.GroupBy, eager.DynamicGroupBy, eager.RollingGroupBy, lazy.LazyGroupBy):
        for name, rule in groups.GROUPED.items():
            if name in vars(kind):
                hooks.on(kind, name, rule)
        hooks.session.instrument.replace(kind, "__iter__", _marking)


def _marking(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Hand out groups as before, each told what it was chosen by."""

    def marked(self: Any) -> Iterator[Any]:
        for key, part in function(self):
            groups.mark(self, part)
            yield key, part

    return marked
