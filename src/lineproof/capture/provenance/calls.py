"""What a call that no hook saw gives back, read from the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lineproof.capture.provenance.functions import applied, returned
from lineproof.capture.provenance.masking import masked, masks_by_name
from lineproof.capture.provenance.parts import item_of
from lineproof.capture.provenance.table import CONSTANT, Table, combined
from lineproof.capture.provenance.values import (
    HANDED_ON,
    NOTHING_KNOWN,
    OPAQUE,
    Fields,
    Flat,
    Many,
    Tabular,
    Value,
    element_of,
    elementwise,
    groups,
    keys_of,
    merged,
    of_rows,
    origin_of,
    row_of,
    under,
)

if TYPE_CHECKING:
    from lineproof.capture.provenance.evaluate import Evaluation

__all__ = ["call_value", "reshapes"]

_RULE = "source text"
# Methods of frames that hand out rows or columns as plain Python objects.
_RESHAPING = frozenset(
    (
        "iterrows",
        "itertuples",
        "to_dict",
        "items",
        "tolist",
        "to_list",
        "to_records",
        "groupby",
        "resample",
        "iter_rows",
        "rows",
        "row",
        "to_dicts",
        "to_pylist",
        "to_pydict",
        "group_by",
    )
)
_GROUPING = frozenset(("groupby", "group_by", "resample"))
_SAME = frozenset(
    (
        "list",
        "tuple",
        "sorted",
        "reversed",
        "iter",
        "set",
        "frozenset",
        "next",
        "deque",
        "array",
        "asarray",
        "asdict",
    )
)
_ROWS_ONLY = frozenset(("len", "range", "isinstance", "print", "type", "id", "hasattr", "callable"))
# What comes from outside the program: no column is known, and more sources may exist.
_READERS = frozenset(
    (
        "open", "load", "loads", "read", "read_text", "read_bytes", "readline", "readlines", "urlopen", "recv",
        "fetchall", "fetchone", "fetchmany", "execute", "input", "loadtxt", "genfromtxt", "fromfile", "getenv",
    )
)  # fmt: skip


def reshapes(node: ast.Call) -> bool:
    """Whether the call takes a frame apart in a way that a table does not show."""
    return isinstance(node.func, ast.Attribute) and node.func.attr in _RESHAPING


def call_value(evaluation: Evaluation, node: ast.Call, *, now: bool) -> Value:
    """Give the value of a call."""
    found = _called(evaluation, node, now=now)
    return masked(found) if masks_by_name(node) else found


def _called(evaluation: Evaluation, node: ast.Call, *, now: bool) -> Value:
    given = [evaluation.value(each, now=now) for each in node.args]
    named = {each.arg: evaluation.value(each.value, now=now) for each in node.keywords}
    match node.func:
        case ast.Name(id=name):
            return _function(evaluation, node, name, given, named)
        case ast.Attribute():
            return _method(evaluation, node, node.func, given, named, now=now)
    return _union([evaluation.value(node.func, now=now), *given, *named.values()])


def _union(values: list[Value]) -> Value:
    return Flat(combined((origin_of(each) for each in values), _RULE))


def _function(
    evaluation: Evaluation, node: ast.Call, name: str, given: list[Value], named: dict[str | None, Value]
) -> Value:
    everything = [*given, *named.values()]
    match name:
        case "zip":
            return Many(Fields({at: element_of(each) for at, each in enumerate(given)}))
        case "enumerate" if given:
            return Many(Fields({0: NOTHING_KNOWN, 1: element_of(given[0])}))
        case "dict" if not given:
            return Fields(dict(named))
        case "dict" if not named:
            return _dict(given[0])
        case "map" | "filter" if len(given) > 1:
            return _mapped(evaluation, node, name, given)
    if name == "sorted" and given:
        return under(given[0], origin_of(given[0]))
    if name in _SAME and len(given) == 1:
        mapping = isinstance(given[0], Fields) and given[0].keys is not CONSTANT
        return Many(element_of(given[0])) if mapping else given[0]
    if name in _ROWS_ONLY:
        return _row_count(given, counts=name in ("len", "range"))
    called = evaluation.object(name)
    found = returned(evaluation, called, given, named)
    if found is not None:
        return found
    if isinstance(called, type) and everything:
        return _record(called, given, named)
    return _outside(name, called, everything)


def _dict(given: Value) -> Value:
    """`dict(series)` has its index as keys, `dict(frame)` its columns."""
    if isinstance(given, Fields) and given.keys is not CONSTANT:
        return given
    if isinstance(given, Tabular):
        return _to_dict(given, []) or given
    return Flat(origin_of(given))


def _record(kind: type, given: list[Value], named: dict[str | None, Value]) -> Value:
    """An instance of a class of the program: parts by the names of what its constructor was given."""
    names: tuple[str, ...] = getattr(kind, "_fields", None) or getattr(kind, "__match_args__", None) or ()
    if len(names) < len(given):
        return Flat(combined((origin_of(each) for each in (*given, *named.values())), _RULE))
    parts: dict[Any, Value] = {**dict(zip(names, given, strict=False)), **named}
    return Fields(parts)


def _row_count(given: list[Value], *, counts: bool) -> Value:
    """How many there are depends on what chose them; of one value, the length does on the value."""
    rows = [each.table.rows.as_condition() for each in given if isinstance(each, Tabular)]
    if counts:
        rows += [origin_of(each).only_conditions() for each in given if isinstance(each, Many)]
        within = [part for each in given if isinstance(each, Fields) for part in each.parts.values()]
        rows += [part.table.rows.as_condition() for part in within if isinstance(part, Tabular)]
        rows += [each.origin for each in given if isinstance(each, Flat)]
    return Flat(combined(rows, _RULE))


def _outside(name: str, called: Any, values: list[Value]) -> Value:
    """Give the value of a call that cannot be read.

    What went in may be in what comes out. If nothing went in, the call may still have brought data from
    elsewhere, unless its library is known to compute only.
    """
    origin = combined((origin_of(each) for each in values), _RULE)
    fetches = name in _READERS or name.startswith(_FETCHING) or not _only_computes(called)
    return OPAQUE if origin is CONSTANT and fetches else Flat(origin)


def _only_computes(called: Any) -> bool:
    if called is None or isinstance(called, type):
        return True  # a method: what made its object has been judged; a class: it holds what it was given
    owner = getattr(called, "__module__", None) or type(called).__module__
    root = owner.partition(".")[0] if isinstance(owner, str) else "builtins"
    return root in _COMPUTE or (root in sys.stdlib_module_names and root not in _FETCH)


_COMPUTE = frozenset(
    (
        "numpy",
        "pandas",
        "polars",
        "pyarrow",
        "scipy",
        "sklearn",
        "joblib",
        "pytz",
        "dateutil",
        "sqlalchemy",
        "psycopg",
        "__main__",
    )
)
_FETCHING = ("load_", "fetch_", "read_", "scan_", "download", "query", "sql", "get_data")
_FETCH = frozenset(("sqlite3", "urllib", "http", "socket", "ftplib", "shelve", "dbm", "subprocess", "csv"))


def _mapped(evaluation: Evaluation, node: ast.Call, name: str, given: list[Value]) -> Value:
    elements = [element_of(each) for each in given[1:]]
    function = node.args[0]
    if isinstance(function, ast.Lambda):
        result = applied(evaluation, function, elements)
    else:
        called = evaluation.object(function.id) if isinstance(function, ast.Name) else None
        result = returned(evaluation, called, elements, {}) or _union(elements)
    if name == "filter":
        return Many(under(elements[0], origin_of(result)))
    return Many(result)


def _method(
    evaluation: Evaluation,
    node: ast.Call,
    function: ast.Attribute,
    given: list[Value],
    named: dict[str | None, Value],
    *,
    now: bool,
) -> Value:
    method = function.attr
    if method in _GROUPING:
        table = evaluation.returned(node, now=now)
        if table is not None:
            return groups(table)
    table = evaluation.returned(node, now=now) if method in _RESHAPING else None
    owner: Value = Tabular(table, table.vector) if table else evaluation.value(function.value, now=now)
    if method == "itertuples" and isinstance(owner, Tabular) and _without_index(node):
        return Many(row_of(owner.table))
    if method == "to_dict" and isinstance(owner, Tabular) and not _of_rows(node):
        owner = Tabular(_with_keys(owner.table), owner.vector)
    if isinstance(owner, Many) and isinstance(owner.element, Fields) and method in _OF_RESULTS:
        return of_rows(owner.element, method)
    taken = _TAKEN_APART.get(method)
    if taken is not None:
        found = taken(owner, given)
        if found is not None:
            return found
    everything = [owner, *given, *named.values()]
    if method in _PASSING and len(given) >= 1 and origin_of(owner) is CONSTANT:
        return given[0]
    if method == "get_level_values" and isinstance(owner, Tabular) and node.args:
        return item_of(owner, node.args[0])
    if method in _READERS and origin_of(owner) is CONSTANT:
        return _outside(method, None, everything)
    called = _attribute_object(evaluation, function)
    found = returned(evaluation, called, given, named)
    if found is not None:
        return found
    if type(called).__name__ == "ufunc":
        return elementwise(given)
    if isinstance(owner, Tabular) and (method in _KEEPING or _down_the_rows(node, method)):
        return owner
    return _outside(method, called, everything)


_OF_RESULTS = HANDED_ON | {
    "fetchone",
    "first",
    "one",
    "one_or_none",
    "scalar",
    "scalars",
    "scalar_one",
    "scalar_one_or_none",
}
_KEEPING = frozenset(
    (
        "copy",
        "to_numpy",
        "to_list",
        "astype",
        "round",
        "tolist",
        "ravel",
        "flatten",
        "get",
        "head",
        "to_json",
        "to_csv",
        "to_string",
    )
)
_PASSING = frozenset(
    (
        "Series",
        "DataFrame",
        "from_records",
        "from_dict",
        "StringIO",
        "BytesIO",
        "asdict",
        "array",
        "asarray",
        "sort",
        "copy",
        "deepcopy",
    )
)
_DOWN = frozenset(("mean", "sum", "std", "var", "min", "max", "median", "prod", "any", "all", "cumsum"))


def _down_the_rows(node: ast.Call, method: str) -> bool:
    """`array.mean(axis=0)`: one number for each column."""
    axis = [each.value for each in node.keywords if each.arg == "axis"] or node.args[:1]
    return method in _DOWN and bool(axis) and isinstance(axis[0], ast.Constant) and axis[0].value == 0


def _attribute_object(evaluation: Evaluation, function: ast.expr) -> Any:
    """Give the object behind `module.name`; anything else would run the program's code."""
    if isinstance(function, ast.Name):
        return evaluation.object(function.id)
    if not isinstance(function, ast.Attribute):
        return None
    owner = _attribute_object(evaluation, function.value)
    return vars(owner).get(function.attr) if type(owner).__name__ == "module" else None


def _iterrows(owner: Value, _: list[Value]) -> Value | None:
    if not isinstance(owner, Tabular):
        return None
    return Many(Fields({0: Flat(owner.table.keys), 1: owner}))


def _rows(owner: Value, _: list[Value]) -> Value | None:
    return Many(row_of(owner.table)) if isinstance(owner, Tabular) and not owner.vector else None


def _itertuples(owner: Value, _: list[Value]) -> Value | None:
    if not isinstance(owner, Tabular):
        return None
    row = row_of(owner.table, 1)
    keys = Flat(owner.table.keys)
    return Many(Fields({**row.parts, 0: keys, "Index": keys}))


def _without_index(node: ast.Call) -> bool:
    given = [each.value for each in node.keywords if each.arg == "index"] or node.args[:1]
    return bool(given) and isinstance(given[0], ast.Constant) and given[0].value is False


def _items(owner: Value, _: list[Value]) -> Value | None:
    match owner:
        case Fields(parts=parts, keys=keys):
            return Many(Fields({0: Flat(keys), 1: merged(parts.values())}))
        case Many(element=element):
            return Many(Fields({0: element, 1: element}))
        case Tabular(table=table):
            first = table.keys if owner.vector else CONSTANT
            return Many(Fields({0: Flat(first), 1: Flat(table.flat)}))
    return None


def _to_dict(owner: Value, _: list[Value]) -> Value | None:
    if not isinstance(owner, Tabular):
        return None
    table = owner.table
    if table.elements is not None:
        return Fields({label: Flat(origin) for label, origin in table.elements.items()})
    if owner.vector:
        return Many(Flat(combined((table.flat, table.keys), _RULE)))
    return Many(Fields({label: Flat(origin) for label, origin in table.columns.items()}))


_OF_ROWS = frozenset(("records", "list", "split", "tight", "r", "l", "s"))


def _of_rows(node: ast.Call) -> bool:
    """Whether `to_dict(orient)` leaves the row index out, or apart from the values."""
    orient = [each.value for each in node.keywords if each.arg == "orient"] or node.args[:1]
    return bool(orient) and isinstance(orient[0], ast.Constant) and orient[0].value in _OF_ROWS


def _with_keys(table: Table) -> Table:
    """A dictionary by row: its keys are the index."""
    return table.mapped(lambda origin: combined((origin, table.keys), _RULE))


def _get(owner: Value, given: list[Value]) -> Value | None:
    if isinstance(owner, Tabular):
        if not owner.vector:
            return None
        looked_up = combined((owner.table.keys, *map(origin_of, given[:1])), _RULE)
        return under(Flat(combined((owner.table.flat, *map(origin_of, given[1:])), _RULE)), looked_up)
    found = merged([element_of(owner), *given[1:]])
    return under(found, origin_of(given[0])) if given else found


_TAKEN_APART: dict[str, Callable[[Value, list[Value]], Value | None]] = {
    "iter_rows": _rows,
    "rows": _rows,
    "row": lambda owner, given: element_of(found) if (found := _rows(owner, given)) is not None else None,
    "to_dicts": _rows,
    "to_pylist": lambda owner, given: (
        _rows(owner, given) if isinstance(owner, Tabular) and not owner.vector else None
    ),
    "to_pydict": _to_dict,
    "iterrows": _iterrows,
    "itertuples": _itertuples,
    "items": _items,
    "to_dict": _to_dict,
    "to_records": _itertuples,
    "get": _get,
    "values": lambda owner, _: (
        Many(element_of(Fields(owner.parts) if isinstance(owner, Fields) else owner))
        if not isinstance(owner, Tabular)
        else None
    ),
    "keys": lambda owner, _: Many(Flat(keys_of(owner))),
    "__iter__": lambda owner, _: owner,
}
