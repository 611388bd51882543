"""What a variable of the program stands for: by the object while it is alive, else by what the source stores in it."""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING, Any

from lineproof.capture.place import is_library
from lineproof.capture.provenance.attachment import Shape, shape_of
from lineproof.capture.provenance.conditions import tests_around
from lineproof.capture.provenance.definitions import (
    Definition,
    Scope,
    all_definitions,
    grown_inside,
    reaching,
    scope_of,
)
from lineproof.capture.provenance.functions import parameter_value
from lineproof.capture.provenance.parts import column_of_key, part_of, taken_apart, value_of_object
from lineproof.capture.provenance.source_text import source_of_module
from lineproof.capture.provenance.table import combined
from lineproof.capture.provenance.values import (
    NOTHING_KNOWN,
    OPAQUE,
    Fields,
    Many,
    Tabular,
    Value,
    element_of,
    keyed,
    keys_of,
    merged,
    origin_of,
    under,
    with_direct,
)
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from lineproof.capture.provenance.evaluate import Evaluation

__all__ = ["free_variable", "module_variable", "variable_value"]

_RULE = "source text"


def variable_value(evaluation: Evaluation, node: ast.AST, name: str, *, now: bool) -> Value:
    """Give what a name may stand for at `node`.

    Args:
        evaluation: The reading that meets it.
        node: Where it is used.
        name: The name.
        now: The statement around it runs: the object itself may be asked.
    """
    bound = _bound(evaluation, node, name)
    if bound is not None:
        return bound
    alive = _alive(evaluation, name)
    if now and isinstance(alive, Fields) and isinstance(evaluation.object(name), dict):
        keys = keys_of(_stored(evaluation, node, name, alive, now=now))
        return alive if keys.precision is Precision.UNKNOWN else keyed(alive, keys)
    if now and alive is not None:
        return alive
    return _stored(evaluation, node, name, alive, now=now)


def _stored(evaluation: Evaluation, node: ast.AST, name: str, alive: Value | None, *, now: bool) -> Value:
    """Give what the source stores in a variable."""
    fetched = alive if shape_of(evaluation.object(name)) is Shape.ROWS else None
    drawn = _drawn(evaluation, node, name, now=now)
    if drawn is not None:
        return drawn
    scope = scope_of(evaluation.source, node)
    while True:
        found = _definitions(evaluation, node, name, scope)
        if found and fetched is not None:  # what a cursor gave so far, and others that went by this name
            others = [
                _defined(evaluation, each, node) for each in found if not (each.grows or _is_cursor(each))
            ]
            return merged([fetched, *others])
        if found:
            return merged([_defined(evaluation, each, node) for each in found])
        given = parameter_value(evaluation, scope, name)
        if given is not None:
            grown = [
                _defined(evaluation, each, node) for each in grown_inside(evaluation.source, scope, name)
            ]
            return merged([given, *grown])
        if isinstance(scope, ast.Module):
            break
        scope = scope_of(evaluation.source, scope)
    return _undefined(evaluation, name)


def _is_cursor(definition: Definition) -> bool:
    called = definition.value.func if isinstance(definition.value, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr == "cursor"


def _bound(evaluation: Evaluation, node: ast.AST, name: str) -> Value | None:
    """Give the value bound to a name around `node`; what is bound elsewhere is another variable."""
    for home, names in reversed(evaluation.bindings):
        if name in names and (home is node or home in evaluation.source.ancestors(node)):
            return names[name]
    return None


def _drawn(evaluation: Evaluation, node: ast.AST, name: str, *, now: bool) -> Value | None:
    """Give what a loop variable of the comprehension around `node` stands for; None if it is none."""
    for above in evaluation.source.ancestors(node):
        if isinstance(above, (ast.stmt, ast.Lambda)):
            return None
        for generator in getattr(above, "generators", ()):
            bound = taken_apart(generator.target, NOTHING_KNOWN)
            if name in bound:
                each = element_of(evaluation.value(generator.iter, now=now))
                return taken_apart(generator.target, each)[name]
    return None


def _definitions(evaluation: Evaluation, node: ast.AST, name: str, scope: Scope) -> list[Definition]:
    if scope is scope_of(evaluation.source, node):
        found = reaching(evaluation.source, node, name, scope)
    else:
        found = all_definitions(evaluation.source, scope, name)
    return [*found, *grown_inside(evaluation.source, scope, name)] if found else []


def _defined(evaluation: Evaluation, definition: Definition, use: ast.AST) -> Value:
    if definition.value is None:
        return _imported(evaluation, definition)
    value = evaluation.value(definition.value, now=False)
    if definition.iterated:
        value = element_of(value)
    for position in definition.path:
        value = part_of(value, position)
    tests = tests_around(evaluation.source, definition.statement, use)
    if tests:
        value = under(
            value, combined([origin_of(evaluation.value(test, now=False)) for test in tests], _RULE)
        )
    if definition.ordered:
        value = under(value, origin_of(value))
    if not definition.grows:
        return value
    if definition.key is None:
        return value if definition.spreads else Many(value)
    label = column_of_key(definition.key)
    if label is not None:
        return Fields({label: Many(value) if definition.nested else value})
    return Many(with_direct(value, origin_of(evaluation.value(definition.key, now=False))))


def _imported(evaluation: Evaluation, definition: Definition) -> Value:
    """Give what a name stands for that an import, a function or a class made."""
    statement = definition.statement
    if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        names = {each.asname or each.name: each.name for each in statement.names}
        module = sys.modules.get(statement.module)
        if module is not None and definition.name in names:
            return module_variable(evaluation, module, names[definition.name])
    obj = evaluation.object(definition.name)
    return NOTHING_KNOWN if obj is None else value_of_object(obj) or _plain(obj)


def module_variable(evaluation: Evaluation, module: Any, name: str) -> Value:
    """Give what a variable of another module holds: by the object, else by that module's source."""
    obj = vars(module).get(name)
    known = value_of_object(obj)
    if known is not None:
        return known
    file = getattr(module, "__file__", None)
    if (
        file is None
        or is_library(file)
        or (_plain(obj) is NOTHING_KNOWN and shape_of(obj) is not Shape.SCALAR)
    ):
        return _plain(obj)
    source = source_of_module(module)
    return (
        _plain(obj)
        if source is None
        else free_variable(evaluation.elsewhere(source, source.tree, {}), name, source.tree)
    )


def _alive(evaluation: Evaluation, name: str) -> Value | None:
    if evaluation.frame is None or (
        name not in evaluation.frame.f_locals and name not in evaluation.frame.f_globals
    ):
        return None
    obj = evaluation.object(name)
    if evaluation.before is not None and obj is evaluation.before[0]:
        return Tabular(evaluation.before[1], vector=evaluation.before[1].vector)
    if shape_of(obj) is Shape.ARRAY and evaluation.written_into(name):
        return None
    return value_of_object(obj)


def free_variable(evaluation: Evaluation, name: str, function: ast.AST) -> Value:
    """Give what a variable of the scopes around a function may hold, whenever it runs."""
    scope = scope_of(evaluation.source, function)
    while True:
        found = all_definitions(evaluation.source, scope, name)
        if found:
            return merged([_defined(evaluation, each, function) for each in found])
        if isinstance(scope, ast.Module):
            return NOTHING_KNOWN
        scope = scope_of(evaluation.source, scope)


def _undefined(evaluation: Evaluation, name: str) -> Value:
    obj = evaluation.object(name)
    if obj is None:
        return NOTHING_KNOWN if hasattr(builtins, name) or _is_none(evaluation, name) else OPAQUE
    return value_of_object(obj) or _plain(obj)


def _is_none(evaluation: Evaluation, name: str) -> bool:
    return evaluation.frame is not None and (
        name in evaluation.frame.f_locals or name in evaluation.frame.f_globals
    )


_OPTIONS = frozenset(("module", "dtype", "device"))


def _plain(obj: Any) -> Value:
    """What is to be said of an object that carries nothing: code and single values hold no columns."""
    if callable(obj) or shape_of(obj) is Shape.SCALAR:
        return NOTHING_KNOWN
    options = any(kind.__name__ in _OPTIONS for kind in type(obj).__mro__)
    return NOTHING_KNOWN if options else OPAQUE
