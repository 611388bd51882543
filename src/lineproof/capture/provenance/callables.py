"""What a function that the program hands to a library reads: columns of its argument, and other data."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType, FunctionType, MethodType
from typing import Any

import msgspec

from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.evaluate import value_of_object
from lineproof.capture.provenance.table import CONSTANT, Table, combined
from lineproof.capture.provenance.values import Flat, origin_of
from lineproof.model.lineage import How, Precision

__all__ = ["Use", "used_by"]

_RULE = "function"
# Methods of a row or frame that read all of it.
_DATA = (Shape.FRAME, Shape.SERIES, Shape.ARRAY, Shape.SCALAR, Shape.INDEX)


class Use(msgspec.Struct, frozen=True):
    """What a function reads.

    Attributes:
        labels: Columns of its argument that it names.
        whole: It may read columns that it does not name.
        outside: Data it reaches through global and enclosing variables and through defaults.
    """

    labels: frozenset[Any]
    whole: bool
    outside: Flat


def used_by(function: Any, table: Table | None) -> Use:
    """Say what a function reads of an argument that has `table`'s columns.

    A name or a string constant in its code that is a column label counts as a use. If none is found
    the function is taken to read all columns.
    """
    codes = list(_codes(function))
    if not codes:
        return Use(frozenset(), whole=True, outside=Flat(CONSTANT))
    outside = Flat(combined(_outside(function), _RULE))
    if table is None:
        return Use(frozenset(), whole=True, outside=outside)
    mentioned = {text for code in codes for text in _mentioned(code)}
    labels = frozenset(label for label in table.columns if _is_mentioned(label, mentioned))
    computed = any(_computes_labels(code) for code in codes)
    return Use(labels, whole=not labels or computed, outside=outside)


def _codes(function: Any) -> Iterator[CodeType]:
    while isinstance(function, MethodType):
        function = function.__func__
    code = getattr(function, "__code__", None)
    if code is None:
        call = getattr(type(function), "__call__", None)
        code = getattr(call, "__code__", None) if not isinstance(function, type) else None
    stack = [code] if isinstance(code, CodeType) else []
    stack += [inner.__code__ for inner in _called_functions(function)]
    for each in stack:
        yield each
        stack.extend(constant for constant in each.co_consts if isinstance(constant, CodeType))


def _called_functions(function: Any) -> Iterator[FunctionType]:
    """Functions of the program that the function calls by name: they read on its behalf."""
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, FunctionType) or id(current) in seen:
            continue
        seen.add(id(current))
        if current is not function:
            yield current
        for value in _reachable(current):
            if isinstance(value, FunctionType) and value.__module__ == current.__module__:
                waiting.append(value)


def _reachable(function: FunctionType) -> Iterator[Any]:
    names = set(function.__code__.co_names)
    for constant in function.__code__.co_consts:
        if isinstance(constant, CodeType):
            names |= set(constant.co_names)
    for name in names:
        if name in function.__globals__:
            yield function.__globals__[name]
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
    yield from function.__defaults__ or ()


def _outside(function: Any) -> Iterator[Any]:
    partial = getattr(function, "args", ()), getattr(function, "keywords", {})
    if isinstance(partial[0], tuple) and isinstance(partial[1], dict):
        for value in (*partial[0], *partial[1].values()):
            known = value_of_object(value) if shape_of(value) in _DATA else None
            if known is not None:
                yield origin_of(known).at_best(Precision.SUPERSET, How.STATIC)
    for inner in (function, *_called_functions(function)):
        if not isinstance(inner, FunctionType):
            continue
        for value in _reachable(inner):
            if shape_of(value) in _DATA or isinstance(value, (dict, list, tuple)):
                known = value_of_object(value)
                if known is not None:
                    yield origin_of(known).at_best(Precision.SUPERSET, How.STATIC)


def _mentioned(code: CodeType) -> Iterator[Any]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, (str, int, float)):
            yield constant
        elif isinstance(constant, (tuple, frozenset)):
            yield from constant


def _is_mentioned(label: Any, mentioned: set[Any]) -> bool:
    try:
        if label in mentioned:
            return True
    except TypeError:
        return False
    return isinstance(label, tuple) and any(part in mentioned for part in label)


def _computes_labels(code: CodeType) -> bool:
    """Whether the code subscripts by something that is not a constant: which column, it does not say."""
    previous = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "BINARY_SUBSCR" and previous is not None and previous.opname != "LOAD_CONST":
            return previous.opname not in (
                "BUILD_LIST",
                "BUILD_TUPLE",
                "BUILD_SLICE",
                "LIST_EXTEND",
                "COMPARE_OP",
            )
        if instruction.opname != "CACHE":
            previous = instruction
    return False
