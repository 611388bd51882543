"""Expressions over the columns of a dataset or table, `pc.field("a") > 1`: which columns they read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lineproof.capture.provenance.table import CONSTANT, ColumnOrigin, Table, combined
from lineproof.model.lineage import Precision

__all__ = ["is_expression", "of_expression", "of_filters", "words_of"]

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPTIONS = re.compile(r"\{[^{}]*\}")
_NESTED = re.compile(r"FieldRef\.Nested\(FieldRef\.Name\(([^()]*)\)[^)]*\)(?:[^)]*\))*?\)")
_WORD = re.compile(r"(?<![\w:.-])[^\W\d]\w*+(?!\()")
_KEYWORDS = frozenset(("and", "or", "not", "true", "false", "null", "FieldRef"))
_BRANCHES = ("if_else(", "case_when(", "choose(", "FieldPath")


def is_expression(obj: Any) -> bool:
    """Whether an object is an expression of pyarrow."""
    return type(obj).__name__ == "Expression" and type(obj).__module__ == "pyarrow._compute"


def _text(expression: Any) -> str:
    """Give the text of an expression without literals and options."""
    text = _TEXT.sub("", str(expression))
    while _OPTIONS.search(text):
        text = _OPTIONS.sub("", text)
    return _NESTED.sub(r" \1 ", text)


def words_of(expression: Any) -> set[str]:
    """Give the words of an expression that are no functions: columns, and what looks like one."""
    return set(_WORD.findall(_text(expression))) - _KEYWORDS


def of_expression(expression: Any, table: Table) -> ColumnOrigin:
    """Give the origin of an expression over a table's columns, by its text."""
    text, words = _text(expression), words_of(expression)
    names = [label for label in table.labels if isinstance(label, str)]
    used = [name for name in names if (name in words if _WORD.fullmatch(name) else name in text)]
    plain = all(_WORD.fullmatch(name) for name in used) and not any(each in text for each in _BRANCHES)
    if "FieldPath" in text:
        used = names
    found = combined([table.get(name) or CONSTANT for name in used], "expression")
    return found if plain else found.at_best(Precision.SUPERSET)


def of_filters(filters: Any, table: Table) -> ColumnOrigin:
    """Give what decides by `filters=`: an expression, or lists of (column, operator, value)."""
    if filters is None:
        return CONSTANT
    if is_expression(filters):
        return of_expression(filters, table).as_condition()
    return combined([table.get(name) or CONSTANT for name in _named(filters)], "filter").as_condition()


def _named(filters: Iterable[Any]) -> Iterable[str]:
    for each in filters:
        if isinstance(each, (list, tuple)) and each and isinstance(each[0], str):
            yield each[0]
        elif isinstance(each, (list, tuple)):
            yield from _named(each)
