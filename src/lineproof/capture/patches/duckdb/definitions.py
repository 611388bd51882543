"""Statements that define or alter: macros that make tables, columns that come, go or are renamed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from lineproof.capture import queries
from lineproof.capture.provenance.table import CONSTANT, Table, combined
from lineproof.model.lineage import Precision

if TYPE_CHECKING:
    from lineproof.capture.patches.duckdb.statements import Database

__all__ = ["followed"]

_MACRO = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:macro|function)\s+([\w.\"]+)\s*\(([^)]*)\)"
    r"\s+as\s+(table\s+)?(.*)",
    re.IGNORECASE | re.DOTALL,
)
_ALTER = re.compile(
    r"\s*alter\s+(?:table|view)\s+(?:if\s+exists\s+)?([\w.\"]+)\s+(.*)", re.IGNORECASE | re.DOTALL
)
_COLUMN = re.compile(r"rename\s+(?:column\s+)?([\w\"]+)\s+to\s+([\w\"]+)", re.IGNORECASE)
_TABLE = re.compile(r"rename\s+to\s+([\w\"]+)", re.IGNORECASE)
_DROP = re.compile(r"\s*drop\s+(?:table|view)\s+(?:if\s+exists\s+)?([\w.\"]+)", re.IGNORECASE)

TablesIn = Callable[["Database", str], dict[str, Table]]


def followed(database: Database, text: str, tables_in: TablesIn) -> bool:
    """Follow a statement that defines a macro or alters a table; say whether it is one."""
    macro, alter, drop = _MACRO.match(text), _ALTER.match(text), _DROP.match(text)
    if macro is not None:
        _macro(database, macro, tables_in)
    elif alter is not None:
        _altered(database, _plain(alter.group(1)), alter.group(2))
    elif drop is not None:
        database.tables.pop(_plain(drop.group(1)), None)
    return any(each is not None for each in (macro, alter, drop))


def _plain(name: str) -> str:
    return name.replace('"', "").lower()


def _macro(database: Database, macro: re.Match[str], tables_in: TablesIn) -> None:
    """A macro is a table, of one value or more, whatever it is given: that is added where it is called."""
    name, parameters, makes_table, query = macro.groups()
    if makes_table is None:
        if not re.search(r"\bselect\b|\bfrom\b", query, re.IGNORECASE):
            return  # computed of what it is given alone
        name, query = f"{name}()", f"select {query} as value"
    named = [each.partition(":=")[0].strip() for each in parameters.split(",") if each.strip()]
    for parameter in named:
        query = re.sub(rf"(?<![\w.'])\b{re.escape(parameter)}\b(?!')", "NULL", query)
    labels = database.columns(f"({query})")
    if labels is None:
        database.session.gap(f"the columns of the macro {name} could not be read; it counts as unknown")
        return
    from lineproof.capture.patches.duckdb.statements import DIALECT

    database.tables[_plain(name)] = queries.asked(
        database.session, query, tables_in(database, query), labels, dialect=DIALECT
    )


def _altered(database: Database, name: str, change: str) -> None:
    """`ALTER TABLE`: columns that stay keep their origin, under whatever name."""
    before = database.tables.get(name)
    moved = _TABLE.match(change)
    if moved is not None:
        database.tables.pop(name, None)
        name = _plain(moved.group(1))
    labels = database.columns(name)
    if before is None or labels is None:
        database.tables.pop(name, None)
        return
    columns = {str(label).lower(): origin for label, origin in before.columns.items()}
    renamed = _COLUMN.match(change)
    if renamed is not None:
        old, new = (_plain(each) for each in renamed.groups())
        columns[new] = columns.pop(old, before.flat)
    computed = re.search(r"\b(using|default)\b", change, re.IGNORECASE) is not None
    fresh = combined((before.flat,), "alter", Precision.SUPERSET) if computed else CONSTANT
    database.tables[name] = Table(labels, [columns.get(label.lower(), fresh) for label in labels])
