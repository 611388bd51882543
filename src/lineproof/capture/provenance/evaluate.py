"""Finding where a value came from by reading the source, where no hook could see.

A list comprehension over a series, a number computed from two means, a slice of an array: pandas and
numpy offer no place to stand there. The expression is followed through the source with what hooked
calls in it are known to have returned, and with the objects that are alive. What is found this way
is marked `static` and a superset.
"""

from __future__ import annotations

import ast
import threading
from types import FrameType, FunctionType
from typing import Any

from lineproof.capture.provenance import calls
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of
from lineproof.capture.provenance.callsite import result_at, results_at
from lineproof.capture.provenance.definitions import (
    Definition,
    Scope,
    all_definitions,
    attribute_values,
    grown_names,
    reaching,
    scope_of,
)
from lineproof.capture.provenance.source_text import SourceText
from lineproof.capture.provenance.table import CONSTANT, Table, combined
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
from lineproof.model.lineage import How, Precision

__all__ = ["OPAQUE", "Evaluation", "begin_operand", "is_exhausted", "value_of_object"]

_DEPTH = 40
_STEPS = 3000  # expressions read for one operand; beyond that it counts as unknown
_RULE = "source text"
OPAQUE = Flat(CONSTANT.at_best(Precision.UNKNOWN, How.INFERRED))


_HOOKED = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.Attribute)


class _Budget(threading.local):
    """What is left to read for the operand at hand. Definitions that fan out could be read for ever."""

    left = _STEPS


_budget = _Budget()


def begin_operand() -> None:
    """Start reading for one more operand."""
    _budget.left = _STEPS


def is_exhausted() -> bool:
    """Whether the operand at hand was given up for being too long to read."""
    return _budget.left <= 0


class Evaluation:
    """Reads expressions of one frame's source.

    Args:
        source: The text that the frame runs.
        frame: Whose variables are alive; None when the function has not been called.
        bound: Names whose values are given: parameters, loop variables of comprehensions.
    """

    def __init__(
        self, source: SourceText, frame: FrameType | None, bound: dict[str, Value] | None = None
    ) -> None:
        self.source = source
        self.frame = frame
        self.bound = bound or {}
        self._busy: set[ast.AST] = set()

    def value(self, node: ast.AST, *, now: bool) -> Value:
        """Give the value of an expression.

        Args:
            node: The expression.
            now: It is part of the statement that runs: variables hold what they held for it.
        """
        if node in self._busy or len(self._busy) > _DEPTH:
            return NOTHING_KNOWN  # x = f(x): nothing that the other definitions do not say
        _budget.left -= 1
        if _budget.left <= 0:
            return OPAQUE
        self._busy.add(node)
        try:
            return self.seen(node, now=now) or self._read(node, now=now)
        finally:
            self._busy.discard(node)

    def called(self, node: ast.AST, given: list[Value]) -> Value | None:
        """Give what the function that `node` stands for returns; None if it is no function we can read."""
        if isinstance(node, ast.Lambda):
            return calls.applied(self, node, given)
        called = self.object(node.id) if isinstance(node, ast.Name) else None
        return calls.returned(self, called, given, {}) if isinstance(called, FunctionType) else None

    def seen(self, node: ast.AST, *, now: bool) -> Value | None:
        """Give what hooked calls at this very expression returned; None if none was seen."""
        if not isinstance(node, _HOOKED):
            return None
        if isinstance(node, ast.Call) and calls.reshapes(node):
            return None
        table = self.returned(node, now=now)
        return None if table is None else Tabular(table, vector=table.vector)

    def returned(self, node: ast.AST, *, now: bool) -> Table | None:
        """Give the table of what hooked calls at `node` returned: the latest, or any so far."""
        for place in self.source.places_of(node):
            table = result_at(place) if now else results_at(place)
            if table is not None:
                return table
        return None

    def _read(self, node: ast.AST, *, now: bool) -> Value:
        match node:
            case ast.Constant():
                return NOTHING_KNOWN
            case ast.Name(id=name):
                return self._name(node, name, now=now)
            case ast.Attribute():
                return self._attribute(node, now=now)
            case ast.Subscript():
                return self._subscript(node, now=now)
            case ast.Call():
                return calls.call_value(self, node, now=now)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return self._sequence(parts, now=now)
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values, now=now)
            case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
                return self._comprehension(node.generators, element, None, now=now)
            case ast.DictComp(key=key, value=element):
                return self._comprehension(node.generators, element, key, now=now)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = merged((self.value(body, now=now), self.value(orelse, now=now)))
                condition = origin_of(self.value(test, now=now)).as_condition()
                return chosen if condition is CONSTANT else Flat(origin_of(chosen).under(condition))
            case ast.Lambda():
                return Flat(combined((origin_of(self.value(node.body, now=now)),), _RULE))
            case ast.NamedExpr(value=inner) | ast.Starred(value=inner) | ast.Await(value=inner):
                return self.value(inner, now=now)
            case ast.BinOp(left=left, right=right):
                return elementwise([self.value(left, now=now), self.value(right, now=now)])
            case ast.UnaryOp(operand=operand):
                return self.value(operand, now=now)
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return Flat(combined((origin_of(self.value(part, now=now)) for part in parts), _RULE))

    def _sequence(self, parts: list[ast.expr], *, now: bool) -> Value:
        return Fields({position: self.value(part, now=now) for position, part in enumerate(parts)})

    def _dict(self, keys: list[ast.expr | None], values: list[ast.expr], *, now: bool) -> Value:
        parts: dict[Any, Value] = {}
        for key, value in zip(keys, values, strict=True):
            found = self.value(value, now=now)
            if key is None and isinstance(found, Fields):
                parts.update(found.parts)
            elif key is None:
                return Flat(
                    combined((*(origin_of(part) for part in parts.values()), origin_of(found)), _RULE)
                )
            else:
                label = key.value if isinstance(key, ast.Constant) else ast.unparse(key)
                keyed = origin_of(self.value(key, now=now))
                parts[label] = (
                    found if keyed is CONSTANT else Flat(combined((origin_of(found), keyed), _RULE))
                )
        return Fields(parts)

    def _comprehension(
        self, generators: list[ast.comprehension], element: ast.expr, key: ast.expr | None, *, now: bool
    ) -> Value:
        inner = Evaluation(self.source, self.frame, dict(self.bound))
        inner._busy = self._busy  # noqa: SLF001 -- the same reading goes on
        conditions = []
        for generator in generators:
            each = element_of(inner.value(generator.iter, now=now))
            inner.bound.update(taken_apart(generator.target, each))
            conditions += [origin_of(inner.value(test, now=now)) for test in generator.ifs]
        found = inner.value(element, now=now)
        condition = combined(conditions, _RULE).as_condition()
        if condition is not CONSTANT:
            found = Flat(origin_of(found).under(condition))
        if key is None:
            return Many(found)
        return Many(Flat(combined((origin_of(inner.value(key, now=now)), origin_of(found)), _RULE)))

    def _name(self, node: ast.AST, name: str, *, now: bool) -> Value:
        if name in self.bound:
            return self.bound[name]
        if now:
            alive = self._alive(name)
            if alive is not None:
                return alive
        scope = scope_of(self.source, node)
        while True:
            found = self._definitions(node, name, scope)
            if found:
                return merged([self._defined(each, now=now) for each in found])
            given = calls.parameter_value(self, scope, name)
            if given is not None:
                return given
            if isinstance(scope, ast.Module):
                break
            scope = scope_of(self.source, scope)
        return self._undefined(name)

    def _definitions(self, node: ast.AST, name: str, scope: Scope) -> list[Definition]:
        if scope is scope_of(self.source, node):
            return reaching(self.source, node, name, scope)
        return all_definitions(self.source, scope, name)

    def _defined(self, definition: Definition, *, now: bool) -> Value:
        if definition.value is None:
            return NOTHING_KNOWN
        value = self.value(definition.value, now=False)
        if definition.iterated:
            value = element_of(value)
        for position in definition.path:
            value = part_of(value, position)
        if definition.grows and definition.key is not None:
            label = _column_of_key(definition.key)
            if label is not None:
                return Fields({label: value})
            key = origin_of(self.value(definition.key, now=False))
            return Many(value) if key is CONSTANT else Many(Flat(combined((origin_of(value), key), _RULE)))
        return Many(value) if definition.grows and not definition.spreads else value

    def _alive(self, name: str) -> Value | None:
        if self.frame is None or (name not in self.frame.f_locals and name not in self.frame.f_globals):
            return None
        obj = self.object(name)
        if shape_of(obj) is Shape.ARRAY and self.written_into(name):
            return None
        return value_of_object(obj)

    def written_into(self, name: str) -> bool:
        """Whether the source stores into parts of what `name` stands for."""
        return name in grown_names(self.source)

    def free(self, name: str, function: ast.AST) -> Value:
        """Give what a variable of the scopes around a function may hold, whenever it runs."""
        scope = scope_of(self.source, function)
        while True:
            found = all_definitions(self.source, scope, name)
            if found:
                return merged([self._defined(each, now=False) for each in found])
            if isinstance(scope, ast.Module):
                return NOTHING_KNOWN
            scope = scope_of(self.source, scope)

    def object(self, name: str) -> Any:
        """Give the object that a name stands for now; None if there is none."""
        if self.frame is None:
            return None
        if name in self.frame.f_locals:
            return self.frame.f_locals[name]
        return self.frame.f_globals.get(name, self.frame.f_builtins.get(name))

    def _undefined(self, name: str) -> Value:
        obj = self.object(name)
        known = value_of_object(obj)
        if known is not None:
            return known
        if obj is None or callable(obj) or shape_of(obj) is Shape.SCALAR or type(obj).__name__ == "module":
            return NOTHING_KNOWN
        return OPAQUE

    def _attribute(self, node: ast.Attribute, *, now: bool) -> Value:
        owner = self.value(node.value, now=now)
        if node.attr in _NO_VALUES and not isinstance(owner, Fields):
            return Flat(owner.table.rows.as_condition()) if isinstance(owner, Tabular) else NOTHING_KNOWN
        if node.attr == "index" and isinstance(owner, Flat) and isinstance(node.value, ast.Name):
            owner = value_of_object(self.object(node.value.id)) or owner
        if isinstance(owner, Fields) and node.attr in owner.parts:
            return owner.parts[node.attr]  # type: ignore[no-any-return]
        if isinstance(owner, Tabular):
            return _attribute_of_table(owner, node.attr)
        assigned = attribute_values(self.source, node.attr)
        if assigned and origin_of(owner) is CONSTANT:
            return merged([self.value(each, now=False) for each in assigned])
        return owner

    def _subscript(self, node: ast.Subscript, *, now: bool) -> Value:
        owner = self.value(node.value, now=now)
        key = self.value(node.slice, now=now)
        label = _constant(node.slice)
        if label is not None:
            found = part_of(owner, label)
        elif isinstance(node.slice, ast.List) and isinstance(owner, Tabular):
            found = _columns(owner, [_constant(each) for each in node.slice.elts])
        elif isinstance(node.slice, ast.Tuple) and isinstance(owner, Tabular):
            found = _cell(owner, [_constant(each) for each in node.slice.elts])
        else:
            found = owner if isinstance(owner, (Tabular, Many)) else Flat(origin_of(owner))
        condition = origin_of(key).as_condition()
        return found if condition is CONSTANT else _under(found, condition)


def value_of_object(obj: Any) -> Value | None:
    """Give what is known of a live object; None when nothing is."""
    table = table_of(obj)
    if table is not None:
        return groups(table) if shape_of(obj) is Shape.GROUPED else Tabular(table, vector=table.vector)
    if isinstance(obj, (list, tuple)) and 0 < len(obj) <= _FEW:
        parts = [value_of_object(each) for each in obj]
        if all(part is not None for part in parts):
            return Fields(dict(enumerate(parts)))
    if isinstance(obj, dict) and 0 < len(obj) <= _FEW:
        by_key = {key: value_of_object(each) for key, each in obj.items()}
        if all(part is not None for part in by_key.values()):
            return Fields(by_key)
    return None


_FEW = 64


def taken_apart(target: ast.expr, value: Value) -> dict[str, Value]:
    """Bind the names of an unpacking target to the parts of `value`."""
    match target:
        case ast.Name(id=name):
            return {name: value}
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            found: dict[str, Value] = {}
            for position, part in enumerate(parts):
                found.update(taken_apart(part, part_of(value, position)))
            return found
        case ast.Starred(value=inner):
            return taken_apart(inner, value)
    return {}


def part_of(value: Value, label: Any) -> Value:
    """Give `value[label]`."""
    match value:
        case Fields(parts=parts):
            return parts[label] if label in parts else merged(parts.values())
        case Many(element=element):
            return part_of(element, label) if isinstance(label, str) else element  # type: ignore[no-any-return]
        case Tabular(table=table):
            if table.elements is not None and label in table.elements:
                return Flat(table.elements[label])
            if value.vector:
                return Flat(table.flat)
            origin = table.get(label)
            if origin is not None:
                return Tabular(table.column(label, origin), vector=True)
            if isinstance(label, int) and not isinstance(label, bool) and 0 <= label < len(table.origins):
                return Flat(table.origins[label])
            return Flat(table.flat)
        case Flat():
            return value


def _column_of_key(key: ast.expr) -> Any:
    """Give the column that `x[key] = ...` stores into; None if the key does not say."""
    if isinstance(key, ast.Tuple) and all(isinstance(part, ast.Slice) for part in key.elts[:-1]):
        return _constant(key.elts[-1])
    return _constant(key)


def _constant(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
    ):
        return None
    return None


def _columns(owner: Tabular, labels: list[Any]) -> Value:
    origins = [owner.table.get(label) for label in labels]
    if owner.vector or any(origin is None for origin in origins):
        return owner
    return Tabular(owner.table.but(labels=labels, origins=origins, elements=None))


def _cell(owner: Tabular, keys: list[Any]) -> Value:
    """`frame.loc[rows, column]`, `array[:, 2]`: only a constant last part picks a column."""
    if len(keys) != 2 or keys[1] is None or owner.vector:  # noqa: PLR2004 -- rows and columns
        return owner
    return part_of(owner, keys[1])


def _under(value: Value, condition: Any) -> Value:
    if isinstance(value, Tabular):
        return Tabular(value.table.under(condition), value.vector)
    return Flat(origin_of(value).under(condition))


_SAME = frozenset(
    ("values", "array", "T", "loc", "iloc", "at", "iat", "str", "dt", "cat", "plot", "flat", "real")
)
_NO_VALUES = frozenset(("shape", "size", "ndim", "dtype", "dtypes", "empty", "nbytes", "name", "columns"))


def _attribute_of_table(owner: Tabular, name: str) -> Value:
    table: Table = owner.table
    if name in ("index", "Index"):
        return Tabular(
            Table(range(len(table.index)), table.index, rows=table.rows), vector=len(table.index) == 1
        )
    if name == "T" and table.elements is not None:
        return Tabular(table.but(labels=table.elements.keys(), origins=table.elements.values(), elements=None))
    if name in _SAME:
        return owner
    origin = None if owner.vector else table.get(name)
    if origin is not None:
        return Tabular(table.column(name, origin), vector=True)
    return Flat(table.flat) if owner.vector or len(table.labels) == 1 else owner
