"""`frame.query` and `frame.eval`: expressions in text, read as pandas reads them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from lineproof.capture.patches.pandas.operation import Operation, Rule
from lineproof.capture.provenance.evaluate import Evaluation
from lineproof.capture.provenance.parts import value_of_object
from lineproof.capture.provenance.source_text import SourceText
from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.capture.provenance.values import Tabular, origin_of, static
from lineproof.model.lineage import Precision

__all__ = ["EVAL", "PANDAS_EVAL", "QUERY", "levels_deeper"]


def levels_deeper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep `@name` working: pandas counts frames to find its caller's variables, and ours are in between."""

    def replacement(*args: Any, **kwargs: Any) -> Any:
        kwargs["level"] = kwargs.get("level", 0) + 2  # this one and the wrapper inside
        return function(*args, **kwargs)

    return replacement


def _names(expression: str) -> tuple[set[str], set[str]]:
    """Give the columns and the `@variables`, with one attribute if they have any, that an expression names."""
    quoted = set(re.findall(r"`([^`]*)`", expression))
    text = re.sub(r"`[^`]*`", "_", expression)
    variables = set(re.findall(r"@(\w+(?:\.\w+)?)", text))
    text = re.sub(r"@\w+(\.\w+)?", "_", text)
    columns: set[str] = set(quoted)
    try:
        tree = ast.parse(text.strip().replace("&&", "&"))
        columns |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    except SyntaxError:
        columns |= set(re.findall(r"[^\W\d]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", text)))
    return columns, variables


def _read(op: Operation, table: Table, expression: str, new: dict[str, ColumnOrigin]) -> ColumnOrigin:
    """Give one origin for all that an expression reads."""
    columns, variables = _names(expression)
    found: list[ColumnOrigin] = []
    for name in columns:
        origin = new.get(name) or table.get(name)
        if origin is None and op.receiver is not None and name in ("index", *op.receiver.index.names):
            origin = table.keys
        found.append(origin if origin is not None else CONSTANT)
    frame = op.site.frame
    for variable in variables:
        name, _, attribute = variable.partition(".")
        if frame is not None:
            obj = frame.f_locals.get(name, frame.f_globals.get(name))
            known = value_of_object(obj)
            own = known.table.get(attribute) if attribute and isinstance(known, Tabular) else None
            found.append(own or (op.site.variable(name) if known is None else origin_of(known)))
    return combined(found, op.name)


def _query(op: Operation) -> Table:
    table = op.table
    condition = _read(op, table, str(op.given(0, "expr")), {}).as_condition()
    return op.alike(table.origins, table).under(condition)


def _eval(op: Operation) -> Table:
    """`eval('c = a + b')` adds columns; without `=` it computes one value."""
    table = op.table
    text = str(op.given(0, "expr"))
    new: dict[str, ColumnOrigin] = {}
    last: ColumnOrigin = CONSTANT
    for line in filter(None, (each.strip() for each in text.splitlines())):
        match = re.match(r"^`?([^`=<>!]+?)`?\s*=(?!=)\s*(.+)$", line)
        expression = match.group(2) if match else line
        last = _read(op, table, expression, new)
        if match:
            new[match.group(1)] = last.under(table.rows)
    if not new:
        return op.shaped(lambda _: last, index=table.index, rows=table.rows)
    return op.shaped(
        lambda label: new.get(label) or table.get(label) or CONSTANT, index=table.index, rows=table.rows
    )


def _pandas_eval(op: Operation) -> Table:
    """`pandas.eval('a.x + b.y')` reads variables of the caller."""
    text = str(op.given(0, "expr")).replace("@", "")
    try:
        tree = ast.parse(text.strip())
    except SyntaxError:
        return op.shaped(lambda _: CONSTANT.at_best(Precision.UNKNOWN))
    last = tree.body[-1]
    expression = last.value if isinstance(last, (ast.Expr, ast.Assign)) else last
    found = origin_of(static(Evaluation(SourceText(tree), op.site.frame).value(expression, now=True)))
    return op.shaped(lambda _: found.by(op.name))


QUERY: Rule = _query
EVAL: Rule = _eval
PANDAS_EVAL: Rule = _pandas_eval
