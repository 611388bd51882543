"""What functions of the program return, and what they were called with, read from the source."""

from __future__ import annotations

import ast
import threading
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeAlias

from lineproof.capture.provenance.callsite import user_frame_above
from lineproof.capture.provenance.conditions import tests_of_returns
from lineproof.capture.provenance.definitions import Scope, calls_of, calls_with
from lineproof.capture.provenance.source_text import SourceText, source_of, source_of_code
from lineproof.capture.provenance.table import CONSTANT, combined
from lineproof.capture.provenance.values import (
    NOTHING_KNOWN,
    Fields,
    Flat,
    Many,
    Value,
    element_of,
    merged,
    origin_of,
    under,
)
from lineproof.model.lineage import How, Precision

if TYPE_CHECKING:
    from lineproof.capture.provenance.evaluate import Evaluation

__all__ = ["applied", "parameter_value", "returned"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class _Busy(threading.local):
    def __init__(self) -> None:
        self.codes: set[int] = set()
        self.parameters: set[tuple[ast.AST, str]] = set()


_busy = _Busy()


def applied(evaluation: Evaluation, function: ast.Lambda, given: list[Value]) -> Value:
    """Give what a lambda returns for these arguments."""
    names = [each.arg for each in function.args.args]
    inner = evaluation.inside(function, dict(zip(names, given, strict=False)))
    return inner.value(function.body, now=True)


def returned(
    evaluation: Evaluation, function: Any, given: list[Value], named: dict[str | None, Value]
) -> Value | None:
    """Give what a function of the program returns for these arguments; None if it cannot be read."""
    if not isinstance(function, FunctionType) or getattr(function, "__lineproof__", False):
        return None
    code = function.__code__
    source = (
        None if id(code) in _busy.codes else source_of_code(code, function.__globals__, evaluation.source)
    )
    node = None if source is None else source.function_at(code)
    if source is None or node is None:
        return None
    inner = evaluation.elsewhere(source, node, _bound(node.args, given, named))
    _busy.codes.add(id(code))
    try:
        return _returns(inner, node)
    finally:
        _busy.codes.discard(id(code))


def _returns(inner: Evaluation, node: Function) -> Value:
    if isinstance(node, ast.Lambda):
        return inner.value(node.body, now=False)
    returns, yields = [], []
    for each in ast.walk(node):
        if isinstance(each, ast.Return) and each.value is not None:
            returns.append(inner.value(each.value, now=False))
        elif isinstance(each, ast.Yield) and each.value is not None:
            yields.append(inner.value(each.value, now=False))
        elif isinstance(each, ast.YieldFrom):
            yields.append(element_of(inner.value(each.value, now=False)))
    found = Many(merged(yields)) if yields else merged(returns)
    tests = [origin_of(inner.value(test, now=False)) for test in tests_of_returns(node)]
    return under(found, combined(tests, "branch"))


def _bound(arguments: ast.arguments, given: list[Value], named: dict[str | None, Value]) -> dict[str, Value]:
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    bound: dict[str, Value] = {each.arg: NOTHING_KNOWN for each in arguments.kwonlyargs}
    bound.update(dict.fromkeys(names, NOTHING_KNOWN))
    bound.update(zip(names, given, strict=False))
    bound.update({name: value for name, value in named.items() if name is not None})
    if arguments.vararg is not None:
        bound[arguments.vararg.arg] = Many(merged(given[len(names) :]))
    if arguments.kwarg is not None:
        bound[arguments.kwarg.arg] = Fields({name: each for name, each in named.items() if name not in names})
    return bound


def parameter_value(evaluation: Evaluation, scope: Scope, name: str) -> Value | None:
    """Give what a parameter of the function around an expression was given; None if it is no parameter.

    1. The function runs: its caller's frame tells which call it is.
    2. It does not: any call of it in the file, or any call that it is handed to.
    """
    if not isinstance(scope, _FUNCTIONS) or name not in _parameters(scope.args):
        return None
    key = (scope, name)
    if key in _busy.parameters:
        return NOTHING_KNOWN
    _busy.parameters.add(key)
    try:
        found = _from_caller(evaluation, scope, name)
        return _from_any_call(evaluation, scope, name) if found is None else found
    finally:
        _busy.parameters.discard(key)


def _parameters(arguments: ast.arguments) -> set[str]:
    every = (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    )
    return {each.arg for each in every if each is not None}


def _from_caller(evaluation: Evaluation, scope: Function, name: str) -> Value | None:
    frame = evaluation.frame
    if frame is None or evaluation.source.function_at(frame.f_code) is not scope:
        return None
    caller = user_frame_above(frame)
    source = None if caller is None else source_of(caller)
    if caller is None or source is None:
        return None
    node = source.node_at(caller.f_code, caller.f_lasti)
    if not isinstance(node, ast.Call) or not _names(node.func, scope):
        return None
    return _given(type(evaluation)(source, caller), node, scope.args, now=True).get(name)


def _names(function: ast.expr, scope: Scope) -> bool:
    """Whether this expression may stand for the function itself, not for something that calls it."""
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    own = getattr(scope, "name", None)
    return own is None or called == own or own in ("__init__", "__call__")


def _given(outer: Evaluation, call: ast.Call, arguments: ast.arguments, *, now: bool) -> dict[str, Value]:
    given = [outer.value(each, now=now) for each in call.args]
    named = {each.arg: outer.value(each.value, now=now) for each in call.keywords}
    first = arguments.args[0].arg if arguments.args else ""
    if first in ("self", "cls"):
        given.insert(0, NOTHING_KNOWN)
    return _bound(arguments, given, named)


def _from_any_call(evaluation: Evaluation, scope: Function, name: str) -> Value:
    source: SourceText = evaluation.source
    anywhere = evaluation.elsewhere(source, source.tree, {})
    found: list[Value] = []
    if not isinstance(scope, ast.Lambda):
        found += [
            _given(anywhere, call, scope.args, now=False).get(name, NOTHING_KNOWN)
            for call in calls_of(source, scope.name)
        ]
    found += [_handed(anywhere, call, scope, name) for call in calls_with(source, scope)]
    if not found and name not in ("self", "cls"):
        return Flat(CONSTANT.at_best(Precision.UNKNOWN, How.INFERRED))  # called from somewhere else
    return merged(found)


# Methods that call the function they are handed with their receiver, or parts of it, first.
_CALLERS = frozenset(
    ("pipe", "apply", "map", "transform", "agg", "aggregate", "applymap", "filter", "assign")
)


def _handed(anywhere: Evaluation, call: ast.Call, scope: Function, name: str) -> Value:
    """Give what a parameter gets when the function is handed to a call."""
    named = {each.arg: each.value for each in call.keywords}
    if name in named:
        return anywhere.value(named[name], now=False)
    others = [each for each in (*call.args, *named.values()) if not _is_function(each, scope)]
    method = call.func.attr if isinstance(call.func, ast.Attribute) else None
    receiver = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    if method in _CALLERS:
        arguments = scope.args
        first = arguments.args[0].arg if arguments.args else None
        others = receiver if name == first else others
    else:
        others = [*receiver, *others]
    return Flat(combined([origin_of(anywhere.value(each, now=False)) for each in others], "handed over"))


def _is_function(node: ast.expr, scope: Scope) -> bool:
    return node is scope or (isinstance(node, ast.Name) and node.id == getattr(scope, "name", None))
