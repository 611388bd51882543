"""What a function that the program hands to a library reads: columns of its argument, and other data."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any

import msgspec

from lineproof.capture.place import is_library
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.callsite import codes_in
from lineproof.capture.provenance.evaluate import Evaluation
from lineproof.capture.provenance.parts import value_of_object
from lineproof.capture.provenance.source_text import source_of, source_of_code
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Flat, origin_of, static
from lineproof.capture.provenance.variables import free_variable
from lineproof.model.lineage import How, Precision

__all__ = ["Use", "codes_of", "used_by"]

_RULE = "function"
# Methods of a row or frame that read all of it.
_DATA = frozenset(Shape) - {Shape.OTHER, Shape.GROUPED}


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


def used_by(function: Any, table: Table | None, frame: FrameType | None = None) -> Use:
    """Say what a function reads of an argument that has `table`'s columns.

    A name or a string constant in its code that is a column label counts as a use. If none is found
    the function is taken to read all columns.
    """
    codes = list(codes_of(function.func if type(function).__name__ == "partial" else function))
    outside = Flat(combined(_outside(function, frame), _RULE))
    if not codes:
        return Use(frozenset(), whole=True, outside=outside)
    if table is None:
        return Use(frozenset(), whole=True, outside=outside)
    mentioned = {text for code in codes for text in _mentioned(code)}
    labels = frozenset(label for label in table.columns if _is_mentioned(label, mentioned))
    computed = any(_computes_labels(code) for code in codes)
    return Use(labels, whole=not labels or computed, outside=outside)


def codes_of(function: Any) -> Iterator[CodeType]:
    """Give the code of a function, of what is defined in it, and of functions of the program it calls by name."""
    while isinstance(function, MethodType):
        function = function.__func__
    code = getattr(function, "__code__", None)
    if code is None:
        call = vars(type(function)).get("__call__")
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
        for _, value in _reachable(current):
            if isinstance(value, FunctionType) and value.__module__ == current.__module__:
                waiting.append(value)


def _reachable(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Give the variables outside it that a function can read, with their values."""
    names = {name for code in codes_in(function.__code__) for name in code.co_names}
    for name in names:
        if name in function.__globals__:
            yield name, function.__globals__[name]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield name, cell.cell_contents
        except ValueError:
            continue
    for value in function.__defaults__ or ():
        yield "", value


def _outside(function: Any, frame: FrameType | None) -> Iterator[ColumnOrigin]:
    if type(function).__name__ == "partial":
        for value in (*function.args, *function.keywords.values()):
            known = value_of_object(value)
            if known is not None:
                yield _read(origin_of(known))
        function = function.func
    if isinstance(function, MethodType):
        yield from _held(function.__self__, frame)
        function = function.__func__
    elif not isinstance(function, (FunctionType, type)):
        yield from _held(function, frame)
    for inner in (function, *_called_functions(function)):
        if isinstance(inner, FunctionType):
            for name, value in _reachable(inner):
                yield _outside_value(inner, name, value, frame)


def _held(obj: Any, frame: FrameType | None) -> Iterator[ColumnOrigin]:
    """What an object of the program holds in its attributes."""
    held = getattr(obj, "__dict__", None)
    if not isinstance(held, dict) or is_library(
        getattr(sys.modules.get(type(obj).__module__), "__file__", "") or ""
    ):
        return
    for name, value in list(held.items()):
        known = value_of_object(value)
        if known is not None:
            yield _read(origin_of(known))
        elif shape_of(value) in _DATA or isinstance(value, (dict, list, tuple, set)):
            source = None if frame is None else source_of(frame)
            if source is not None:
                evaluation = Evaluation(source, frame)
                yield origin_of(static(evaluation.attribute_anywhere(name)))


def _outside_value(function: FunctionType, name: str, value: Any, frame: FrameType | None) -> ColumnOrigin:
    plain = isinstance(value, (dict, list, tuple, set, frozenset))
    if not plain and shape_of(value) not in _DATA:
        return combined(_held(value, frame), _RULE) if not callable(value) else CONSTANT
    known = value_of_object(value)
    if known is not None:
        return _read(origin_of(known))
    if not name or (plain and not value):
        return CONSTANT
    running = None if frame is None else source_of(frame)
    source = source_of_code(function.__code__, function.__globals__, running)
    node = None if source is None else source.function_at(function.__code__)
    if source is None or node is None:
        return CONSTANT if not plain else CONSTANT.at_best(Precision.UNKNOWN)
    evaluation = Evaluation(source, frame if source is running else None)
    return origin_of(static(free_variable(evaluation, name, node)))


def _read(origin: ColumnOrigin) -> ColumnOrigin:
    return origin.at_best(Precision.SUPERSET, How.STATIC) if origin is not CONSTANT else origin


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
