"""What a call that no hook saw gives back, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from lineproof.capture.provenance.callsite import user_frame_above
from lineproof.capture.provenance.definitions import Scope
from lineproof.capture.provenance.source_text import source_of_code
from lineproof.capture.provenance.table import CONSTANT, combined
from lineproof.capture.provenance.values import (
    NOTHING_KNOWN,
    Fields,
    Flat,
    Many,
    Tabular,
    Value,
    element_of,
    elementwise,
    groups,
    merged,
    origin_of,
)

if TYPE_CHECKING:
    from lineproof.capture.provenance.evaluate import Evaluation

__all__ = ["applied", "call_value", "parameter_value", "reshapes", "returned"]

_RULE = "source text"
# Methods of frames that hand out rows or columns as plain Python objects.
_RESHAPING = frozenset(
    ("iterrows", "itertuples", "to_dict", "items", "tolist", "to_list", "to_records", "groupby", "resample")
)
_GROUPING = frozenset(("groupby", "resample"))
_SAME = frozenset(
    ("list", "tuple", "sorted", "reversed", "iter", "set", "frozenset", "next", "deque", "array", "asarray")
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
        case "map" | "filter" if len(given) > 1:
            return _mapped(evaluation, node, name, given)
    if name in _SAME and len(given) == 1:
        return given[0]
    if name in _ROWS_ONLY:
        return _row_count(given)
    called = evaluation.object(name)
    if isinstance(called, FunctionType):
        found = returned(evaluation, called, given, named)
        if found is not None:
            return found
    if isinstance(called, type) and named and not given:
        return Fields(dict(named))
    return _outside(name, everything)


def _row_count(given: list[Value]) -> Value:
    rows = [each.table.rows for each in given if isinstance(each, Tabular)]
    return Flat(combined(rows, _RULE).as_condition())


def _outside(name: str, values: list[Value]) -> Value:
    from lineproof.capture.provenance.evaluate import OPAQUE

    return _union([*values, OPAQUE]) if name in _READERS else _union(values)


def _mapped(evaluation: Evaluation, node: ast.Call, name: str, given: list[Value]) -> Value:
    elements = [element_of(each) for each in given[1:]]
    function = node.args[0]
    if isinstance(function, ast.Lambda):
        result = applied(evaluation, function, elements)
    else:
        called = evaluation.object(function.id) if isinstance(function, ast.Name) else None
        found = returned(evaluation, called, elements, {}) if isinstance(called, FunctionType) else None
        result = found or _union(elements)
    if name == "filter":
        condition = origin_of(result).as_condition()
        return Many(elements[0] if condition is CONSTANT else Flat(origin_of(elements[0]).under(condition)))
    return Many(result)


def applied(evaluation: Evaluation, function: ast.Lambda, given: list[Value]) -> Value:
    """Give what a lambda returns for these arguments."""
    names = [each.arg for each in function.args.args]
    bound = {**evaluation.bound, **dict(zip(names, given, strict=False))}
    inner = type(evaluation)(evaluation.source, evaluation.frame, bound)
    return inner.value(function.body, now=True)


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
    taken = _TAKEN_APART.get(method)
    if taken is not None:
        found = taken(owner, given)
        if found is not None:
            return found
    everything = [owner, *given, *named.values()]
    if method in ("StringIO", "BytesIO") and len(given) == 1:
        return given[0]
    if method in _READERS and origin_of(owner) is CONSTANT:
        return _outside(method, everything)
    called = _attribute_object(evaluation, function)
    if isinstance(called, FunctionType):
        found = returned(evaluation, called, given, named)
        if found is not None:
            return found
    if type(called).__name__ == "ufunc":
        return elementwise(given)
    if isinstance(owner, Tabular) and (method in _KEEPING or _down_the_rows(node, method)):
        return owner
    return _union(everything)


_KEEPING = frozenset(
    ("copy", "to_numpy", "to_list", "astype", "round", "tolist", "ravel", "flatten", "get", "head", "to_json", "to_csv", "to_string")
)
_DOWN = frozenset(("mean", "sum", "std", "var", "min", "max", "median", "prod", "any", "all", "cumsum"))


def _down_the_rows(node: ast.Call, method: str) -> bool:
    """`array.mean(axis=0)`: one number for each column."""
    axis = [each.value for each in node.keywords if each.arg == "axis"] or node.args[:1]
    return method in _DOWN and bool(axis) and isinstance(axis[0], ast.Constant) and axis[0].value == 0


def _attribute_object(evaluation: Evaluation, function: ast.Attribute) -> Any:
    """Give the function behind `module.name`; anything else would run the program's code."""
    if not isinstance(function.value, ast.Name):
        return None
    owner = evaluation.object(function.value.id)
    return vars(owner).get(function.attr) if type(owner).__name__ == "module" else None


def _iterrows(owner: Value, _: list[Value]) -> Value | None:
    if not isinstance(owner, Tabular):
        return None
    return Many(Fields({0: Flat(owner.table.keys), 1: owner}))


def _itertuples(owner: Value, _: list[Value]) -> Value | None:
    if not isinstance(owner, Tabular):
        return None
    table = owner.table
    parts: dict[Any, Value] = {0: Flat(table.keys), "Index": Flat(table.keys)}
    for at, (label, origin) in enumerate(zip(table.labels, table.origins, strict=True), 1):
        parts[at] = parts[label] = parts[f"_{at}"] = Flat(origin)
    return Many(Fields(parts))


def _items(owner: Value, _: list[Value]) -> Value | None:
    match owner:
        case Fields(parts=parts):
            return Many(Fields({0: NOTHING_KNOWN, 1: merged(parts.values())}))
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
    if owner.vector:
        return Many(Flat(combined((table.flat, table.keys), _RULE)))
    return Many(Fields({label: Flat(origin) for label, origin in table.columns.items()}))


def _get(owner: Value, given: list[Value]) -> Value | None:
    if isinstance(owner, Tabular):
        return None
    found = merged([element_of(owner), *given[1:]])
    key = origin_of(given[0]).as_condition() if given else CONSTANT
    return found if key is CONSTANT else Flat(origin_of(found).under(key))


_TAKEN_APART: dict[str, Callable[[Value, list[Value]], Value | None]] = {
    "iterrows": _iterrows,
    "itertuples": _itertuples,
    "items": _items,
    "to_dict": _to_dict,
    "to_records": _itertuples,
    "get": _get,
    "values": lambda owner, _: Many(element_of(owner)) if not isinstance(owner, Tabular) else None,
    "keys": lambda owner, _: Many(Flat(origin_of(owner))) if isinstance(owner, Many) else NOTHING_KNOWN,
    "__iter__": lambda owner, _: owner,
}


_busy: set[object] = set()


def returned(
    evaluation: Evaluation, function: FunctionType, given: list[Value], named: dict[str | None, Value]
) -> Value | None:
    """Give what a function of the program returns for these arguments; None if it cannot be read."""
    code = function.__code__
    if code in _busy or getattr(function, "__lineproof__", False):
        return None
    source = source_of_code(code, function.__globals__, evaluation.source)
    node = None if source is None else source.function_at(code)
    if source is None or node is None:
        return None
    bound = _bound(node.args, given, named)
    inner = type(evaluation)(source, evaluation.frame if source is evaluation.source else None, bound)
    _busy.add(code)
    try:
        if isinstance(node, ast.Lambda):
            return inner.value(node.body, now=False)
        values = [
            inner.value(each.value, now=False)
            for each in ast.walk(node)
            if isinstance(each, (ast.Return, ast.Yield)) and each.value is not None
        ]
        return merged(values)
    finally:
        _busy.discard(code)


def _bound(arguments: ast.arguments, given: list[Value], named: dict[str | None, Value]) -> dict[str, Value]:
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    bound: dict[str, Value] = {each.arg: NOTHING_KNOWN for each in arguments.kwonlyargs}
    bound.update(dict.fromkeys(names, NOTHING_KNOWN))
    bound.update(zip(names, given, strict=False))
    bound.update({name: value for name, value in named.items() if name is not None})
    if arguments.vararg is not None:
        bound[arguments.vararg.arg] = Many(merged(given[len(names) :]))
    if arguments.kwarg is not None:
        bound[arguments.kwarg.arg] = Fields(
            {name: value for name, value in named.items() if name not in names}
        )
    return bound


def parameter_value(evaluation: Evaluation, scope: Scope, name: str) -> Value | None:
    """Give what the caller passed for a parameter of the function that is running."""
    from lineproof.capture.provenance.evaluate import Evaluation
    from lineproof.capture.provenance.source_text import source_of

    if not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return None
    arguments = scope.args
    every = (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    )
    if name not in {each.arg for each in every if each is not None}:
        return None
    caller = None if evaluation.frame is None else user_frame_above(evaluation.frame)
    source = None if caller is None else source_of(caller)
    if caller is None or source is None:
        return None
    node = source.node_at(caller.f_code, caller.f_lasti)
    if not isinstance(node, ast.Call):
        return None
    outer = Evaluation(source, caller)
    given = [outer.value(each, now=True) for each in node.args]
    named = {each.arg: outer.value(each.value, now=True) for each in node.keywords}
    if isinstance(node.func, ast.Attribute) and arguments.args and arguments.args[0].arg == "self":
        given.insert(0, NOTHING_KNOWN)
    return _bound(arguments, given, named).get(name)
