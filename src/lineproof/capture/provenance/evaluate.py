"""Finding where a value came from by reading the source, where no hook could see.

A list comprehension over a series, a number computed from two means, a slice of an array: pandas and
numpy offer no place to stand there. The expression is followed through the source with what hooked
calls in it are known to have returned, and with the objects that are alive. What is found this way
is marked `static` and a superset.
"""

from __future__ import annotations

import ast
import threading
from types import FrameType
from typing import Any, TypeAlias

from lineproof.capture.provenance import calls
from lineproof.capture.provenance.callsite import result_at, results_at
from lineproof.capture.provenance.definitions import (
    attribute_values,
    grown_names,
)
from lineproof.capture.provenance.functions import applied, returned
from lineproof.capture.provenance.masking import masked, masks_by_name
from lineproof.capture.provenance.parts import (
    attribute_of,
    item_of,
    taken_apart,
)
from lineproof.capture.provenance.source_text import SourceText
from lineproof.capture.provenance.table import CONSTANT, Table, combined
from lineproof.capture.provenance.values import (
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
    merged,
    origin_of,
    records,
    under,
)
from lineproof.capture.provenance.variables import module_variable, variable_value

__all__ = ["Evaluation", "begin_operand", "is_exhausted"]

_DEPTH = 40
_STEPS = 3000  # expressions read for one operand; beyond that it counts as unknown
_RULE = "source text"


Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
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
        bindings: Names whose values are given (parameters, loop variables of comprehensions), each with
            the node inside which they hold.
        before: An object that the call in progress has changed, and its table before that.

    Attributes:
        repeated: What is read may have run many times: all results count, not the latest.
    """

    def __init__(
        self,
        source: SourceText,
        frame: FrameType | None,
        bindings: tuple[tuple[ast.AST, dict[str, Value]], ...] = (),
        before: tuple[Any, Table] | None = None,
    ) -> None:
        self.source = source
        self.frame = frame
        self.bindings = bindings
        self.before = before
        self.repeated = False
        self._busy: set[ast.AST] = set()

    def value(self, node: ast.AST, *, now: bool) -> Value:
        """Give the value of an expression.

        Args:
            node: The expression.
            now: It is part of the statement that runs: variables hold what they held for it.
        """
        if node in self._busy:
            return NOTHING_KNOWN  # x = f(x): nothing that the other definitions do not say
        _budget.left -= 1
        if _budget.left <= 0 or len(self._busy) > _DEPTH:
            return OPAQUE
        self._busy.add(node)
        try:
            return self.seen(node, now=now) or self._read(node, now=now)
        finally:
            self._busy.discard(node)

    def called(self, node: ast.AST, given: list[Value]) -> Value | None:
        """Give what the function that `node` stands for returns; None if it is no function we can read."""
        if isinstance(node, ast.Lambda):
            return applied(self, node, given)
        called = self.object(node.id) if isinstance(node, ast.Name) else None
        return returned(self, called, given, {})

    def seen(self, node: ast.AST, *, now: bool) -> Value | None:
        """Give what hooked calls at this very expression returned; None if none was seen."""
        if not isinstance(node, _HOOKED):
            return None
        if isinstance(node, ast.Call) and calls.reshapes(node):
            return None
        table = self.returned(node, now=now)
        if table is None:
            return None
        if table.records:
            return records(table, _method_of(node))
        grouped = table.base is not None and bool(table.elements)
        found = groups(table) if grouped else Tabular(table, vector=table.vector)
        return masked(found) if isinstance(node, ast.Call) and masks_by_name(node) else found

    def returned(self, node: ast.AST, *, now: bool) -> Table | None:
        """Give the table of what hooked calls at `node` returned: the latest, or any so far."""
        for place in self.source.places_of(node):
            table = result_at(place) if now and not self.repeated else results_at(place)
            if table is not None:
                return table
        return None

    def _read(self, node: ast.AST, *, now: bool) -> Value:  # noqa: C901, PLR0911 -- one line for each kind of expression
        match node:
            case ast.Constant():
                return NOTHING_KNOWN
            case ast.Name(id=name):
                return variable_value(self, node, name, now=now)
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
                return self._comprehension(node, element, None, now=now)
            case ast.DictComp(key=key, value=element):
                return self._comprehension(node, element, key, now=now)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen = merged((self.value(body, now=now), self.value(orelse, now=now)))
                return under(chosen, origin_of(self.value(test, now=now)))
            case ast.Lambda():
                return Flat(origin_of(self._enclosed(node, now=now)))
            case ast.NamedExpr(value=inner) | ast.Starred(value=inner) | ast.Await(value=inner):
                return self.value(inner, now=now)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                sides = (self.value(left, now=now), self.value(right, now=now))
                return Flat(combined(map(origin_of, sides), _RULE))
            case ast.BinOp(left=left, right=right):
                return elementwise([self.value(left, now=now), self.value(right, now=now)])
            case ast.UnaryOp(operand=operand):
                return self.value(operand, now=now)
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return Flat(combined((origin_of(self.value(part, now=now)) for part in parts), _RULE))

    def _enclosed(self, node: ast.Lambda, *, now: bool) -> Value:
        """Give what a lambda returns but for what it is called with: data that it encloses."""
        names: dict[str, Value] = {
            each.arg: NOTHING_KNOWN for each in ast.walk(node.args) if isinstance(each, ast.arg)
        }
        last = [*node.args.posonlyargs, *node.args.args]
        defaults = zip(reversed(last), reversed(node.args.defaults), strict=False)
        names |= {each.arg: self.value(default, now=now) for each, default in defaults}
        return self.inside(node, names).value(node.body, now=now)

    def _sequence(self, parts: list[ast.expr], *, now: bool) -> Value:
        found: list[Value] = []
        for part in parts:
            value = self.value(part, now=now)
            spread = value.parts if isinstance(part, ast.Starred) and isinstance(value, Fields) else None
            found += [value] if spread is None else [spread[at] for at in range(len(spread)) if at in spread]
        return Fields(dict(enumerate(found)))

    def _dict(self, keys: list[ast.expr | None], values: list[ast.expr], *, now: bool) -> Value:
        parts: dict[Any, Value] = {}
        computed = []
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
                computed.append(keyed)
                parts[label] = (
                    found if keyed is CONSTANT else Flat(combined((origin_of(found), keyed), _RULE))
                )
        return Fields(parts, combined(computed, _RULE))

    def _comprehension(
        self, around: Comprehension, element: ast.expr, key: ast.expr | None, *, now: bool
    ) -> Value:
        names: dict[str, Value] = {}
        inner = self.inside(around, names)
        inner.repeated = self.repeated  # the first iterable is read once
        inner._busy = self._busy
        conditions = []
        for generator in around.generators:
            each = element_of(inner.value(generator.iter, now=now))
            inner.repeated = True
            names.update(taken_apart(generator.target, each))
            conditions += [origin_of(inner.value(test, now=now)) for test in generator.ifs]
        found = under(inner.value(element, now=now), combined(conditions, _RULE))
        if key is None:
            return Many(found)
        return Many(Flat(combined((origin_of(inner.value(key, now=now)), origin_of(found)), _RULE)))

    def inside(self, node: ast.AST, names: dict[str, Value]) -> Evaluation:
        """Give a reading of a lambda or comprehension in this one, with the names bound in it."""
        inner = Evaluation(self.source, self.frame, (*self.bindings, (node, names)), self.before)
        inner.repeated = True
        return inner

    def elsewhere(self, source: SourceText, node: ast.AST, names: dict[str, Value]) -> Evaluation:
        """Give a reading of a function that is not running, of this source or another."""
        frame = self.frame if source is self.source else None
        inner = Evaluation(source, frame, ((node, names),), self.before)
        inner.repeated = True
        return inner

    def written_into(self, name: str) -> bool:
        """Whether the source stores into parts of what `name` stands for."""
        return name in grown_names(self.source)

    def object(self, name: str) -> Any:
        """Give the object that a name stands for now; None if there is none."""
        if self.frame is None:
            return None
        if name in self.frame.f_locals:
            return self.frame.f_locals[name]
        return self.frame.f_globals.get(name, self.frame.f_builtins.get(name))

    def _attribute(self, node: ast.Attribute, *, now: bool) -> Value:
        owner = self.value(node.value, now=now)
        obj = self.object(node.value.id) if isinstance(node.value, ast.Name) else None
        if type(obj).__name__ == "module" and node.attr in vars(obj):
            return module_variable(self, obj, node.attr)
        found = attribute_of(owner, node.attr, obj)
        if found is not None:
            return found
        assigned = attribute_values(self.source, node.attr)
        if assigned:
            return merged([owner, *(self._stored(value, grows) for value, grows in assigned)])
        return owner

    def attribute_anywhere(self, name: str) -> Value:
        """Give all that the source stores in attributes of this name."""
        return merged([self._stored(value, grows) for value, grows in attribute_values(self.source, name)])

    def _stored(self, value: ast.expr, grows: bool) -> Value:
        found = self.value(value, now=False)
        return Many(found) if grows else found

    def _subscript(self, node: ast.Subscript, *, now: bool) -> Value:
        owner = self.value(node.value, now=now)
        key = origin_of(self.value(node.slice, now=now))
        if isinstance(owner, Tabular) and _looks_up(node, owner):
            key = combined((key, *owner.table.index), _RULE)
        return under(item_of(owner, node.slice), key)


def _looks_up(node: ast.Subscript, owner: Tabular) -> bool:
    """Whether rows are found by their index: `series[label]`, `frame.loc[label]`."""
    place = node.value.attr if isinstance(node.value, ast.Attribute) else None
    if place in ("iloc", "iat", "values") or isinstance(node.slice, ast.Slice):
        return False
    return owner.vector or place in ("loc", "at")


def _method_of(node: ast.AST) -> str:
    called = node.func if isinstance(node, ast.Call) else None
    return called.attr if isinstance(called, ast.Attribute) else ""
