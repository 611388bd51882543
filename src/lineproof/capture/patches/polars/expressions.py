"""Where the columns that polars expressions make come from.

An expression is put on a frame without rows of the same schema. Polars then resolves selectors, regular
expressions and names itself, and its plan is read node by node; nothing is computed and no value of the
program is copied. A function of the program inside an expression cannot be read so: what it is given is
known by the names of its root columns, and is called a superset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.model.lineage import Precision

__all__ = ["MASKING", "Column", "Reading", "empty", "grouped", "read", "selected"]

Fields = Mapping[str, ColumnOrigin]


class Column(NamedTuple):
    """A column that an expression makes."""

    name: str
    origin: ColumnOrigin
    fields: Fields | None = None  # of a record: the origin of each of its fields


class Reading(NamedTuple):
    """What expressions make, and whether a literal or a function of the program is part of them."""

    columns: list[Column]
    outside: bool


MASKING = frozenset(("count", "hash", "n_unique", "approx_n_unique", "hash_rows", "len"))
_RULE = "expression"
_EACH: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # what flows, what only decides
    "Ternary": (("truthy", "falsy"), ("predicate",)),
    "Filter": (("input",), ("by",)),
    "SortBy": (("expr",), ("by",)),
    "Gather": (("expr",), ("idx",)),
    "Slice": (("input",), ("offset", "length")),
    "Window": (("function",), ("partition_by", "order_by")),
    "Rolling": (("function",), ("index_column",)),
    "BinaryExpr": (("left", "right"), ()),
    "Cast": (("expr",), ()),
    "Explode": (("expr",), ()),
    "Sort": (("expr",), ()),
    "Agg": (("arguments",), ()),
    "Function": (("input",), ()),
    "Alias": (("expr",), ()),
}
# Functions whose further inputs only decide which values are taken, and how often.
_DECIDING = frozenset(("top_k_by", "max_by", "min_by", "repeat_by", "arg_sort_by", "sample"))


class _Walk:
    """Reads the expressions of one node of a plan."""

    def __init__(self, plan: Any, table: Table) -> None:
        self._plan = plan
        self._table = table
        self.outside = False

    def origin(self, at: int) -> ColumnOrigin:
        """Give where the values of an expression come from.

        Raises:
            NotImplementedError: It holds a function of the program.
            KeyError: It is of a kind that this version does not know, or shared with another.
        """
        node = self._plan.view_expression(at)
        kind = type(node).__name__
        if kind == "Column":
            found = self._table.get(node.name)
            if found is None:
                raise KeyError(node.name)  # a name that the plan made up
            return found
        if kind in ("Literal", "Len"):
            self.outside = self.outside or kind == "Literal"
            return CONSTANT
        flowing, deciding = _EACH[kind]
        inputs = [each for name in flowing for each in _ids(getattr(node, name))]
        conditions = [each for name in deciding for each in _ids(getattr(node, name))]
        if kind == "Function":
            field = self._field(node, inputs)
            if field is not None:
                return field
            if _says_which(node.function_data[0]):
                inputs, conditions = inputs[:1], inputs[1:]
        found = combined([self.origin(each) for each in inputs], _RULE)
        if _masks(kind, node):
            found = found.masking()
        return found.under(combined([self.origin(each) for each in conditions], _RULE))

    def fields(self, at: int) -> Fields | None:
        """Give the fields of a record; None for anything else."""
        node = self._plan.view_expression(at)
        if type(node).__name__ == "Column":
            return (self._table.parts or {}).get(node.name)
        if type(node).__name__ != "Function" or node.function_data[0] != "as_struct":
            return None
        return dict(zip(self._names(at), [self.origin(each) for each in node.input], strict=True))

    def _names(self, at: int) -> list[str]:
        return [field.name for field in self._plan.get_dtype(at).fields]

    def _field(self, node: Any, inputs: list[int]) -> ColumnOrigin | None:
        """`struct.field(name)`: that field alone, where the record is known by its fields."""
        data = node.function_data
        if not str(data[0]).endswith("FieldByName"):
            return None
        fields = self.fields(inputs[0])
        return None if fields is None else fields.get(data[1])


def _ids(given: Any) -> Iterable[int]:
    if given is None:
        return ()
    return (given,) if isinstance(given, int) else tuple(each for each in given if isinstance(each, int))


def _masks(kind: str, node: Any) -> bool:
    if kind == "Agg":
        return str(node.name) in MASKING
    return kind == "Function" and str(node.function_data[0]) in MASKING


def _says_which(function: Any) -> bool:
    name = str(function)
    return name in _DECIDING or (name.startswith("RollingFunctionBy.") and name.endswith("By"))


def empty(frame: Any) -> Any:
    """Give a lazy frame with the columns of a frame and no rows; nothing is computed for it."""
    from polars import LazyFrame

    if isinstance(frame, LazyFrame):
        return LazyFrame(schema=dict(frame.collect_schema()))
    return frame.clear().lazy()


def selected(frame: Any, table: Table, expressions: Sequence[Any], named: Mapping[str, Any]) -> Reading:
    """Read what `frame.select(*expressions, **named)` makes.

    Args:
        frame: `empty` of it.
        table: Where they come from.
        expressions: Positional arguments of polars, in all forms that it takes.
        named: Expressions by the name of what they make.
    """
    return _each(frame, table, _flat(expressions), named, lambda frame, each, by: frame.select(*each, **by))


def grouped(
    schema: Mapping[str, Any],
    table: Table,
    group: Callable[[Any], Any],
    expressions: Sequence[Any],
    named: Mapping[str, Any],
) -> Reading:
    """Read what `agg(*expressions, **named)` makes of a grouping, the keys left out.

    Args:
        group: Groups a frame of the schema as the program did.
        schema: Names and types of the frame's columns.
        table: Where they come from.
        expressions: As for `selected`.
        named: As for `selected`.
    """
    from polars import LazyFrame

    frame = LazyFrame(schema=dict(schema))
    return _each(
        frame, table, _flat(expressions), named, lambda frame, each, by: group(frame).agg(*each, **by)
    )


def _flat(given: Sequence[Any]) -> list[Any]:
    """Take lists of expressions apart. What can be used up, the program has used up: it names nothing."""
    found: list[Any] = []
    for each in given:
        found += list(each) if isinstance(each, (list, tuple)) else [each]
    return [each for each in found if isinstance(each, (str, bool, int, float)) or hasattr(each, "meta")]


_Make = Callable[[Any, Sequence[Any], Mapping[str, Any]], Any]


def _each(frame: Any, table: Table, expressions: list[Any], named: Mapping[str, Any], make: _Make) -> Reading:
    if not expressions and not named:
        return Reading([], outside=False)
    try:
        return read(make(frame, expressions, named), table)
    except Exception:  # a function of the program in one of them, or a kind of expression that is new
        parts = [_one(table, each, partial(make, frame, [each], {})) for each in expressions]
        parts += [
            _one(table, each, partial(make, frame, [], {name: each}), name) for name, each in named.items()
        ]
        return Reading(
            [column for part in parts for column in part.columns], any(part.outside for part in parts)
        )


def _one(table: Table, expression: Any, plan: Callable[[], Any], name: str | None = None) -> Reading:
    try:
        return read(plan(), table)
    except Exception:
        return Reading(_by_roots(table, expression, plan, name), outside=True)


def _by_roots(table: Table, expression: Any, plan: Callable[[], Any], name: str | None) -> list[Column]:
    """Take all root columns for flowing in; all columns of the frame where the roots are not names."""
    roots = [] if isinstance(expression, str) else list(expression.meta.root_names())
    several = isinstance(expression, str) or expression.meta.has_multiple_outputs()
    try:
        names = [each for each in plan().collect_schema().names() if name is None or each == name]
    except Exception:
        names = [name] if name is not None else []
    if several or not roots:
        roots = list(table.labels)
        if len(names) > 1 and set(names) <= set(roots):  # one function over many columns, each by itself
            return [Column(each, _superset([table.get(each)])) for each in names]
    found = _superset([table.get(root) for root in roots])
    return [Column(each, found) for each in (names[-1:] if not several else names)]


def _superset(origins: Iterable[ColumnOrigin | None]) -> ColumnOrigin:
    return combined(
        [each for each in origins if each is not None], "function of the program", Precision.SUPERSET
    )


def read(lazy: Any, table: Table) -> Reading:
    """Read the last step of a plan: what it makes of the columns of `table`.

    Raises:
        Exception: The plan is of a form that is not known, or holds functions of the program.
    """
    plan = _plain(lazy).visit()
    node = plan.view_current_node()
    expressions = getattr(node, "aggs", None)
    if expressions is None:
        expressions = getattr(node, "expr", None)
    if expressions is None:
        expressions = getattr(node, "exprs", None)
    if expressions is None:  # chosen by name alone
        return Reading([_same(table, name) for name in plan.get_schema()], outside=False)
    plan.set_node(plan.get_inputs()[0])  # types are asked of what goes in
    walk = _Walk(plan, table)
    columns = [
        Column(each.output_name, walk.origin(each.node), walk.fields(each.node)) for each in expressions
    ]
    return Reading(columns, walk.outside)


def _plain(lazy: Any) -> Any:
    """Keep parts that expressions share where they are used: each is read by itself."""
    try:
        from polars import QueryOptFlags

        return lazy._ldf.with_optimizations(QueryOptFlags(comm_subexpr_elim=False)._pyoptflags)
    except (ImportError, AttributeError, TypeError):  # an earlier polars; shared parts are then not found
        return lazy._ldf


def _same(table: Table, name: str) -> Column:
    return Column(name, table.get(name) or CONSTANT, (table.parts or {}).get(name))
