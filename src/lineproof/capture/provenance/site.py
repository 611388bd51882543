"""The operands of the call in progress: what is known of each, by object or by source."""

from __future__ import annotations

import ast
import re
from types import FrameType
from typing import Any, TypeAlias

from lineproof.capture.place import is_library
from lineproof.capture.provenance.attachment import Shape, shape_of, table_of, viewed_table
from lineproof.capture.provenance.callsite import Place, note_at, note_result, user_frame
from lineproof.capture.provenance.conditions import tests_around
from lineproof.capture.provenance.definitions import choices
from lineproof.capture.provenance.evaluate import (
    Evaluation,
    begin_operand,
    is_exhausted,
)
from lineproof.capture.provenance.functions import returned
from lineproof.capture.provenance.parts import value_of_object
from lineproof.capture.provenance.source_text import SourceText, source_of
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import (
    NOTHING_KNOWN,
    OPAQUE,
    Fields,
    Flat,
    Many,
    Tabular,
    Value,
    keyed,
    keys_of,
    origin_of,
    static,
    under,
)
from lineproof.model.lineage import How, Precision

__all__ = ["Site", "Slot", "constant"]

Slot: TypeAlias = int | str | tuple[str, int | str] | None

_HOLD_NOTHING = (slice, type, type(Ellipsis), re.Pattern)
# Where literal operands stand, by instruction: they need no second look.
_literal: dict[tuple[int, int, Any], object] = {}
# Operands whose source was too long to follow: they are not tried again.
_given_up: dict[tuple[int, int, Slot], object] = {}


class Site:
    """The place in the user's program from which a hooked function was called."""

    def __init__(self) -> None:
        self.frame: FrameType | None = user_frame()
        self._node: ast.AST | None = None
        self._source: SourceText | None = None
        self._read = False
        self.before: tuple[Any, Table] | None = None  # the receiver, which may have changed, as it was
        self.whenever = False  # operands are asked for as they may be at any time the place is reached

    @property
    def place(self) -> Place | None:
        """The instruction, to recognise the place by."""
        return None if self.frame is None else (id(self.frame.f_code), self.frame.f_lasti)

    def note(self, table: Table) -> None:
        """Remember what the call returned, for expressions that use it unseen."""
        if self.frame is not None:
            note_result(self.frame, table)

    def note_iterated(self, table: Table) -> None:
        """Remember what the loop that begins gets: libraries read only when they are gone through."""
        self.expression(None)
        match self._node:
            case ast.For(iter=iterated):
                pass
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                iterated = self._node.generators[0].iter
            case _:
                self.note(table)
                return
        if self._source is not None and self.frame is not None:
            for place in self._source.places_of(iterated):
                note_at(place, self.frame.f_code, table)

    def operand(self, obj: Any, slot: Slot, given: Table | None = None) -> Value:
        """Give what is known of an operand.

        Args:
            given: What a function that stands there was called with.
            obj: The object itself.
            slot: Where it stands in the source: argument number (the receiver of a method is -1, its
                first argument 0), keyword, `left` or `right` of an operator, `value` of an assignment,
                `key` of a subscript, `("key", 0)` for the first part of such a key.
        """
        shape = shape_of(obj)
        if obj is None or obj is True or obj is False or isinstance(obj, _HOLD_NOTHING):
            return NOTHING_KNOWN
        if shape is Shape.OTHER and not hasattr(obj, "__iter__") and not hasattr(obj, "__array__"):
            return NOTHING_KNOWN  # a type, an offset, an option
        if shape is not Shape.ARRAY and not self.whenever:
            known = value_of_object(obj)
            if isinstance(known, Fields) and isinstance(obj, dict):
                return keyed(known, self.keys(obj, slot))
            if known is not None:
                return under(known, self._choice(slot)) if shape is Shape.SCALAR else known
        if self.frame is None:
            return self._guess(obj)
        place = (id(self.frame.f_code), self.frame.f_lasti, slot)
        if place in _literal:
            return NOTHING_KNOWN
        return self._from_source(obj, slot, place, given)

    def keys(self, obj: Any, slot: Slot) -> ColumnOrigin:
        """Give what the source says of the keys of a mapping, whose values may carry what is known of them."""
        expression = self.expression(slot)
        if isinstance(expression, ast.Dict) and all(isinstance(key, ast.Constant) for key in expression.keys):
            return CONSTANT
        keys = keys_of(self.operand_unknown(obj, slot))
        return CONSTANT if keys.precision is Precision.UNKNOWN else keys

    def _choice(self, slot: Slot) -> ColumnOrigin:
        """Give what decided that a number stands there and not another: `a if test else b`, a branch."""
        place = None if self.frame is None else (id(self.frame.f_code), self.frame.f_lasti, ("choice", slot))
        if place is None or place in _literal:
            return CONSTANT
        expression = self.expression(slot)
        tests = [] if expression is None or self._source is None else choices(self._source, expression)
        if not tests or self._source is None:
            _literal[place] = self.frame.f_code if self.frame is not None else None
            return CONSTANT
        begin_operand()
        evaluation = Evaluation(self._source, self.frame, before=self.before)
        values = [evaluation.value(test, now=True) for test in tests]
        return combined([origin_of(static(value)) for value in values], "branch").as_condition()

    def is_literal(self, slot: Slot) -> bool:
        """Whether a literal stands there."""
        expression = self.expression(slot)
        return expression is not None and _is_literal(expression)

    def operand_unknown(self, obj: Any, slot: Slot) -> Value:
        """Give what the source says of an operand, whatever the object itself may know."""
        if self.frame is None:
            return self._guess(obj)
        return self._from_source(obj, slot, (id(self.frame.f_code), self.frame.f_lasti, slot))

    def _from_source(
        self, obj: Any, slot: Slot, place: tuple[int, int, Slot], given: Table | None = None
    ) -> Value:
        expression = self.expression(slot)
        table = table_of(obj)
        if table is not None and not table.says_nothing and not self._rewritten(expression):
            return Tabular(table, vector=table.vector)
        if expression is None or self._source is None:
            return Tabular(table, vector=table.vector) if table is not None else self._guess(obj)
        if _is_literal(expression):
            _literal[place] = self.frame.f_code if self.frame else None
            return NOTHING_KNOWN
        view = viewed_table(obj)
        if view is not None and view.is_uniform and view.elements is None and not self._rewritten(expression):
            return Flat(view.flat)
        if place in _given_up:
            return self._guess(obj)
        begin_operand()
        evaluation = Evaluation(self._source, self.frame, before=self.before)
        if self.whenever:
            return static(evaluation.value(expression, now=False))
        seen = evaluation.seen(expression, now=True)
        called = None if given is None else evaluation.called(expression, [Tabular(given, given.vector)])
        value = seen or static(called or evaluation.value(expression, now=True))
        if is_exhausted():
            _given_up[place] = self.frame.f_code if self.frame else None
            return self._guess(obj)
        if view is not None and origin_of(value).precision is Precision.UNKNOWN:
            return Flat(view.flat.at_best(Precision.SUPERSET))
        return value if shape_of(obj) is Shape.SCALAR else self._completed(value, obj)

    def _completed(self, value: Value, obj: Any) -> Value:
        """Where the source leads nowhere, name all that is in scope."""
        match value:
            case Flat(origin=origin) if origin.precision is Precision.UNKNOWN:
                guess = origin_of(self._guess(obj))
                return Flat(combined((origin, guess), guess.rule))
            case Many(element=element):
                return Many(self._completed(element, obj))
            case Fields(parts=parts, keys=keys):
                return Fields({label: self._completed(part, obj) for label, part in parts.items()}, keys)
        return value

    def bounds(self, slot: Slot) -> ColumnOrigin:
        """Give what went into the bounds of a slice; most often they are literals."""
        place = None if self.frame is None else (id(self.frame.f_code), self.frame.f_lasti, slot)
        if place is None or place in _literal:
            return CONSTANT
        expression = self.expression(slot)
        if expression is None or self._source is None:
            return CONSTANT
        parts = [expression.lower, expression.upper] if isinstance(expression, ast.Slice) else []
        if all(part is None or _is_literal(part) for part in parts):
            _literal[place] = self.frame.f_code if self.frame is not None else None
            return CONSTANT
        begin_operand()
        evaluation = Evaluation(self._source, self.frame, before=self.before)
        values = [evaluation.value(part, now=True) for part in parts if part is not None]
        return combined([origin_of(static(value)) for value in values], "slice")

    def branch(self) -> ColumnOrigin:
        """Give what decided that the statement in progress runs, inside its function."""
        place = None if self.frame is None else (id(self.frame.f_code), self.frame.f_lasti, "branch")
        if place is None or place in _literal:
            return CONSTANT
        self.expression(None)
        if self._source is None or self._node is None:
            return CONSTANT
        tests = tests_around(self._source, self._node, self._source.tree)
        if not tests:
            _literal[place] = self.frame.f_code if self.frame is not None else None
            return CONSTANT
        begin_operand()
        evaluation = Evaluation(self._source, self.frame, before=self.before)
        evaluation.repeated = self.whenever
        values = [evaluation.value(test, now=not self.whenever) for test in tests]
        return combined([origin_of(static(value)) for value in values], "branch").as_condition()

    def arguments(self, but: int) -> ColumnOrigin:
        """Give what went into the call in progress, along its chain of calls; its argument `but` left out."""
        self.expression(None)
        node, given = self._node, list[ast.expr]()
        while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
            if isinstance(node, ast.Call):
                handed = [each for at, each in enumerate(node.args) if at != but or node is not self._node]
                given += [*handed, *(each.value for each in node.keywords)]
                node = node.func
            else:
                node = node.value
        if self._source is None or all(map(_is_literal, given)):
            return CONSTANT
        begin_operand()
        evaluation = Evaluation(self._source, self.frame, before=self.before)
        return combined(
            [origin_of(static(evaluation.value(each, now=True))) for each in given], "source text"
        )

    def result_of(self, function: Any, given: list[Value]) -> Value | None:
        """Give what a function of the program returns for these arguments; None if it cannot be read."""
        self.expression(None)
        if self._source is None:
            return None
        begin_operand()
        found = returned(Evaluation(self._source, self.frame, before=self.before), function, given, {})
        return None if found is None or is_exhausted() else static(found)

    def variable(self, name: str) -> ColumnOrigin:
        """Give what went into a variable of the caller, by the source."""
        self.expression(None)
        if self._source is None or self._node is None:
            return OPAQUE.origin
        begin_operand()
        use = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), self._node)
        self._source.parents[use] = self._source.parents.get(self._node, self._source.tree)
        evaluation = Evaluation(self._source, self.frame, before=self.before)
        return origin_of(static(evaluation.value(use, now=True)))

    def _rewritten(self, expression: ast.expr | None) -> bool:
        """Whether parts of an array may have been overwritten: that is invisible but in the source."""
        while isinstance(expression, (ast.Subscript, ast.Attribute)):
            expression = expression.value
        if not isinstance(expression, ast.Name) or self._source is None:
            return False
        return Evaluation(self._source, self.frame).written_into(expression.id)

    def expression(self, slot: Slot) -> ast.expr | None:
        """Give the expression of an operand; None where the source cannot be had or does not show it."""
        if not self._read:
            self._read = True
            # A library's own source says nothing of the program's columns, and there is much of it.
            mine = self.frame is not None and not is_library(self.frame.f_code.co_filename)
            self._source = source_of(self.frame) if self.frame is not None and mine else None
            if self._source is not None and self.frame is not None:
                self._node = self._source.node_at(self.frame.f_code, self.frame.f_lasti)
        if self._node is None or self._source is None:
            return None
        return _operand_of(self._source, self._node, slot)

    def _guess(self, obj: Any) -> Value:
        """All columns of all frames in scope: what an object of unknown origin may hold."""
        if shape_of(obj) is Shape.SCALAR:
            return OPAQUE
        if self.frame is None or is_library(self.frame.f_code.co_filename):
            return OPAQUE
        tables = list(_live_tables(self.frame))
        guessed = combined((table.flat for table in tables), "frames in scope", Precision.UNKNOWN)
        return Flat(guessed.at_best(Precision.UNKNOWN, How.INFERRED))


def _live_tables(frame: FrameType) -> list[Table]:
    variables = {**frame.f_globals, **frame.f_locals}
    shapes = (Shape.FRAME, Shape.SERIES, Shape.ARRAY, Shape.TABLE, Shape.COLUMN, Shape.PLAN)
    tables = [table_of(obj) for obj in variables.values() if shape_of(obj) in shapes]
    return [table for table in tables if table is not None]


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_literal(operand)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return all(_is_literal(part) for part in parts)
        case ast.Dict(keys=keys, values=values):
            return all(part is not None and _is_literal(part) for part in (*keys, *values))
        case ast.BinOp(left=left, right=right):
            return _is_literal(left) and _is_literal(right)
    return False


def _operand_of(source: SourceText, node: ast.AST, slot: Slot) -> ast.expr | None:
    match node:
        case ast.Call():
            return _argument(source, node, slot[1] if isinstance(slot, tuple) else slot)
        case (
            ast.BinOp(left=left, right=right)
            | ast.Compare(left=left, comparators=[right])
            | ast.AugAssign(target=left, value=right)
        ):
            return left if slot == "left" else right if slot == "right" else None
        case ast.Subscript() | ast.Attribute() if slot == "value" or (
            isinstance(slot, tuple) and slot[0] == "value"
        ):
            return _assigned(source, node)
        case ast.Subscript() if slot == "key":
            return node.slice
        case ast.Subscript(slice=ast.Tuple(elts=parts)) if slot == ("key", 0):
            return parts[0]
        case ast.Subscript() if slot == ("key", 0):
            return node.slice
        case ast.Subscript() | ast.Attribute() if slot == -1:
            return node.value
        case ast.UnaryOp() if slot == -1:
            return node.operand
    return None


def _argument(source: SourceText, call: ast.Call, slot: Slot) -> ast.expr | None:
    if slot == -1:
        return call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(slot, str):
        named = {each.arg: each.value for each in call.keywords}
        return named.get(slot, named.get(None))  # **options may hold it
    if not isinstance(slot, int):
        return None
    for at, each in enumerate(call.args[: slot + 1]):
        if isinstance(each, ast.Starred):  # what follows it may stand in it or behind
            last = at == len(call.args) - 1
            return _part(source, each, slot - at) if last else None
    return call.args[slot] if slot < len(call.args) else None


def _part(source: SourceText, starred: ast.Starred, position: int) -> ast.expr:
    """Give an expression for one argument of those that a star spreads."""
    part = ast.Subscript(value=starred.value, slice=ast.Constant(value=position), ctx=ast.Load())
    part.lineno = part.end_lineno = part.col_offset = part.end_col_offset = -1  # it stands nowhere
    source.parents[part] = starred
    return part


def _assigned(source: SourceText, target: ast.expr) -> ast.expr | None:
    """Give the expression whose value is stored in `target`."""
    path: list[int] = []
    node: ast.AST = target
    above = source.parents.get(node)
    while isinstance(above, (ast.Tuple, ast.List)):
        path.insert(0, next(at for at, each in enumerate(above.elts) if each is node))
        node, above = above, source.parents.get(above)
    match above:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            for position in path:
                if isinstance(value, (ast.Tuple, ast.List)) and position < len(value.elts):
                    value = value.elts[position]
            return value
        case ast.AugAssign():
            return ast.copy_location(ast.BinOp(left=above.target, op=above.op, right=above.value), above)
    return None


def constant(value: Value) -> bool:
    """Whether nothing but literals went into `value`."""
    return isinstance(value, Flat) and value.origin is CONSTANT
