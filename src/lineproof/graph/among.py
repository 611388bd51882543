"""A condition on ids that takes any number of them as one parameter.

A list of parameters would be written out and read again for each number of ids; here the statement stays the same,
so that SQLAlchemy and the database prepare it once.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["among"]


def among(column: ColumnElement[int], name: str = "ids") -> ColumnElement[bool]:
    """Give the condition that a column holds one of the ids that the parameter `name` lists."""
    return _Among(column, bindparam(name, type_=_Ids()))


class _Among(FunctionElement[bool]):
    """`column` is in the list that a parameter holds."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> _Among:  # noqa: ARG002 - nothing binds tighter
        """Stay as it is: SQLAlchemy would compare it with 1 where booleans are numbers, and no index serves that."""
        return self


class _Ids(TypeDecorator[list[int]]):
    """A list of integers as one value: JSON text in SQLite, an array in PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else msgspec.json.encode(value).decode()


@compiles(_Among, "sqlite")
def _in_sqlite(element: _Among, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - both are made by the compiler


@compiles(_Among, "postgresql")
def _in_postgres(element: _Among, compiler: Any, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY({ids})"
