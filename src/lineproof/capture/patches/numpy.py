"""numpy: functions that choose, put together or take apart arrays.

Methods and operators of arrays cannot be hooked; what they give is found through the source. Nor are
reductions wrapped: pandas knows `numpy.mean` by identity and would take a slower path for a wrapper.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lineproof.capture.patches import numpy_files
from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.attachment import Shape, attach, shape_of
from lineproof.capture.provenance.callsite import called_directly
from lineproof.capture.provenance.parts import value_of_object
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.unfollowed import Unfollowed
from lineproof.capture.provenance.values import Fields, Many, Tabular, Value, elementwise, origin_of

if TYPE_CHECKING:
    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["NumpyPatch"]


def _where(op: Operation) -> Table:
    """`where(condition, x, y)`: both branches are direct, the condition is not."""
    condition = op.operand(0, "condition")
    if op.given(1, "x") is None:
        return op.shaped(lambda _: origin_of(condition))
    branches = elementwise([op.operand(1, "x"), op.operand(2, "y")], op.name)
    return _like(op, branches, origin_of(condition).as_condition(), _main([branches, condition]))


def _select(op: Operation) -> Table:
    """`select(conditions, choices, default)`, `piecewise(x, conditions, functions)`, `choose(a, choices)`."""
    at = {"select": (0, 1), "piecewise": (1, 0), "choose": (0, 1)}[op.name]
    names = {
        "select": ("condlist", "choicelist"),
        "piecewise": ("condlist", "x"),
        "choose": ("a", "choices"),
    }[op.name]
    condition = origin_of(op.operand(at[0], names[0])).as_condition()
    chosen = [
        origin_of(op.operand(at[1], names[1])),
        op.origin(2, "default" if op.name == "select" else "funclist"),
    ]
    return op.shaped(lambda _: combined(chosen, op.name).under(condition), rows=_main_rows(op))


def _main(values: list[Value]) -> ColumnOrigin:
    return combined([each.table.rows for each in values if isinstance(each, Tabular)], "rows").as_condition()


def _main_rows(op: Operation) -> ColumnOrigin:
    return _main(op.arguments())


def _like(op: Operation, value: Value, condition: ColumnOrigin, rows: ColumnOrigin) -> Table:
    labels = op.labels()
    if isinstance(value, Tabular) and len(value.table.labels) == len(labels):
        return op.alike([origin.under(condition) for origin in value.table.origins], value.table, rows=rows)
    return op.shaped(lambda _: origin_of(value).under(condition), rows=rows)


def _elementwise(op: Operation) -> Table:
    """Each element from those at the same place."""
    values = op.arguments()
    return _like(op, elementwise(values, op.name), CONSTANT, _main(values))


def _side_by_side(op: Operation) -> Table:
    """`column_stack`, `hstack` of matrices, `c_`: columns in order."""
    objects, whole = _members(op)
    origins: list[ColumnOrigin] = []
    for at, obj in enumerate(objects):
        value = _member(obj, at, whole)
        width = obj.shape[1] if len(getattr(obj, "shape", ())) > 1 else 1
        if isinstance(value, Tabular) and len(value.table.origins) == width:
            origins += value.table.origins
        else:
            origins += [origin_of(value)] * width
    labels = op.labels()
    rows = _main([_member(obj, at, whole) for at, obj in enumerate(objects)])
    if len(origins) != len(labels):
        flat = combined(origins, op.name)
        return op.shaped(lambda _: flat, rows=rows)
    return Table(labels, [origin.by(op.name) for origin in origins], rows=rows, vector=len(labels) == 1)


def _members(op: Operation) -> tuple[list[Any], Value]:
    """Give the arrays that are put together, and what the source says of them all."""
    given = op.call.args[1] if op.name == "__getitem__" else op.call.args[0]
    objects = list(given) if isinstance(given, (list, tuple)) else [given]
    return objects, op.site.operand_unknown(given, "key" if op.name == "__getitem__" else 0)


def _member(obj: Any, at: int, whole: Value) -> Value:
    if shape_of(obj) is not Shape.ARRAY:
        known = value_of_object(obj)
        if known is not None:
            return known
    if isinstance(whole, Fields) and at in whole.parts:
        return whole.parts[at]  # type: ignore[no-any-return]
    known = value_of_object(obj)
    if known is not None:
        return known
    return whole.element if isinstance(whole, Many) else whole


def _put_together(op: Operation) -> Table:
    """`concatenate(arrays, axis=0)`, `vstack`, `append`: rows after one another, or columns side by side."""
    if op.name == "append":
        return op.shaped(lambda _: combined([op.origin(0, "arr"), op.origin(1, "values")], op.name))
    if op.name == "concatenate" and op.given(1, "axis", 0) == 1:
        return _side_by_side(op)
    if op.name == "stack" and op.given(1, "axis", 0) in (1, -1):
        return _side_by_side(op)
    objects, whole = _members(op)
    values = [_member(obj, at, whole) for at, obj in enumerate(objects)]
    if op.name == "hstack" and any(len(getattr(obj, "shape", ())) > 1 for obj in objects):
        return _side_by_side(op)
    found = _like(op, elementwise(values, op.name), CONSTANT, _main(values))
    if op.name in ("vstack", "stack"):  # one row each: `.T` makes them columns
        found = found.but(elements={at: origin_of(value) for at, value in enumerate(values)})
    return found


def _computed(op: Operation) -> Table:
    """All that went in may be anywhere in what came out."""
    values = op.arguments()
    return op.shaped(lambda _: combined([origin_of(value) for value in values], op.name), rows=_main(values))


_RULES: dict[str, Rule] = {
    "where": _where,
    "select": _select,
    "piecewise": _select,
    "choose": _select,
    **dict.fromkeys(("clip", "digitize", "nan_to_num", "round", "around", "interp", "isin", "diff"), _elementwise),
    **dict.fromkeys(("column_stack",), _side_by_side),
    **dict.fromkeys(("concatenate", "hstack", "vstack", "stack", "append"), _put_together),
    **dict.fromkeys(("unique", "searchsorted", "percentile", "quantile", "polyfit", "polyval", "outer"), _computed),
    **dict.fromkeys(("load", "loadtxt", "genfromtxt", "fromfile", "fromregex"), numpy_files.READ),
}  # fmt: skip


class NumpyPatch:
    """Observes numpy 2."""

    library = "numpy"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap numpy's functions."""
        for name, rule in _RULES.items():
            session.instrument.wrap(
                module,
                name,
                name=f"numpy.{name}",
                after=_after(session, rule),
                light=None if rule is numpy_files.READ else Unfollowed(),
            )
        put = type(module.c_)  # np.c_[a, b]
        session.instrument.wrap(
            put, "__getitem__", name="numpy.c_.__getitem__", after=_after(session, _side_by_side)
        )
        _files(module, session)


def _files(module: ModuleType, session: Session) -> None:
    """Wrap what reads and writes arrays, at any depth of numpy's own code."""
    wrap = session.instrument.wrap
    for name, rule in numpy_files.WRITES.items():
        owner = {"tofile": module.ndarray, "flush": module.memmap}.get(name, module)
        before = _in_steps(session) if name == "savetxt" else None
        wrap(owner, name, name=f"numpy.{name}", before=before, after=_after(session, rule))
    wrap(
        module.lib.npyio.NpzFile,
        "__getitem__",
        name="numpy.NpzFile.__getitem__",
        after=_after(session, numpy_files.FROM_ARCHIVE, inner=True),
    )
    # The class is its first argument, as the object is a method's.
    mapped = _after(session, numpy_files.MAPPED, subject=lambda call: call.args[0])
    wrap(module.memmap, "__new__", name="numpy.memmap", after=mapped)


def _in_steps(session: Session) -> Callable[[Call], None]:
    """`savetxt` empties the file before it writes: that is no content of it."""

    def before(call: Call) -> None:
        session.files.writing(call.args[0] if call.args else call.kwargs.get("fname"))

    return before


def _after(
    session: Session,
    rule: Rule,
    *,
    inner: bool = False,
    subject: Callable[[Call], Any] | None = None,
) -> Callable[[Call], None]:
    def after(call: Call) -> None:
        if not inner and not called_directly():
            return  # numpy's own functions call one another
        op = Operation(call, session, subject)
        table = rule(op)
        if not isinstance(table, Table):
            return
        for part in call.result if isinstance(call.result, tuple) else (call.result,):
            attach(part, table)
        op.site.note(table)

    return after
