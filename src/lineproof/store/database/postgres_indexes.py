"""The indexes as PostgreSQL has them: its B-trees take no row of more than a third of a page.

Names come from outside and may be of any length. One that is looked up by is in a hash index; a long one that is
part of a key is shortened on its way in (`postgres_session`).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import Index
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

from lineproof.store import schema

__all__: list[str] = []

# The other columns are in the table: SQLite's index covers them, here they would not fit.
_NARROW = {"edge_upstream": ("dst", "src")}


def _fitted(index: Index) -> Index:
    options = index.dialect_options
    options["postgresql"]["where"] = options["sqlite"]["where"]
    columns = list(index.columns)
    if len(columns) == 1 and isinstance(columns[0].type, sqlalchemy.Text):
        options["postgresql"]["using"] = "hash"
    return index


_FITTED = {
    str(index.name): _fitted(index) for table in schema.metadata.tables.values() for index in table.indexes
}


@compiles(CreateIndex, "postgresql")
def _create_index(create: CreateIndex, compiler: Any, **options: Any) -> str:
    """Make an index as the schema has it, whether a migration or a new ledger asks for it."""
    name = str(create.element.name)
    if name in _NARROW and create.element.table is not None:
        return f"CREATE INDEX {name} ON {create.element.table.name} ({', '.join(_NARROW[name])})"
    asked = CreateIndex(_FITTED.get(name, create.element))
    return str(compiler.visit_create_index(asked, **options))
